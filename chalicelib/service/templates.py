"""The console's templates: what each is for, its parameters with their types, and definitions made from it.

The templates are files beside the code and are read when they are first asked for.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.model import Definition, ParameterObject, ParameterValue
from chalicelib.domain.definition.parameters import Parameter, declared
from chalicelib.domain.errors import InvalidRequest

TEMPLATES = Path(__file__).parents[1] / "templates"

SAYS: Mapping[str, tuple[str, str]] = {
    "getting-started-using-shellcommandactivity": (
        "Getting Started Using ShellCommandActivity",
        "Counts the GET requests in log files, or runs another command over a folder, four times a quarter of an hour "
        "apart.",
    ),
    "run-aws-cli-command": ("Run AWS CLI Command", "Runs a command of the AWS CLI on a schedule."),
    "export-dynamodb-table-to-s3": ("Export DynamoDB Table to S3", "Writes every item of a table; needs no cluster."),
    "import-dynamodb-backup-from-s3": (
        "Import DynamoDB Backup Data from S3",
        "Puts the items of an export into a table; items that are there are replaced. Needs no cluster.",
    ),
    "run-job-on-an-emr-cluster": (
        "Run Job on an Amazon EMR Cluster",
        "Makes a cluster, runs steps on it and terminates it.",
    ),
    "full-copy-of-rds-mysql-table-to-s3": (
        "Full Copy of Amazon RDS MySQL Table to Amazon S3",
        "Writes a whole table as CSV. MySQL, MariaDB and PostgreSQL.",
    ),
    "incremental-copy-of-rds-mysql-table-to-s3": (
        "Incremental Copy of Amazon RDS MySQL Table to Amazon S3",
        "Writes, for each interval, the rows that were changed inside it as CSV. MySQL, MariaDB and PostgreSQL.",
    ),
    "load-s3-data-into-rds-mysql-table": (
        "Load S3 Data into Amazon RDS MySQL Table",
        "Adds the rows of a CSV file to a table, and updates those that are there. MySQL, MariaDB and PostgreSQL.",
    ),
    "full-copy-of-rds-mysql-table-to-redshift": (
        "Full Copy of Amazon RDS MySQL Table to Amazon Redshift",
        "Copies a whole table by way of S3, and makes the table where it is missing. MySQL, MariaDB and PostgreSQL.",
    ),
    "incremental-copy-of-rds-mysql-table-to-redshift": (
        "Incremental Copy of an Amazon RDS MySQL Table to Amazon Redshift",
        "The same for the rows that were changed inside each interval.",
    ),
    "load-s3-data-into-redshift": (
        "Load Data from Amazon S3 into Amazon Redshift",
        "Loads every object of a folder into a table, with the options of COPY.",
    ),
}
"""Title in the console and what it does, by file; the order is the console's."""


@dataclass(frozen=True, slots=True)
class TemplateParameter:
    """A declared parameter, and what is said of it."""

    parameter: Parameter
    description: str
    help_text: str
    example: str


@dataclass(frozen=True, slots=True)
class Template:
    """A definition to be given values."""

    name: str
    title: str
    says: str
    definition: Definition

    @property
    def parameters(self) -> tuple[TemplateParameter, ...]:
        """In the order they are asked for."""
        kinds = declared(self.definition)
        return tuple(_described(item, kinds[item.id]) for item in self.definition.parameters)


def templates() -> Sequence[str]:
    """Every template's name, in the console's order."""
    return tuple(SAYS)


@cache
def named(name: str) -> Template:
    """The template of that name, which must be one of `templates`."""
    title, says = SAYS[name]
    document = json.loads((TEMPLATES / f"{name}.json").read_text(encoding="utf-8"))
    return Template(name, title, says, from_file(document))


def filled(found: Template, values: Mapping[str, Sequence[str]]) -> Definition:
    """The template's definition with these parameter values. Whether they fit is for validation to say.

    Raises   InvalidRequest for a parameter that the template does not have
    """
    known = declared(found.definition)
    for name in values:
        if name not in known:
            raise InvalidRequest(
                f"template.parameters.{name[:64]}: the template has no such parameter; it has {', '.join(known)}"
            )
    given = tuple(ParameterValue(name, text) for name, texts in values.items() for text in texts)
    return replace(found.definition, values=given)


def _described(item: ParameterObject, parameter: Parameter) -> TemplateParameter:
    texts = {attribute.key: attribute.value for attribute in item.attributes}
    words = (texts.get(key, "") for key in ("description", "helpText", "watermark"))
    return TemplateParameter(parameter, *words)
