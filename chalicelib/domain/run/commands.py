"""What users order: SetStatus, activation, deactivation, deletion."""

from dataclasses import replace

from chalicelib.domain.run.attempts import cancel, withdraw
from chalicelib.domain.run.create import add_run
from chalicelib.domain.run.events import Activated, Deactivated, Deleted, StatusSet
from chalicelib.domain.run.plan import Component, Kind, instance_id, moment_of
from chalicelib.domain.run.recall import bring_back, machine_of
from chalicelib.domain.run.rows import settle_row, skip, skipped_row
from chalicelib.domain.run.spans import indices
from chalicelib.domain.run.state import ComponentState, Instance
from chalicelib.domain.run.status import Command, PipelineStatus, Status
from chalicelib.domain.run.table import Trigger, allows
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.values import ComponentId, InstanceId, parse_time


def set_status(turn: Turn, event: StatusSet) -> None:
    """Carry out a SetStatus. What the table does not allow for an object is left as it is."""
    for name in event.object_ids:
        match event.command:
            case Command.PAUSE | Command.RESUME:
                _pause(turn, ComponentId(name), paused=event.command is Command.PAUSE)
            case Command.TRY_CANCEL:
                _cancel(turn, InstanceId(name))
            case Command.MARK_FINISHED:
                _mark_finished(turn, InstanceId(name))
            case Command.RERUN:
                _rerun(turn, InstanceId(name))


def _pause(turn: Turn, name: ComponentId, *, paused: bool) -> None:
    if name not in turn.plan.components:
        return
    turn.components[name] = replace(turn.progress(name), paused=paused)
    turn.refill[name] = None
    turn.touched.update({item.id: None for item in turn.instances.values() if item.component == name})


def _cancel(turn: Turn, name: InstanceId) -> None:
    live = turn.instances.get(name)
    if live is not None:
        if allows(live.status, Trigger.CANCELED):
            cancel(turn, live, "canceled by SetStatus TRY_CANCEL")
        return
    row = turn.past(name)
    if row is not None and row.status is Status.WAITING_ON_DEPENDENCIES:
        settle_row(turn, row, Trigger.CANCELED)


def _mark_finished(turn: Turn, name: InstanceId) -> None:
    live = turn.instances.get(name)
    if live is not None:
        if turn.component(live).kind is Kind.RESOURCE and live.status is not Status.WAITING_ON_DEPENDENCIES:
            turn.terminate(live)
        withdraw(turn, live)
        component = turn.component(live)
        turn.run_actions(turn.move(live, Trigger.MARKED_FINISHED), component.on_success, "onSuccess")
        return
    row = turn.past(name)
    if row is not None and allows(row.status, Trigger.MARKED_FINISHED):
        settle_row(turn, row, Trigger.MARKED_FINISHED)


def _rerun(turn: Turn, name: InstanceId) -> None:
    row = turn.past(name)
    if name not in turn.instances and row is not None and row.owner is None:
        bring_back(turn, row, cascade=True)


def activate(turn: Turn, event: Activated) -> None:
    """Run from now on: the first time, again after deactivation, with an edited definition, or once more on demand."""
    _take_in_new_components(turn)
    turn.status = PipelineStatus.SCHEDULED
    if turn.plan.batching is not None:
        turn.arrivals, turn.lacking = True, 0
    elif turn.plan.on_demand:
        add_run(turn, event.at)
    else:
        for component in turn.plan.components.values():
            if event.start is not None:
                skip(turn, component, event.start)
            _resume(turn, component)
    turn.refill.update(dict.fromkeys(turn.plan.components))
    turn.touched.update(dict.fromkeys(turn.instances))


def _take_in_new_components(turn: Turn) -> None:
    """A component added to a running pipeline starts where its schedule is, not with a backfill of its own.

    One that ran elsewhere starts where it stopped there.
    """
    reached: dict[str, int] = {}
    for name, progress in turn.components.items():
        known = turn.plan.components.get(name)
        if known is not None:
            reached[known.schedule_key] = max(reached.get(known.schedule_key, 0), progress.next_index)
    new = [component for component in turn.plan.components.values() if component.id not in turn.components]
    for component in new:
        turn.components[component.id] = ComponentState(next_index=reached.get(component.schedule_key, 0))
        if component.continues_from:
            skip(turn, component, component.continues_from[-1])
    for component in new:
        _run_left_out(turn, component)


def _run_left_out(turn: Turn, component: Component) -> None:
    """Run single intervals before the one that the component continues from: those that were left out elsewhere.

    They come to life in the step that skips their neighbours, so that no moment knows them as skipped, and nothing
    sent twice can run them twice.
    """
    for start in component.continues_from[:-1]:
        index = component.schedule.index_at(start) if component.schedule is not None else -1
        interval = turn.plan.interval(component, index)
        if interval is None or interval.start != start or index >= turn.progress(component.id).next_index:
            continue
        row = skipped_row(turn, component, index)
        for name in machine_of(turn.plan, row):
            _skipped_machine(turn, component, name)
        bring_back(turn, row, cascade=False)


def _skipped_machine(turn: Turn, user: Component, name: InstanceId) -> None:
    """Have a row of a machine that was passed over so long ago that none was written."""
    machine = turn.plan.components[user.resource] if user.resource is not None else None
    if machine is None or machine.schedule is None or name in turn.instances or turn.past(name) is not None:
        return
    index = machine.schedule.index_at(parse_time(moment_of(name)))
    if index < turn.progress(machine.id).next_index:
        skipped_row(turn, machine, index)


def _resume(turn: Turn, component: Component) -> None:
    """Run again what deactivation canceled."""
    progress = turn.progress(component.id)
    if progress.resume_from is None or component.schedule is None:
        return
    canceled = indices(progress.exceptions, Status.CANCELED, progress.resume_from)
    turn.components[component.id] = replace(progress, resume_from=None)
    for index in canceled:
        row = turn.past(instance_id(component.id, component.schedule.interval(index).start))
        if row is not None:
            bring_back(turn, row, cascade=False)


def deactivate(turn: Turn, event: Deactivated) -> None:
    """Create nothing more; cancel what is live, or let it end."""
    if turn.status is not PipelineStatus.SCHEDULED:
        return
    turn.status = PipelineStatus.DEACTIVATING
    turn.runs = [run for run in turn.runs if run.started]
    if event.cancel_active:
        cancel_all(turn, "the pipeline was deactivated", resume=True)


def cancel_all(turn: Turn, reason: str, *, resume: bool) -> None:
    """Cancel everything live, in order of id; `resume` remembers where reactivation takes up again."""
    for name in sorted(turn.instances):
        instance = turn.instances.get(name)
        if instance is None or not allows(instance.status, Trigger.CANCELED):
            continue
        if resume and instance.owner is None:
            _remember(turn, instance)
        cancel(turn, instance, reason)


def _remember(turn: Turn, instance: Instance) -> None:
    progress = turn.progress(instance.component)
    lowest = instance.index if progress.resume_from is None else min(progress.resume_from, instance.index)
    turn.components[instance.component] = replace(progress, resume_from=lowest)


def delete(turn: Turn, _: Deleted) -> None:
    """Cancel everything and release every resource; nothing is created any more."""
    turn.status = PipelineStatus.DELETING
    turn.runs = []
    cancel_all(turn, "the pipeline was deleted", resume=False)
