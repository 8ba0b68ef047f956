"""The page of the console's templates, from the templates themselves; see docs/generate.py."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parents[1] / "chalicelib" / "templates"

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

_USE = """`chalicelib/templates/` holds the templates of the service's console as definitions.
Give the parameters values:

    aws datapipeline put-pipeline-definition --pipeline-id df-… \\
        --pipeline-definition file://chalicelib/templates/full-copy-of-rds-mysql-table-to-s3.json \\
        --parameter-values myRDSInstanceId=shop myRDSUsername=reader '*myRDSPassword=…' \\
            myRDSTableName=orders myOutputS3Loc=s3://bucket/orders

A template on demand runs once an activation; to run it on a schedule give `Default` a `schedule` and another
`scheduleType`.
"""


def templates_page(made: str) -> str:
    """The page; `made` says that it is generated."""
    lines = ["# Console templates", "", made, _USE]
    for name in SAYS:
        lines += _section(name, json.loads((TEMPLATES / f"{name}.json").read_text(encoding="utf-8")))
    return "\n".join(lines)


def _section(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    title, says = SAYS[name]
    types = dict.fromkeys(each["type"] for each in document["objects"] if "type" in each)
    yield from (f"## {title}", "", f"{says} File: `{name}.json`. Objects: {', '.join(types)}.", "")
    yield from ("| parameter | type | default | what |", "|---|---|---|---|")
    yield from map(_row, document["parameters"])
    yield ""


def _row(parameter: Mapping[str, Any]) -> str:
    several = ", several" if parameter.get("isArray") == "true" else ""
    cells = (f"`{parameter['id']}`", parameter["type"] + several, _default(parameter), " ".join(_words(parameter)))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(parameter: Mapping[str, Any]) -> str:
    found: str | Sequence[str] = parameter.get("default", ())
    texts = [found] if isinstance(found, str) else found
    shown = ", ".join(f"`{text}`" for text in texts if text.strip())
    return shown or ("none, optional" if parameter.get("optional") == "true" else "")


def _words(parameter: Mapping[str, Any]) -> Iterator[str]:
    yield f"{parameter['description']}."
    if parameter.get("allowedValues"):
        yield f"One of {', '.join(f'`{each}`' for each in parameter['allowedValues'])}."
    if parameter.get("helpText"):
        yield parameter["helpText"]
    if parameter["id"].startswith("*"):
        yield "Kept secret."
