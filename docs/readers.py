"""Which field of an object type which module reads, found in the modules' own text.

A field counts as read where its name stands as a string, or fits an f-string, in a module that works for the type.
Checks of a definition do not count: only code that does something with the value. Must not know the pages made of it.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_ENGINE = ("chalicelib/domain/run/*", "chalicelib/domain/definition/inherit", "chalicelib/service/*")
_WORK = ("chalicelib/work/journal", "chalicelib/work/execute")
_ON_CLUSTER = tuple(f"chalicelib/work/clusters/{name}" for name in ("activities", "scripts", "shell", "size", "task"))
_CLUSTER = (
    "chalicelib/domain/hadoop",
    "chalicelib/work/clusters/*",
)
_STAGING = ("chalicelib/work/commands/staging", "chalicelib/work/clusters/hive", *_ON_CLUSTER)
_TABLES = (
    "chalicelib/work/tables/*",
    "chalicelib/work/clusters/hive_tables",
)
_COPY = ("chalicelib/work/copies/*", "chalicelib/work/sql/*")
_FORMATS = ("chalicelib/transfer/formats/*", "chalicelib/domain/dialect", "chalicelib/work/clusters/hive")
_EMR_REQUEST = ("chalicelib/adapters/aws/emr*",)

READERS: Mapping[str, Sequence[str]] = {
    "CopyActivity": (*_ENGINE, *_WORK, *_COPY),
    "EmrActivity": (*_ENGINE, *_WORK, *_CLUSTER, *_TABLES),
    "HadoopActivity": (*_ENGINE, *_WORK, *_CLUSTER),
    "HiveActivity": (*_ENGINE, *_WORK, *_CLUSTER),
    "HiveCopyActivity": (
        *_ENGINE,
        *_WORK,
        *_TABLES,
        "chalicelib/work/clusters/activities",
        "chalicelib/work/clusters/size",
    ),
    "PigActivity": (*_ENGINE, *_WORK, *_CLUSTER),
    "RedshiftCopyActivity": (*_ENGINE, *_WORK, "chalicelib/work/redshift/*"),
    "ShellCommandActivity": (*_ENGINE, *_WORK, *_CLUSTER, *_STAGING, "chalicelib/work/commands/shell"),
    "SqlActivity": (
        *_ENGINE,
        *_WORK,
        "chalicelib/work/sql/*",
        "chalicelib/work/redshift/*",
    ),
    "DynamoDBDataNode": (*_ENGINE, *_TABLES, "chalicelib/work/redshift/source", "chalicelib/work/redshift/nodes"),
    "MySqlDataNode": (*_ENGINE, "chalicelib/work/sql/*"),
    "RedshiftDataNode": (*_ENGINE, "chalicelib/work/redshift/*"),
    "S3DataNode": (*_ENGINE, *_COPY, *_STAGING, "chalicelib/work/redshift/*", "chalicelib/work/catalog_tables"),
    "SqlDataNode": (*_ENGINE, "chalicelib/work/sql/*"),
    "DynamoDBDataExists": (*_ENGINE, "chalicelib/work/preconditions"),
    "DynamoDBTableExists": (*_ENGINE, "chalicelib/work/preconditions"),
    "Exists": (*_ENGINE, "chalicelib/work/preconditions"),
    "S3KeyExists": (*_ENGINE, "chalicelib/work/preconditions"),
    "S3PrefixNotEmpty": (*_ENGINE, "chalicelib/work/preconditions"),
    "ShellCommandPrecondition": (*_ENGINE, *_WORK, *_CLUSTER, *_STAGING, "chalicelib/work/commands/shell"),
    "JdbcDatabase": (*_ENGINE, "chalicelib/work/sql/addresses"),
    "RdsDatabase": (*_ENGINE, "chalicelib/work/sql/addresses"),
    "RedshiftDatabase": (*_ENGINE, "chalicelib/work/redshift/nodes"),
    "CSV": (*_ENGINE, *_FORMATS),
    "Custom": (*_ENGINE, *_FORMATS),
    "DynamoDBDataFormat": (*_ENGINE, *_FORMATS, *_TABLES),
    "DynamoDBExportDataFormat": (*_ENGINE, *_FORMATS, *_TABLES),
    "RegEx": (*_ENGINE, *_FORMATS),
    "TSV": (*_ENGINE, *_FORMATS),
    "Ec2Resource": (*_ENGINE, "chalicelib/adapters/aws/ec2*", "taskrunner/*"),
    "EmrCluster": (*_ENGINE, *_EMR_REQUEST, *_ON_CLUSTER),
    "HttpProxy": (*_ENGINE, "chalicelib/adapters/aws/ec2*", *_EMR_REQUEST),
    "SnsAlarm": _ENGINE,
    "Terminate": _ENGINE,
    "Schedule": (*_ENGINE, "chalicelib/domain/schedule/*"),
    "EbsBlockDeviceConfig": (*_ENGINE, *_EMR_REQUEST),
    "EbsConfiguration": (*_ENGINE, *_EMR_REQUEST),
    "EmrConfiguration": (*_ENGINE, *_EMR_REQUEST),
    "Property": (*_ENGINE, *_EMR_REQUEST),
    "ShellScriptConfig": (*_ENGINE, *_CLUSTER),
    "VolumeSpecification": (*_ENGINE, *_EMR_REQUEST),
}
"""The modules that work for objects of each of the service's types, without `.py`; `*` stands for anything."""


def is_read(type_name: str, field: str) -> bool:
    """Whether a module of the type names the field."""
    return any(pattern.fullmatch(field) for module in _modules(type_name) for pattern in _written(module))


@cache
def _modules(type_name: str) -> frozenset[Path]:
    found = {glob: sorted(_ROOT.glob(f"{glob}.py")) for glob in READERS[type_name]}
    empty = [glob for glob, paths in found.items() if not paths]
    if empty:
        raise LookupError(f"no module is called {', '.join(empty)}")
    return frozenset(path for paths in found.values() for path in paths)


@cache
def _written(module: Path) -> frozenset[re.Pattern[str]]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return frozenset(map(re.compile, _strings(tree)))


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)
        elif isinstance(node, ast.JoinedStr):
            pieces = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w*" for part in node.values]
            if sum(len(piece) for piece in pieces if piece != r"\w*") >= _TELLING:
                yield "".join(pieces)


_TELLING = 6
"""Letters that an f-string must have of its own to say which fields it names."""
