"""Changing rows of history in place: by a user's order, or because activation passes over what did not run."""

from dataclasses import replace

from chalicelib.domain.run.backlog import reclaim
from chalicelib.domain.run.newborn import passed_over
from chalicelib.domain.run.ordered import without
from chalicelib.domain.run.plan import Component
from chalicelib.domain.run.recall import bring_back, bring_back_followers, followers
from chalicelib.domain.run.spans import indices, noted, noted_range
from chalicelib.domain.run.state import ComponentState, Instance, Span
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.table import Trigger, next_status
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import UtcTime

SKIPPED_ROWS = 100
"""History rows written for skipped intervals, newest first; older ones are known only as a span."""


def settle_row(turn: Turn, row: Instance, trigger: Trigger) -> None:
    """Change a row of history in place; what was stuck behind it looks again."""
    ended = _note_row(turn, row, trigger)
    if row.component in turn.plan.components and row.owner is None:
        turn.touch_watchers(ended)
        bring_back_followers(turn, ended)
        reclaim(turn, ended)


def _note_row(turn: Turn, row: Instance, trigger: Trigger) -> Instance:
    """The row with what it has come to, in history and in its component's notes."""
    ended = replace(row, status=next_status(row.id, row.status, trigger), ended=turn.now, waiting_on=())
    turn.ended[row.id] = ended
    if row.component in turn.plan.components and row.owner is None:
        progress = turn.progress(row.component)
        turn.components[row.component] = replace(
            progress, exceptions=noted(progress.exceptions, row.index, ended.status)
        )
    return ended


def skip(turn: Turn, component: Component, start: UtcTime) -> None:
    """Pass over every interval that begins before `start` and has not been run."""
    schedule = component.schedule
    if schedule is None:
        return
    target = _first_from(schedule, start)
    canceled = _canceled_before(turn.progress(component.id), target)
    passed = [skipped_row(turn, component, index) for index in canceled]
    _note_skipped(turn, component, canceled, target)
    ordered = turn.ordered.get(component.id)
    if ordered:
        turn.order(component.id, without(ordered, ordered[0].first, target - 1))
    for row in passed:
        _pass_on(turn, row, start)


def _first_from(schedule: Schedule, start: UtcTime) -> int:
    """The number of the first interval that begins at `start` or later, of those that the schedule has."""
    found = max(0, schedule.index_at(start))
    return found + 1 if schedule.period.after(schedule.start, found) < start else found


def _note_skipped(turn: Turn, component: Component, canceled: list[int], target: int) -> None:
    """Have the component's notes say so, and rows for the newest of the intervals that never began."""
    progress = turn.progress(component.id)
    spans: tuple[Span, ...] = progress.exceptions
    for index in canceled:
        spans = noted(spans, index, Status.SKIPPED)
    if target > progress.next_index:
        spans = noted_range(spans, progress.next_index, target - 1, Status.SKIPPED)
        for index in range(max(progress.next_index, target - SKIPPED_ROWS), target):
            if component.schedule is not None and component.schedule.find(index) is not None:
                skipped_row(turn, component, index)
    reached = max(target, progress.next_index)
    turn.components[component.id] = replace(progress, exceptions=spans, next_index=reached)


def _pass_on(turn: Turn, row: Instance, start: UtcTime) -> None:
    """Let what was stuck behind an interval that is passed over look again; what begins as early is passed over too."""
    turn.touch_watchers(row)
    for name in list(followers(turn.plan, turn.components, row, cascade=False)):
        stuck = turn.past(name)
        if stuck is None or name in turn.instances or stuck.status is not Status.WAITING_ON_DEPENDENCIES:
            continue  # one that is stuck behind two is met twice
        if stuck.start < start:
            _note_row(turn, stuck, Trigger.SKIPPED)
            _pass_on(turn, stuck, start)
        else:
            bring_back(turn, stuck, cascade=False)


def _canceled_before(progress: ComponentState, target: int) -> list[int]:
    """What deactivation canceled and activation would run again, of the intervals before `target`."""
    if progress.resume_from is None:
        return []
    canceled = indices(progress.exceptions, Status.CANCELED, progress.resume_from)
    return [index for index in canceled if index < target]


def skipped_row(turn: Turn, component: Component, index: int) -> Instance:
    """Write that an interval, which the component's schedule has, was passed over; what it did before stays told."""
    made = passed_over(turn, component, index)
    row = replace(turn.past(made.id) or made, status=made.status, ended=turn.now, cancellation_reason=None)
    turn.ended[row.id] = row
    return row
