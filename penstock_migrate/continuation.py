"""Where a pipeline goes on here, so that no interval runs twice and none is left out. Pure.

One start timestamp for all components is preferred: the definition then stays as it was. It will do when some moment
lies, for every component, after the last interval that ran and not after the next. Where components stopped at
different intervals (an hourly copy and the daily sum of it) or left single ones undone, each says for itself where it
goes on, by `continueFrom`.

A machine goes on from the earliest interval that something which uses it still needs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.definition.model import Definition, Field, PipelineObject
from chalicelib.domain.run.plan import Component, Kind, Plan
from chalicelib.domain.run.timing import FIRST_ACTIVATION
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import ComponentId, UtcTime, render_time
from penstock_migrate.progress import Ran

CONTINUE_FROM = "continueFrom"


@dataclass(frozen=True, slots=True)
class Continuation:
    """How to activate.

    start       the start timestamp; None for a pipeline without schedules
    components  what `continueFrom` says of each component; empty when the start timestamp suffices
    over        every interval has run: there is nothing to activate for
    """

    start: UtcTime | None = None
    components: Mapping[str, tuple[UtcTime, ...]] = field(default_factory=dict)
    over: bool = False


def continuation_of(plan: Plan, progress: Mapping[ComponentId, Ran], *, rerun: bool = False) -> Continuation:
    """Where to go on. `rerun`: what failed at the source runs once more here."""
    paths = _paths(plan, progress, rerun=rerun)
    if not paths:
        return Continuation()
    if not any(path.ran.left or path.goes_on for path in paths if path.component.kind is not Kind.RESOURCE):
        return Continuation(over=True)
    first = min([path.start for path in paths if path.goes_on] or [path.start for path in paths])
    if all(path.suits(first) for path in paths):
        return Continuation(first)
    return Continuation(
        min(path.start for path in paths), {path.component.id: (*path.single_starts, path.start) for path in paths}
    )


@dataclass(frozen=True, slots=True)
class _Path:
    """A component with its schedule, and how far it is."""

    component: Component
    schedule: Schedule
    ran: Ran

    @property
    def goes_on(self) -> bool:
        """Whether there is an interval that it has not begun."""
        return self.schedule.has(self.ran.next_index)

    @property
    def start(self) -> UtcTime:
        """Where the next interval begins, or would."""
        return self.schedule.period.after(self.schedule.start, self.ran.next_index)

    @property
    def single_starts(self) -> tuple[UtcTime, ...]:
        """Where the intervals begin that were left out."""
        return tuple(self.schedule.interval(index).start for index in self.ran.left)

    def suits(self, start: UtcTime) -> bool:
        """Whether passing over all intervals that begin before `start` leaves exactly what has not run."""
        if self.ran.left:
            return False
        index = max(0, self.schedule.index_at(start))
        if self.schedule.period.after(self.schedule.start, index) < start:
            index += 1
        return index == self.ran.next_index if self.goes_on else not self.schedule.has(index)


def _paths(plan: Plan, progress: Mapping[ComponentId, Ran], *, rerun: bool) -> list[_Path]:
    tightened = {name: _tightened(ran, rerun=rerun) for name, ran in progress.items()}
    paths = []
    for component in plan.components.values():
        if component.schedule is None or component.id not in tightened:
            continue
        ran = tightened[component.id]
        if component.kind is Kind.RESOURCE:
            ran = Ran(_first_needed(plan, component.id, component.schedule, tightened))
        paths.append(_Path(component, component.schedule, ran))
    return paths


def _tightened(ran: Ran, *, rerun: bool) -> Ran:
    """What was left at the very end is not left out: the component simply goes on from there."""
    left = {*ran.left, *(ran.failed if rerun else ())}
    next_index = ran.next_index
    while next_index - 1 in left:
        next_index -= 1
    return Ran(next_index, tuple(sorted(index for index in left if index < next_index)))


def _first_needed(plan: Plan, name: ComponentId, schedule: Schedule, steps: Mapping[ComponentId, Ran]) -> int:
    """The first interval of a machine in which something that uses it begins an interval that has not run."""
    needed = [
        schedule.index_at(user.schedule.period.after(user.schedule.start, steps[user.id].next_index))
        for user in (plan.components[each] for each in plan.users.get(name, ()))
        if user.schedule is not None and user.id in steps
    ]
    return max(0, min(needed, default=steps[name].next_index))


def still_needed(plan: Plan, progress: Mapping[ComponentId, Ran]) -> Iterator[tuple[ComponentId, UtcTime, ComponentId]]:
    """Failed intervals that something which has yet to run depends on: component, start, and what depends on it.

    Here they would count as passed over, and what depends on them would run without their result.
    """
    for name, ran in progress.items():
        mine = plan.components[name]
        for index in ran.failed:
            for consumer in plan.consumers.get(name, ()):
                if mine.schedule is not None and _awaits(plan.components[consumer], mine, index, progress):
                    yield name, mine.schedule.interval(index).start, consumer


def _awaits(consumer: Component, mine: Component, index: int, progress: Mapping[ComponentId, Ran]) -> bool:
    ran = progress.get(consumer.id, Ran())
    if consumer.schedule is None or mine.schedule is None:
        return False
    same = consumer.schedule_key == mine.schedule_key
    meeting = [index] if same else consumer.schedule.meeting(mine.schedule.interval(index))
    return any(each >= ran.next_index or each in ran.left for each in meeting)


def continued(definition: Definition, continuation: Continuation, first_activation: UtcTime | None) -> Definition:
    """The definition as it goes on: components told where, starts by first activation fixed to the source's."""
    return replace(
        definition,
        objects=tuple(
            _told(_fixed(item, first_activation), continuation.components.get(item.id, ()))
            for item in definition.objects
        ),
    )


def _told(item: PipelineObject, starts: tuple[UtcTime, ...]) -> PipelineObject:
    if not starts:
        return item
    kept = tuple(each for each in item.fields if each.key != CONTINUE_FROM)
    return replace(item, fields=(*kept, *(Field(CONTINUE_FROM, render_time(start)) for start in starts)))


def _fixed(item: PipelineObject, first_activation: UtcTime | None) -> PipelineObject:
    if first_activation is None or (item.text("startAt") or "").upper() != FIRST_ACTIVATION:
        return item
    kept = tuple(each for each in item.fields if each.key != "startAt")
    return replace(item, fields=(*kept, Field("startDateTime", render_time(first_activation))))
