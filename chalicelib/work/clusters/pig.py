"""PigActivity: its script as a step, its data nodes as relations around it.

Source: developer guide, PigActivity and its example; Pig Latin reference, LOAD, STORE, PigStorage.
"""

from collections.abc import Iterator, Sequence

from chalicelib.domain.run.task import Task
from chalicelib.ports.clusters import Step
from chalicelib.ports.errors import Rejected
from chalicelib.work.clusters.activities import around
from chalicelib.work.clusters.scripts import LONGEST_INLINE, Staged, is_staged, kept_script, script_text, staged_nodes
from chalicelib.work.clusters.task import Cluster
from chalicelib.work.tools import Tools

_TYPES = {
    "STRING": "chararray",
    "INT": "int",
    "INTEGER": "int",
    "LONG": "long",
    "BIGINT": "long",
    "FLOAT": "float",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
}
"""What Pig can read of it; every other type arrives as the text it is."""


def pig_steps(task: Task, cluster: Cluster, tools: Tools) -> Sequence[Step]:
    """The script, between the scripts of preActivityTaskConfig and postActivityTaskConfig."""
    return around(task, cluster, [_pig(task, cluster, tools)])


def _pig(task: Task, cluster: Cluster, tools: Tools) -> Step:
    subject = task.subject
    staged = is_staged(task, by_default=True)
    inputs = tuple(staged_nodes(task, "input")) if staged else ()
    outputs = tuple(staged_nodes(task, "output")) if staged else ()
    variables = _variables(subject.texts("scriptVariable"))
    uri, folder = subject.text("scriptUri"), subject.text("generatedScriptsPath")
    if uri is not None and not inputs and not outputs:
        return cluster.program("pig", "pig", *variables, "-f", uri)
    text = _with_relations(script_text(task, "script", tools), inputs, outputs)
    if folder or variables or len(text) > LONGEST_INLINE:
        # Pig puts parameters into files only, not into what follows -e.
        return cluster.program("pig", "pig", *variables, "-f", kept_script(task, text, ".pig", tools, folder))
    return cluster.program("pig", "pig", "-e", text)


def _variables(written: Sequence[str]) -> list[str]:
    for text in written:
        if "=" not in text:
            raise Rejected("run script", f"scriptVariable is {text!r}; expected name=value")
    return [word for text in written for word in ("-p", text)]


def _with_relations(script: str, inputs: Sequence[Staged], outputs: Sequence[Staged]) -> str:
    for node in (*inputs, *outputs):
        script = script.replace(f"${{{node.name}}}", node.name)
    return "\n".join([*_loads(inputs), script.rstrip().rstrip(";") + ";", *_stores(outputs)])


def _loads(nodes: Sequence[Staged]) -> Iterator[str]:
    for node in nodes:
        columns = ", ".join(f"{column.name}:{_TYPES.get(column.type, 'chararray')}" for column in node.columns)
        yield f"{node.name} = LOAD {_quoted(node.folder)} USING {_reader(node)} AS ({columns});"


def _stores(nodes: Sequence[Staged]) -> Iterator[str]:
    if any(node.is_compressed for node in nodes):
        yield "SET output.compression.enabled true;"
        yield "SET output.compression.codec org.apache.hadoop.io.compress.GzipCodec;"
    for node in nodes:
        yield f"STORE {node.name} INTO {_quoted(node.folder)} USING PigStorage({_quoted(_separator(node))});"


def _reader(node: Staged) -> str:
    if node.format.type != "RegEx":
        return f"PigStorage({_quoted(_separator(node))})"
    expression = node.format.text("inputRegEx")
    if not expression:
        raise Rejected("stage", f"{node.format.name}: a RegEx format without inputRegEx cannot be read by Pig")
    return f"org.apache.pig.piggybank.storage.MyRegExLoader({_quoted(expression)})"


def _separator(node: Staged) -> str:
    """Of one character, as PigStorage has it; a RegEx format is written with tabs."""
    kind = node.format.type
    given = node.format.text("columnSeparator")
    return "," if kind == "CSV" else given or ("\t" if kind in ("TSV", "RegEx") else ",")


def _quoted(text: str) -> str:
    """A Pig string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t").replace("\n", "\\n") + "'"
