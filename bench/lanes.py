"""A pipeline under load: lanes of an hourly copy (input node, activity, output node) with a backlog that never ends.

Plays the workers: every task that the engine hands out is reported started, then finished.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.advance import Advanced, advance, begin
from chalicelib.domain.run.agenda import Agenda
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.run.create import SOON
from chalicelib.domain.run.effects import Dispatch
from chalicelib.domain.run.events import Activated, Event, TaskEnded, TaskStarted, TaskStatus, Woke
from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.state import PipelineState
from chalicelib.domain.values import PipelineId

NOW = datetime(2026, 7, 1, tzinfo=UTC)
MOVES = 5
"""Status changes by the transition table per interval: input 1, activity 3 (offered, started, ended), output 1."""


def lanes(count: int, active: int, hours: int = 1_000_000) -> Definition:
    """`count` hourly copies with `active` intervals at a time each, `hours` intervals long."""
    objects: list[dict[str, object]] = [
        {
            "id": "Hourly",
            "type": "Schedule",
            "period": "1 hour",
            "startDateTime": "1900-01-01T00:00:00",
            "occurrences": str(hours),
        },
        {"id": "Default", "scheduleType": "cron", "schedule": {"ref": "Hourly"}, "maxActiveInstances": str(active)},
    ]
    for number in range(count):
        objects += [
            {"id": f"In{number}", "type": "S3DataNode", "filePath": "s3://bench/in/#{@scheduledStartTime}"},
            {"id": f"Out{number}", "type": "S3DataNode", "filePath": "s3://bench/out/#{@scheduledStartTime}"},
            {
                "id": f"Copy{number}",
                "type": "CopyActivity",
                "input": {"ref": f"In{number}"},
                "output": {"ref": f"Out{number}"},
            },
        ]
    return from_file({"objects": objects})


@dataclass(slots=True)
class Load:
    """One pipeline and the reports of its workers that are still to be folded in."""

    plan: Plan
    state: PipelineState
    now: datetime = NOW
    agenda: Agenda | None = None
    reports: deque[Event] = field(default_factory=deque)
    ended: int = 0

    def step(self, events: list[Event]) -> Advanced:
        """Fold a batch in and take up the tasks it hands out."""
        result = self.advanced(events)
        self.take(result)
        return result

    def advanced(self, events: list[Event]) -> Advanced:
        """What the engine makes of a batch; nothing is taken over yet."""
        return advance(self.state, events, self.now, self.plan, agenda=self.agenda)

    def take(self, result: Advanced) -> None:
        """The workers' side of one step."""
        self.state, self.agenda = result.state, result.agenda
        self.ended += len(result.ended)
        self.now += timedelta(milliseconds=100)
        for effect in result.send:
            if isinstance(effect, Dispatch):
                self.reports.append(TaskStarted(effect.attempt, effect.turn, self.now))
                self.reports.append(TaskEnded(effect.attempt, effect.turn, self.now, TaskStatus.FINISHED))

    def batches(self, size: int) -> Iterator[list[Event]]:
        """Batches of the reports, oldest first."""
        while len(self.reports) >= size:
            yield [self.reports.popleft() for _ in range(size)]


def load(count: int, active: int) -> Load:
    """A running pipeline whose every slot is taken."""
    definition = lanes(count, active)
    plan = compile_plan(definition, Limits(objects=10**6, active_instances=10**6), NOW, 1)
    event = Activated("activate", NOW, 1)
    made = Load(plan, begin(PipelineId("df-BENCH"), event))
    made.step([event])
    while len(made.state.instances) < 2 * count * active:
        made.now += SOON
        made.step([Woke(made.now)])
    return made
