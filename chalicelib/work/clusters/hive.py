"""HiveActivity: its script as a step, its data nodes as external tables around it.

Source: developer guide, HiveActivity and "Staging data and tables with pipeline activities"; Hive language manual, DDL.
"""

import hashlib
from collections.abc import Iterator, Sequence

from chalicelib.domain.run.task import Task
from chalicelib.ports.clusters import Step
from chalicelib.ports.errors import Rejected
from chalicelib.work.clusters.activities import around
from chalicelib.work.clusters.scripts import LONGEST_INLINE, Staged, is_staged, kept_script, script_text, staged_nodes
from chalicelib.work.clusters.task import Cluster
from chalicelib.work.tools import Tools

_GZIP = (
    "SET hive.exec.compress.output=true;",
    "SET mapreduce.output.fileoutputformat.compress.codec=org.apache.hadoop.io.compress.GzipCodec;",
)
_TYPES = {"INTEGER": "INT", "DATETIME": "TIMESTAMP", "LONG": "BIGINT", "SHORT": "SMALLINT", "BYTE": "TINYINT"}


def hive_steps(task: Task, cluster: Cluster, tools: Tools) -> Sequence[Step]:
    """The script, between the scripts of preActivityTaskConfig and postActivityTaskConfig."""
    return around(task, cluster, [_hive(task, cluster, tools)])


def _hive(task: Task, cluster: Cluster, tools: Tools) -> Step:
    subject = task.subject
    nodes = tuple(_nodes(task)) if is_staged(task, by_default=True) else ()
    settings = [f"SET mapreduce.job.queuename={queue};" for queue in subject.texts("hadoopQueue")]
    uri = subject.text("scriptUri")
    variables = _variables(subject.texts("scriptVariable"))
    if uri is not None and not nodes and not settings:
        return cluster.program("hive", "hive", *variables, "-f", uri)
    text = "\n".join([*settings, *_before(task, nodes), script_text(task, "hiveScript", tools), *_after(task, nodes)])
    if len(text) <= LONGEST_INLINE:
        return cluster.program("hive", "hive", *variables, "-e", text)
    return cluster.program("hive", "hive", *variables, "-f", kept_script(task, text, ".hql", tools))


def _variables(written: Sequence[str]) -> list[str]:
    for text in written:
        if "=" not in text:
            raise Rejected("run script", f"scriptVariable is {text!r}; expected NAME=value")
    return [word for text in written for word in ("-d", text)]


def _nodes(task: Task) -> Iterator[Staged]:
    yield from staged_nodes(task, "input")
    yield from staged_nodes(task, "output")


def _before(task: Task, nodes: Sequence[Staged]) -> Iterator[str]:
    """A table for each node under a name of the attempt's own, and the variable by which the script knows it."""
    for node in nodes:
        table = _table(task, node)
        columns = ", ".join(f"`{column.name}` {_TYPES.get(column.type, column.type)}" for column in node.columns)
        yield f"DROP TABLE IF EXISTS `{table}`;"
        form = f"({columns}) {_rows(node)} STORED AS TEXTFILE LOCATION {quoted(node.folder)}"
        yield f"CREATE EXTERNAL TABLE `{table}` {form};"
        yield f"SET hivevar:{node.name}={table};"
    if any(node.is_compressed and node.name.startswith("output") for node in nodes):
        yield from _GZIP


def _after(task: Task, nodes: Sequence[Staged]) -> Iterator[str]:
    """The tables go; what they stood for stays, since they are external."""
    if nodes:
        yield ";"  # a script may end without one
    for node in nodes:
        yield f"DROP TABLE IF EXISTS `{_table(task, node)}`;"


def _table(task: Task, node: Staged) -> str:
    """Clusters are shared and so may be a metastore."""
    own = hashlib.sha256(f"{task.pipeline}/{task.attempt}".encode()).hexdigest()[:16]
    return f"penstock_{own}_{node.name}"


def _rows(node: Staged) -> str:
    """How Hive finds columns in lines: the dialect of CopyActivity, so that both read what the other wrote."""
    kind = node.format.type
    if kind == "RegEx":
        return _regex(node)
    separators = {"CSV": ",", "TSV": node.format.text("columnSeparator") or "\t"}
    separator = separators.get(kind or "", node.format.text("columnSeparator") or ",")
    escape = node.format.text("escapeChar") or "\\"
    return f"ROW FORMAT DELIMITED FIELDS TERMINATED BY {quoted(separator)} ESCAPED BY {quoted(escape)}"


def _regex(node: Staged) -> str:
    expression = node.format.text("inputRegEx")
    if not expression:
        raise Rejected("stage", f"{node.format.name}: a RegEx format without inputRegEx cannot be read by Hive")
    properties = f"'input.regex' = {quoted(expression)}"
    written = node.format.text("outputFormat")
    if written:
        properties += f", 'output.format.string' = {quoted(written)}"
    return f"ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES ({properties})"


def quoted(text: str) -> str:
    """The text as a Hive string literal; `;` ends a statement even inside one."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t").replace("\n", "\\n")
    return "'" + escaped.replace(";", "\\073") + "'"
