"""HiveCopyActivity as a Hive script, for `"placement": "resource"`: its tables as Hive's tables, its filter as Hive's.

Without columns whole items are copied, as maps; then nothing can be asked of them. With columns, only those are.
Source: Amazon EMR release guide, "Hive command examples for exporting, importing, and querying data in DynamoDB"
"""

import hashlib
from collections.abc import Sequence

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.clusters import Step
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import parse_directory
from chalicelib.work.clusters.activities import around
from chalicelib.work.clusters.hive import quoted
from chalicelib.work.clusters.scripts import LONGEST_INLINE, kept_script
from chalicelib.work.clusters.task import Cluster
from chalicelib.work.preconditions import required
from chalicelib.work.tools import Tools

_WHAT = "plan copy"
_HANDLER = "org.apache.hadoop.hive.dynamodb.DynamoDBStorageHandler"
_ITEM = "`item` MAP<STRING, STRING>"


def hive_copy_steps(task: Task, cluster: Cluster, tools: Tools) -> Sequence[Step]:
    """The script, between the scripts of preActivityTaskConfig and postActivityTaskConfig."""
    text = "\n".join(_lines(task))
    short = len(text) <= LONGEST_INLINE
    words = ("-e", text) if short else ("-f", kept_script(task, text, ".hql", tools))
    return around(task, cluster, [cluster.program("hive", "hive", *words)])


def _lines(task: Task) -> Sequence[str]:
    if task.subject.text("exportType") is not None:
        raise Rejected(_WHAT, "exportType needs no cluster: leave out placement")
    source, target = _node(task, "input"), _node(task, "output")
    columns = [text.strip() for found in task.linked(source, "dataFormat") for text in found.texts("column")]
    condition = (task.subject.text("filterSql") or "").strip()
    if condition and not columns:
        raise Rejected(_WHAT, f"filterSql on a cluster needs columns in the data format of {source.name}")
    names = {side: f"penstock_{_own(task)}_{side}" for side in ("input", "output")}
    where = f" WHERE {condition}" if condition else ""
    return [
        f"SET dynamodb.throughput.read.percent={source.text('readThroughputPercent') or '0.5'};",
        f"SET dynamodb.throughput.write.percent={target.text('writeThroughputPercent') or '0.5'};",
        *(f"DROP TABLE IF EXISTS `{name}`;" for name in names.values()),
        _created(names["input"], source, columns),
        _created(names["output"], target, columns),
        f"INSERT OVERWRITE TABLE `{names['output']}` SELECT * FROM `{names['input']}`{where};",
        *(f"DROP TABLE IF EXISTS `{name}`;" for name in names.values()),
    ]


def _node(task: Task, side: str) -> PipelineObject:
    nodes = task.linked(task.subject, side)
    if len(nodes) != 1 or nodes[0].type not in ("DynamoDBDataNode", "S3DataNode"):
        raise Rejected(_WHAT, f"one {side} expected, a DynamoDBDataNode or an S3DataNode")
    return nodes[0]


def _created(name: str, node: PipelineObject, columns: Sequence[str]) -> str:
    begin = f"CREATE EXTERNAL TABLE `{name}` ({', '.join(columns) or _ITEM})"
    if node.type == "S3DataNode":
        place = quoted(str(parse_directory(required(node, "directoryPath"))))
        return f"{begin} ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' STORED AS TEXTFILE LOCATION {place};"
    properties = {"dynamodb.table.name": required(node, "tableName")}
    region = node.text("region")
    if region is not None:
        properties["dynamodb.region"] = region.lower().replace("_", "-")
    if columns:
        known = [text.partition(" ")[0].strip("`") for text in columns]
        properties["dynamodb.column.mapping"] = ",".join(f"{column}:{column}" for column in known)
    listed = ", ".join(f"{quoted(key)} = {quoted(value)}" for key, value in properties.items())
    return f"{begin} STORED BY {quoted(_HANDLER)} TBLPROPERTIES ({listed});"


def _own(task: Task) -> str:
    return hashlib.sha256(f"{task.pipeline}/{task.attempt}".encode()).hexdigest()[:16]
