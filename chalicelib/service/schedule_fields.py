"""When an activated pipeline runs next, and the schedule it follows when all of it follows one."""

from collections.abc import Iterator

from chalicelib.domain.definition.model import Field
from chalicelib.domain.run.plan import Component, Plan
from chalicelib.domain.run.state import ComponentState, PipelineState
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import UtcTime, render_time
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Missing
from chalicelib.service.blueprints import blueprint_of


def schedule_fields(state: PipelineState, ports: Ports) -> Iterator[Field]:
    """@nextRunTime while the pipeline creates instances; the @scheduled… fields when it has exactly one schedule."""
    plan = active_plan(state, ports)
    if plan is None:
        return
    if state.status is PipelineStatus.SCHEDULED and (coming := _next_run(plan, state)) is not None:
        yield Field("@nextRunTime", render_time(coming))
    schedules = {part.schedule for part in plan.components.values() if part.schedule is not None}
    if len(schedules) == 1:
        yield from _one_schedule(schedules.pop())


def active_plan(state: PipelineState, ports: Ports) -> Plan | None:
    """What the engine goes by; None when the version was dropped since the state was read: another is active by now."""
    try:
        return blueprint_of(state.pipeline_id, state.definition_version, state.first_activation, ports).plan
    except Missing:
        return None


def _one_schedule(schedule: Schedule) -> Iterator[Field]:
    yield Field("@scheduledStartTime", render_time(schedule.start))
    if schedule.end is not None:
        yield Field("@scheduledEndTime", render_time(schedule.end))
    count, unit = schedule.period.count, schedule.period.unit.value
    yield Field("@scheduledPeriod", f"{count} {unit}{'' if count == 1 else 's'}")


def _next_run(plan: Plan, state: PipelineState) -> UtcTime | None:
    found = (next_due(part, plan, state.components.get(part.id, ComponentState())) for part in plan.components.values())
    return min((moment for moment in found if moment is not None), default=None)


def next_due(component: Component, plan: Plan, progress: ComponentState) -> UtcTime | None:
    """When the component's next instance is due; None when it is paused, on-demand or at its schedule's end."""
    interval = plan.interval(component, progress.next_index) if not progress.paused else None
    return component.due(interval) if interval is not None else None
