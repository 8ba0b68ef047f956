"""RedshiftDatabase and RedshiftDataNode as executors see them. Must not know what is done with a table.

The Data API takes no password. Who asks is the database user `username` (temporary credentials, which the definition's
role must be allowed to get), or the secret whose ARN stands in `*password`.
Source: developer guide, "RedshiftDatabase", "RedshiftDataNode"; Redshift Management Guide, "Connecting".
"""

import re
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.warehouse import Warehouse

DATABASE = "RedshiftDatabase"
NODE = "RedshiftDataNode"
_WHAT = "read RedshiftDatabase"
_URL = re.compile(
    r"jdbc:(?:redshift|postgresql)(?::iam)?://(?P<name>[^.:/?]+)"
    r"(?:\.(?:[^./:?]+\.)?(?P<region>[a-z0-9-]+)\.(?P<kind>redshift|redshift-serverless)\.amazonaws\.com(?:\.cn)?"
    r"(?::\d+)?|:(?P<iam_region>[a-z]{2}(?:-[a-z]+)+-\d))/(?P<database>[^/?;]+)(?:[?;].*)?"
)
_SECRET = re.compile(r"arn:[\w-]+:secretsmanager:.+")
_DEFAULT_DATABASE = "dev"
DEFAULT_SCHEMA = "PUBLIC"


@dataclass(frozen=True, slots=True)
class RedshiftNode:
    """A checked RedshiftDataNode.

    keys    the author's primaryKeys
    create  createTableSql
    role    ARN of the role that COPY and UNLOAD use; None is the cluster's default role
    """

    name: str
    warehouse: Warehouse
    schema: str
    table: str
    keys: tuple[str, ...]
    create: str | None
    role: str | None

    def __str__(self) -> str:
        return f"{self.schema}.{self.table} of {self.warehouse}"


def redshift_node(task: Task, node: PipelineObject) -> RedshiftNode:
    """Read a node. Raises Rejected naming the object, the field and what was expected."""
    table = node.text("tableName")
    if not table:
        raise Rejected("read RedshiftDataNode", f"{node.name} has no tableName")
    database = database_of(task, node)
    keys = tuple(key.strip() for text in node.texts("primaryKeys") for key in text.split(",") if key.strip())
    return RedshiftNode(
        node.name,
        warehouse_of(database),
        node.text("schemaName") or DEFAULT_SCHEMA,
        table,
        tuple(key.lower() for key in keys),
        (node.text("createTableSql") or "").strip() or None,
        database.text("copyRole"),
    )


def database_of(task: Task, holder: PipelineObject) -> PipelineObject:
    """The RedshiftDatabase that an object refers to. Raises Rejected."""
    linked = task.linked(holder, "database")
    if len(linked) != 1 or linked[0].type != DATABASE:
        given = linked[0].type if linked else "none"
        raise Rejected(_WHAT, f"{holder.name} has database {given}: a reference to a RedshiftDatabase expected")
    return linked[0]


def warehouse_of(found: PipelineObject) -> Warehouse:
    """Where a RedshiftDatabase is, and as whom. Raises Rejected."""
    cluster, url = found.text("clusterId"), found.text("connectionString")
    if (cluster is None) == (url is None):
        raise Rejected(_WHAT, f"{found.name} needs either clusterId or connectionString")
    secret = _secret(found)
    user = None if secret else found.text("username")
    if cluster is not None:
        database = found.text("databaseName") or _DEFAULT_DATABASE
        return Warehouse(cluster, None, database, user, secret, found.text("region"))
    return _of_url(found, url or "", user, secret)


def _of_url(found: PipelineObject, url: str, user: str | None, secret: str | None) -> Warehouse:
    match = _URL.fullmatch(url)
    if match is None:
        raise Rejected(
            _WHAT,
            f"connectionString of {found.name} is '{url.partition('?')[0]}': "
            "jdbc:redshift://<cluster>.<…>.<region>.redshift.amazonaws.com:<port>/<database> expected",
        )
    region = found.text("region") or match["region"] or match["iam_region"]
    database = found.text("databaseName") or match["database"]
    if match["kind"] == "redshift-serverless":
        return Warehouse(None, match["name"], database, None, secret, region)
    return Warehouse(match["name"], None, database, user, secret, region)


def _secret(found: PipelineObject) -> str | None:
    password = found.text("*password")
    return password if password is not None and _SECRET.fullmatch(password) else None
