"""ShellCommandActivity and ShellCommandPrecondition on a cluster: one step on the master node.

The step is a small script around the command, which does there what work/shell does on a machine: staged directories
filled before and stored after, standard output and error where their fields and the attempt's log say.
"""

import shlex
from collections.abc import Iterator, Sequence

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.clusters import Step
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import is_place, parse_directory
from chalicelib.work.clusters.task import Cluster
from chalicelib.work.journal import log_folder
from chalicelib.work.tools import Tools


def shell_steps(task: Task, cluster: Cluster, _: Tools) -> Sequence[Step]:
    """One step."""
    return [cluster.program("shell", "/bin/bash", "-c", "\n".join(_lines(task)))]


def _lines(task: Task) -> Iterator[str]:
    subject = task.subject
    staged = (subject.text("stage") or "false").lower() == "true"
    yield "set -e; cd $(mktemp -d); mkdir work; trap 'rm -rf \"$PWD\"' EXIT"
    if staged:
        yield from _filled(task)
    yield from _fetched(subject)
    yield "set +e"
    yield f"(cd work && {_command(subject)}) > StdOutput 2> StdError; code=$?"
    yield "cat StdOutput; cat StdError >&2"
    yield from _kept(task)
    yield "if [ $code -ne 0 ]; then exit $code; fi"
    if staged:
        yield "set -e"
        yield from _stored(task)


def _fetched(subject: PipelineObject) -> Iterator[str]:
    uri = subject.text("scriptUri")
    if uri is not None:
        yield f"aws s3 cp --only-show-errors {shlex.quote(uri)} script; chmod 700 script"
        yield "interpreter=; if [ \"$(head -c 2 script)\" != '#!' ]; then interpreter=/bin/bash; fi"


def _command(subject: PipelineObject) -> str:
    command, arguments = subject.text("command"), shlex.join(subject.texts("scriptArgument"))
    if command is not None:
        return f"/bin/bash -c {shlex.quote(command)} command {arguments}"
    if subject.text("scriptUri") is None:
        raise Rejected("run command", f"{subject.name} needs either command or scriptUri")
    return f"$interpreter ../script {arguments}"


def _filled(task: Task) -> Iterator[str]:
    for number, node in _nodes(task, "input"):
        yield f"export INPUT{number}_STAGING_DIR=$PWD/input{number}; mkdir input{number}"
        folder, file = node.text("directoryPath"), node.text("filePath")
        if folder is not None:
            uri = shlex.quote(str(parse_directory(folder)))
            yield f"aws s3 cp --only-show-errors --recursive {uri} input{number}/"
        elif file is not None:
            yield f"aws s3 cp --only-show-errors {shlex.quote(file)} input{number}/"
    for number, _ in _outputs(task):
        yield f"export OUTPUT{number}_STAGING_DIR=$PWD/output{number}; mkdir output{number}"


def _stored(task: Task) -> Iterator[str]:
    for number, node in _outputs(task):
        uri = shlex.quote(str(parse_directory(node.text("directoryPath") or "")))
        sealed = " --sse AES256" if node.text("s3EncryptionType") == "SERVER_SIDE_ENCRYPTION" else ""
        yield f"aws s3 cp --only-show-errors --recursive{sealed} output{number}/ {uri}"


def _kept(task: Task) -> Iterator[str]:
    """Where the streams go: the attempt's log, whose loss fails nothing, and where their fields say."""
    folder = log_folder(task)
    for file, field in (("StdOutput", "stdout"), ("StdError", "stderr")):
        uri = task.subject.text(field)
        if folder is not None:
            yield f"aws s3 cp --only-show-errors {file} {shlex.quote(str(folder.child(file)))} || true"
        if uri is not None and is_place(uri):
            yield f"aws s3 cp --only-show-errors {file} {shlex.quote(uri)} || code=1"


def _outputs(task: Task) -> Iterator[tuple[int, PipelineObject]]:
    return ((number, node) for number, node in _nodes(task, "output") if node.text("directoryPath") is not None)


def _nodes(task: Task, key: str) -> Iterator[tuple[int, PipelineObject]]:
    nodes = enumerate(task.linked(task.subject, key), 1)
    return ((number, node) for number, node in nodes if node.type == "S3DataNode")
