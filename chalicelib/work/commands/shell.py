"""ShellCommandActivity and ShellCommandPrecondition. Must not know the runner that calls.

Source: developer guide, ShellCommandActivity: a command or a script, its arguments as $1, $2, …; a non-zero exit code
fails. Output goes to files first, so that no amount of it fills the memory, then to the attempt's log folder, then to
`stdout` and `stderr`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import is_place, parse_place
from chalicelib.work.commands.process import Streams, run_group
from chalicelib.work.commands.showing import Showing
from chalicelib.work.commands.staging import Staging, stage_in, stage_out
from chalicelib.work.outcome import Failed, Finished, NotSatisfied, Outcome
from chalicelib.work.tools import Tools

_BASH = "/bin/bash"
_TAIL = 1000


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a command ended. `code` is None when it was stopped; `tail` is the end of what it wrote to stderr."""

    code: int | None
    tail: str

    @property
    def told(self) -> str:
        if self.code is None:
            return "the command was stopped"
        return f"killed by signal {-self.code}" if self.code < 0 else f"exit code {self.code}"


def shell_command(task: Task, tools: Tools) -> Outcome:
    """Run the command between fetching its staged inputs and storing its staged outputs."""
    staged = (task.subject.text("stage") or "false").lower() == "true"
    staging = stage_in(task, tools) if staged else Staging({}, ())
    ended = _run(task, tools, staging)
    if ended.code is None:
        return Failed("Canceled", ended.told)
    if ended.code != 0:
        return Failed("ActivityFailed", f"the command failed: {ended.told}", ended.tail)
    stage_out(staging, tools)
    return Failed("Canceled", "canceled while its output was stored") if tools.cancelled() else Finished()


def shell_precondition(task: Task, tools: Tools) -> Outcome:
    """The precondition holds when the command's exit code is 0."""
    ended = _run(task, tools, Staging({}, ()))
    if ended.code == 0:
        return Finished()
    return NotSatisfied(f"{ended.told}: {ended.tail}".rstrip(": \n"))


def _run(task: Task, tools: Tools, staging: Staging) -> _Ended:
    streams = Streams(tools.scratch / "StdOutput", tools.scratch / "StdError")
    folder = tools.scratch / "work"
    folder.mkdir(exist_ok=True)
    arguments = _arguments(task.subject, tools)
    environment = {**tools.environment, **staging.environment}
    named = [(path, path.name) for path in (streams.stdout, streams.stderr)]
    code = run_group(arguments, folder, environment, streams, Showing(named, tools).watched())
    for path, field in ((streams.stdout, "stdout"), (streams.stderr, "stderr")):
        tools.masker.file(path)
        tools.journal.keep(path, path.name)
        _deliver(path, task.subject.text(field), tools)
    return _Ended(code, _tail(streams.stderr))


def _arguments(subject: PipelineObject, tools: Tools) -> list[str]:
    command, script = subject.text("command"), subject.text("scriptUri")
    if (command is None) == (script is None):
        raise Rejected("run command", f"{subject.name} needs either command or scriptUri")
    given = list(subject.texts("scriptArgument"))
    if command is not None:
        return [_BASH, "-c", command, "command", *given]
    path = _script(script or "", tools)
    with path.open("rb") as content:
        own = content.read(2) == b"#!"
    return [*([] if own else [_BASH]), str(path), *given]


def _script(uri: str, tools: Tools) -> Path:
    """The script as a local file of ours, whether fetched or copied: it is going to be made executable."""
    path = tools.scratch / "script"
    if is_place(uri):
        tools.objects.download(parse_place(uri), path)
    else:
        shutil.copyfile(uri.removeprefix("file://"), path)
    path.chmod(0o700)
    return path


def _deliver(path: Path, uri: str | None, tools: Tools) -> None:
    """Put a stream's file where its field says: an S3 key, or a local file."""
    if uri is None:
        return
    if is_place(uri):
        tools.objects.upload(path, parse_place(uri))
        return
    target = Path(uri.removeprefix("file://")).expanduser()
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _tail(path: Path) -> str:
    with path.open("rb") as content:
        content.seek(max(0, path.stat().st_size - _TAIL))
        return content.read().decode(errors="replace")
