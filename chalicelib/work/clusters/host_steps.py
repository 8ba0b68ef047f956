"""Activities of Hadoop on a Task Runner's own host: the steps that a cluster would get, run as its programs.

The host belongs to a worker group, so its owner installed `hadoop`, `hive` and `pig` and told them which cluster is
theirs. What is in S3 and has to be a local file (jars, scripts) is fetched. Must not know what the steps are for.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.hadoop import COMMAND_RUNNER, SCRIPT_RUNNER
from chalicelib.domain.run.native import is_native
from chalicelib.domain.run.task import Task
from chalicelib.ports.clusters import Step
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.objects import is_place, parse_place
from chalicelib.work.clusters.task import Cluster
from chalicelib.work.commands.process import Streams, run_group
from chalicelib.work.commands.showing import Showing
from chalicelib.work.outcome import Failed, Finished, Outcome
from chalicelib.work.tools import Tools

Plan = Callable[[Task, Cluster, Tools], Sequence[Step]]
Executor = Callable[[Task, Tools], Outcome]
_HOST = Cluster("host", PipelineObject("host", "host", ()))
_READ_SCRIPTS = ("hive", "pig")
_TAIL = 500


def on_host(plan: Plan, label: str = "") -> Executor:
    """An executor of what `plan` says, one step after the other; the first that fails is the last.

    label  tells the logs of one plan of an activity from those of another
    """

    def run(task: Task, tools: Tools) -> Outcome:
        steps = plan(task, _HOST, tools)
        for number, step in enumerate(steps, 1):
            failed = _run(_Place(step, number, tools.scratch / f"{label}step{number}"), len(steps), tools)
            if failed is not None:
                return failed
        return Finished()

    return run


def unless_native(native: Executor, hosted: Executor) -> Executor:
    """The one or the other: what needs no Hadoop is done without it, unless its author insists."""

    def run(task: Task, tools: Tools) -> Outcome:
        own = is_native(task.subject) and task.subject.text("placement") != "resource"
        return (native if own else hosted)(task, tools)

    return run


@dataclass(frozen=True, slots=True)
class _Place:
    """A step, its number and its folder."""

    step: Step
    number: int
    folder: Path


def _run(place: _Place, total: int, tools: Tools) -> Failed | None:
    place.folder.mkdir(exist_ok=True)
    words = _words(place, tools)
    tools.journal.say(f"step {place.number} of {total}: {' '.join(words)}")
    streams = Streams(place.folder / "stdout", place.folder / "stderr")
    named = [(path, f"{place.folder.name}.{path.name}") for path in (streams.stdout, streams.stderr)]
    code = run_group(words, place.folder, tools.environment, streams, Showing(named, tools).watched())
    for path, name in named:
        tools.journal.keep(path, name)
    tools.report(())
    if code is None:
        return Failed("Canceled", f"step {place.number} of {total} was stopped")
    if code == 0:
        return None
    told = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
    said = streams.stderr.read_bytes()[-_TAIL:].decode(errors="replace").strip()
    return Failed("StepFailed", f"step {place.number} of {total} ({place.step.name}): {told}: {said}".rstrip(": "))


def _words(place: _Place, tools: Tools) -> list[str]:
    """The step as a command line of this host."""
    step = place.step
    name = step.jar.rpartition("/")[2]
    if name == SCRIPT_RUNNER and step.arguments and is_place(step.arguments[0]):
        return ["/bin/bash", str(_fetched(step.arguments[0], place, tools)), *step.arguments[1:]]
    if name in (COMMAND_RUNNER, SCRIPT_RUNNER):
        return _program(place, tools)
    jar = str(_fetched(step.jar, place, tools)) if is_place(step.jar) else step.jar.removeprefix("file://")
    main = [step.main_class] if step.main_class else []
    return [_found("hadoop", tools), "jar", jar, *main, *step.arguments]


def _program(place: _Place, tools: Tools) -> list[str]:
    if not place.step.arguments:
        raise Rejected("run step", f"{place.step.jar} was given no program")
    program, *rest = place.step.arguments
    if program in _READ_SCRIPTS and "-f" in rest and is_place(rest[-1]):
        rest[-1] = str(_fetched(rest[-1], place, tools))
    return [_found(program, tools), *rest]


def _found(program: str, tools: Tools) -> str:
    path = shutil.which(program, path=tools.environment.get("PATH", ""))
    if path is None:
        raise Missing("run step", f"this host has no '{program}' on its PATH")
    return path


def _fetched(uri: str, place: _Place, tools: Tools) -> Path:
    """What is in S3, under its own name."""
    source = parse_place(uri)
    target = place.folder / (source.key.rpartition("/")[2] or "fetched")
    tools.objects.download(source, target)
    return target
