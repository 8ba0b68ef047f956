"""Staging: S3 data nodes as local directories around a command. Must not know the command.

Source: developer guide, "Staging data and tables with pipeline activities".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Encryption, Place, parse_directory, parse_place
from chalicelib.transfer.pool import run_all
from chalicelib.work.object_nodes import is_object_node
from chalicelib.work.tools import Tools

_PARALLEL = 4  # each download is itself made of parallel parts
_ENCRYPTED = "SERVER_SIDE_ENCRYPTION"


@dataclass(frozen=True, slots=True)
class Output:
    """A local directory and where its files go."""

    folder: Path
    target: Place
    encryption: Encryption | None


@dataclass(frozen=True, slots=True)
class Staging:
    """What is staged for one command. `environment` names the directories to it."""

    environment: dict[str, str]
    outputs: tuple[Output, ...]


def stage_in(task: Task, tools: Tools) -> Staging:
    """Make the directories and fill those of the inputs.

    Numbers follow the order of the references. Only S3 data nodes are staged, outputs only by their directoryPath.
    """
    environment: dict[str, str] = {}
    outputs: list[Output] = []
    for number, node in _s3_nodes(task, "input"):
        folder = _folder(tools.scratch / f"input{number}")
        _fill(folder, node, tools)
        environment[f"INPUT{number}_STAGING_DIR"] = str(folder)
    for number, node in _s3_nodes(task, "output"):
        directory = node.text("directoryPath")
        if directory is None:
            tools.journal.say(f"output {node.name} has no directoryPath and is not staged")
            continue
        folder = _folder(tools.scratch / f"output{number}")
        environment[f"OUTPUT{number}_STAGING_DIR"] = str(folder)
        encryption = Encryption("AES256") if node.text("s3EncryptionType") == _ENCRYPTED else None
        outputs.append(Output(folder, parse_directory(directory), encryption))
    return Staging(environment, tuple(outputs))


def stage_out(staging: Staging, tools: Tools) -> None:
    """Store every file of the outputs' directories; empty directories leave nothing."""
    for output in staging.outputs:
        files = [path for path in sorted(output.folder.rglob("*")) if path.is_file()]

        def store(path: Path, to: Output = output) -> None:
            tools.objects.upload(path, to.target.child(path.relative_to(to.folder).as_posix()), to.encryption)

        stored = sum(1 for _ in run_all(store, files, _PARALLEL, tools.cancelled))
        tools.journal.say(f"stored {stored} of {len(files)} files in {output.target}")


def local_path(folder: Path, name: str) -> Path:
    """Where a key's name lies in a directory. Raises Rejected for a name that leads out of it."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Rejected("stage input", f"the key '{name}' would leave its directory")
    return folder.joinpath(*parts)


def _s3_nodes(task: Task, side: str) -> Iterator[tuple[int, PipelineObject]]:
    for number, node in enumerate(task.linked(task.subject, side), 1):
        if is_object_node(node):
            yield number, node


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _fill(folder: Path, node: PipelineObject, tools: Tools) -> None:
    def fetch(named: tuple[str, Place]) -> None:
        path = local_path(folder, named[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        tools.objects.download(named[1], path)

    fetched = sum(1 for _ in run_all(fetch, _names(node, tools), _PARALLEL, tools.cancelled))
    tools.journal.say(f"fetched {fetched} files of {node.name}")


def _names(node: PipelineObject, tools: Tools) -> Iterator[tuple[str, Place]]:
    """Names in the directory and what they hold; keys that end in `/` only mark directories."""
    file = node.text("filePath")
    if file is not None:
        place = parse_place(file)
        yield place.key.rpartition("/")[2], place
        return
    root = parse_directory(node.text("directoryPath") or "")
    for listed in tools.objects.list(root):
        if not listed.key.endswith("/"):
            yield listed.key[len(root.key) :], Place(root.bucket, listed.key)
