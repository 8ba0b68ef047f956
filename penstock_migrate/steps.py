"""A switch-over as ordered steps with the commands that do them by hand, and the way back. Must not act."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.values import render_time
from penstock_migrate.continuation import CONTINUE_FROM, Continuation
from penstock_migrate.errors import Unusable
from penstock_migrate.observe import Seen
from penstock_migrate.origin import STOPPED, Origin
from penstock_migrate.report import stop_of
from penstock_migrate.switch import continuation_for, failures


@dataclass(frozen=True, slots=True)
class Sides:
    """How commands name the two sides."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Line:
    """One step: what it is for, and what to type. `note` is for the eyes only."""

    says: str
    command: str = ""


def switch_lines(origin: Origin, target: str, sides: Sides) -> Iterator[Line]:
    """What `switch` does, as it would be done by hand now. Times are those of this moment: read them again then."""
    pipeline, state = origin.id, origin.described.state
    migrate = "python -m penstock_migrate"
    yield Line("make it here, not activated", f"{migrate} create {pipeline}")
    if state not in STOPPED:
        deactivate = f"{sides.source} deactivate-pipeline --pipeline-id {pipeline} --no-cancel-active"
        yield Line("have the source create no more instances, and let what runs end", deactivate)
        looking = f"{sides.source} list-runs --pipeline-id {pipeline} --status running,waiting_for_runner"
        yield Line("wait until nothing is listed and the pipeline is INACTIVE", looking)
    yield from _decisions(origin)
    yield from _activation(origin, target, sides)
    if origin.draft is not None:
        yield Line("save the draft that the source has beside its active definition", f"{migrate} switch {pipeline}")
    yield Line("see it run", f"{sides.target} list-runs --pipeline-id {target}")
    yield Line("or all of this, and again after an interruption", f"{migrate} switch {pipeline}")
    yield Line("the way back", f"{migrate} rollback {pipeline}")


def rollback_lines(origin: Origin, target: str, target_state: str, sides: Sides, start: str) -> Iterator[Line]:
    """The way back; `start` is from when on the source goes on, or empty when it goes on by itself."""
    if target_state not in ("PENDING", "INACTIVE", "FINISHED"):
        yield Line("stop it here", f"{sides.target} deactivate-pipeline --pipeline-id {target} --no-cancel-active")
        yield Line("wait until it is INACTIVE", f"{sides.target} describe-pipelines --pipeline-ids {target}")
    stamp = f" --start-timestamp {start}" if start else ""
    yield Line("let the source go on", f"{sides.source} activate-pipeline --pipeline-id {origin.id}{stamp}")


def _decisions(origin: Origin) -> Iterator[Line]:
    found: list[Seen] = list(failures(origin, stop_of(origin)))
    if found:
        names = ", ".join(item.id for item in found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        yield Line(f"decide about what failed: {names}; --rerun-failed runs it here once more")


def _activation(origin: Origin, target: str, sides: Sides) -> Iterator[Line]:
    try:
        continuation = continuation_for(origin, stop_of(origin), rerun=False)
    except Unusable as error:
        yield Line(f"it cannot be said where to go on: {error}")
        return
    if origin.never_ran or origin.on_demand:
        yield Line("leave it not activated, as the source does not run by itself either")
    elif continuation.over:
        yield Line("leave it not activated: every interval has run")
    else:
        yield from _start(continuation, target, sides)


def _start(continuation: Continuation, target: str, sides: Sides) -> Iterator[Line]:
    if continuation.components:
        told = "; ".join(
            f"{name}: {', '.join(render_time(start) for start in starts)}"
            for name, starts in sorted(continuation.components.items())
        )
        yield Line(
            f"put the definition with '{CONTINUE_FROM}' as the components stopped at different intervals: {told}"
        )
    stamp = f" --start-timestamp {render_time(continuation.start)}" if continuation.start is not None else ""
    yield Line("let it run here", f"{sides.target} activate-pipeline --pipeline-id {target}{stamp}")
