"""What COPY and UNLOAD are told of a data node: its address, format, compression and the author's options."""

from collections.abc import Sequence
from itertools import islice

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import Dialect, dialect_of
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.objects import Objects, Place, parse_directory, parse_place
from chalicelib.work.journal import Journal
from chalicelib.work.redshift.sql import literal, option, says

_WHAT = "plan RedshiftCopyActivity"
_DELIMITED = frozenset({"CSV", "TSV", "Custom"})
_READ_SHARE = 25
"""Percent of a DynamoDB table's read capacity, where its node names none: the service's default ratio."""


def written_options(task: Task, node: PipelineObject, journal: Journal) -> tuple[str, ...]:
    """The author's commandOptions, checked; none beside a data format. Raises Rejected."""
    given = task.subject.texts("commandOptions")
    if given and task.linked(node, "dataFormat"):
        journal.say("commandOptions are ignored: the data node has a dataFormat")
        return ()
    return tuple(option(text) for text in given if text.strip())


def storage_options(task: Task, node: PipelineObject, options: Sequence[str]) -> tuple[str, ...]:
    """`options`, with what the node's format and compression say."""
    dialect = _dialect(task, node)
    told = () if dialect is None else (f"DELIMITER {literal(dialect.separator)}", "ESCAPE")
    compression = (node.text("compression") or "none").lower()
    zipped = ("GZIP",) if compression == "gzip" and not says(options, "GZIP") else ()
    return (*options, *told, *zipped)


def source_of(node: PipelineObject, objects: Objects) -> tuple[str, tuple[str, ...]]:
    """Where COPY reads from, and the option that goes with it.

    COPY reads every key that begins so; a file whose key another one begins with would bring that along.
    Raises   Missing when there is nothing, Rejected naming the other key
    """
    manifest, file = node.text("manifestFilePath"), node.text("filePath")
    if manifest is not None:
        place = parse_place(manifest)
        objects.describe(place)
        return str(place), ("MANIFEST",)
    place = parse_place(file) if file is not None else parse_directory(_directory(node))
    found = [item.key for item in islice(objects.list(place), 2)]
    if not found or (file is not None and found[0] != place.key):
        raise Missing(f"{_WHAT} from {node.name}", f"there is no object {place}" + "…" * (file is None))
    if file is not None and len(found) > 1:
        other = Place(place.bucket, found[1])
        raise Rejected(_WHAT, f"COPY from {place} would read {other}, too: use a directoryPath or a manifestFilePath")
    return str(place), ()


def target_of(node: PipelineObject) -> str:
    """Where UNLOAD writes: the beginning of its files' keys."""
    file = node.text("filePath")
    return str(parse_place(file) if file is not None else parse_directory(_directory(node)))


def unload_options(task: Task, node: PipelineObject, options: Sequence[str]) -> tuple[str, ...]:
    """What makes a repeated UNLOAD write the same files, and NULL as the node's format has it."""
    told = storage_options(task, node, options)
    null = ("NULL AS " + literal("\\N"),) if task.linked(node, "dataFormat") else ()
    again = () if says(options, "ALLOWOVERWRITE", "CLEANPATH") else ("ALLOWOVERWRITE",)
    return (*told, *null, *again)


def table_options(node: PipelineObject, options: Sequence[str]) -> tuple[str, ...]:
    """How much of a DynamoDB table's read capacity COPY may use."""
    if says(options, "READRATIO"):
        return tuple(options)
    share = node.text("readThroughputPercent")
    return (*options, f"READRATIO {_READ_SHARE if share is None else round(float(share) * 100)}")


def _dialect(task: Task, node: PipelineObject) -> Dialect | None:
    """The dialect of the node's format; the only escape character and record separator that COPY knows are ours."""
    linked = task.linked(node, "dataFormat")
    if not linked:
        return None
    if linked[0].type not in _DELIMITED:
        raise Rejected(_WHAT, f"{node.name} has the format {linked[0].type}: CSV, TSV or Custom expected")
    dialect = dialect_of(linked[0])
    if (dialect.escape, dialect.record) != ("\\", "\n"):
        raise Rejected(_WHAT, f"format {linked[0].name}: COPY knows the escapeChar \\ and the recordSeparator \\n only")
    return dialect


def _directory(node: PipelineObject) -> str:
    directory = node.text("directoryPath")
    if directory is None:
        raise Rejected(_WHAT, f"{node.name} has neither filePath, directoryPath nor manifestFilePath")
    return directory
