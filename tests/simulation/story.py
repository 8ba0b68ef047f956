"""The story of a seed: one line for everything that happened, in order, and their hash."""

import hashlib
from collections.abc import Sequence

from chalicelib.domain.run.effects import (
    CancelTask,
    CheckResource,
    Dispatch,
    Effect,
    LaunchResource,
    RunAction,
    TerminateResource,
)
from chalicelib.domain.run.events import Event
from chalicelib.domain.run.state import Instance
from tests.simulation.timeline import Timeline


class Story:
    """Lines with the time since the beginning."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._lines: list[tuple[float, str]] = []

    def tell(self, line: str) -> None:
        """One more thing happened."""
        self._lines.append((self._timeline.since.total_seconds(), line))

    def events(self, events: Sequence[Event]) -> None:
        """A batch reached the engine."""
        for event in events:
            self.tell(f"> {event_line(event)}")

    def changes(self, changes: Sequence[tuple[Instance | None, Instance]]) -> None:
        """A commit changed these."""
        for before, after in changes:
            if before is None or (before.status, len(before.attempts)) != (after.status, len(after.attempts)):
                was = "new" if before is None else before.status.value
                attempt = f" (attempt {len(after.attempts)})" if after.attempts else ""
                behind = f" behind {', '.join(after.waiting_on)}" if after.waiting_on else ""
                self.tell(f"    {after.id}: {was} -> {after.status.value}{attempt}{behind}")

    def __str__(self) -> str:
        return "\n".join(f"{_clock(seconds)} {line}" for seconds, line in self._lines)

    def digest(self) -> str:
        """The same for two runs only if all went the same way."""
        return hashlib.sha256(str(self).encode()).hexdigest()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:3d}:{minutes:02d}:{rest:06.3f}"


def event_line(event: Event) -> str:
    """An event in a few words."""
    kind = type(event).__name__
    words = [
        str(getattr(getattr(event, name), "value", getattr(event, name)))
        for name in ("attempt", "effect_id", "command", "object_ids", "status", "reason", "resource_id", "start")
        if getattr(event, name, None) not in (None, ())
    ]
    turn = f"/{event.turn}" if hasattr(event, "turn") else ""
    return " ".join([kind, *words]) + turn


def effect_line(effect: Effect) -> str:
    """An effect in a few words."""
    match effect:
        case Dispatch():
            return f"dispatch {effect.id} to {effect.worker_group or effect.placement.value}"
        case CancelTask() | LaunchResource() | CheckResource():
            return f"{type(effect).__name__} {effect.id}"
        case RunAction():
            return f"alarm {effect.id}"
        case TerminateResource():
            return f"terminate {effect.id} ({effect.resource_id})"
