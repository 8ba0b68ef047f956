"""Orders for one instance, for all of a run, for a component or for every component: checked, then given to the engine.

Unlike SetStatus, which leaves alone what an order does not fit, these say why it does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.errors import NotPossible, ObjectNotFound
from chalicelib.domain.run.plan import Kind
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Command, Status
from chalicelib.domain.run.table import Trigger, allows
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller
from chalicelib.service.object_fields import View
from chalicelib.service.objects import SetStatus, set_status
from chalicelib.service.runs import run_instances
from chalicelib.service.views import find_objects, load_view

_TRIGGERS = {
    Command.RERUN: Trigger.RERUN,
    Command.TRY_CANCEL: Trigger.CANCELED,
    Command.MARK_FINISHED: Trigger.MARKED_FINISHED,
}
_REFUSALS = {
    Command.RERUN: "only what has ended can be run again",
    Command.TRY_CANCEL: "only what has not ended can be canceled",
    Command.MARK_FINISHED: "only what has not finished can be marked finished",
}
_UNHAPPY = frozenset({Status.FAILED, Status.TIMEDOUT, Status.CASCADE_FAILED, Status.CANCELED})


class Which(Enum):
    """What of a run a rerun means."""

    FAILED = "failed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class OrderInstance:
    """RERUN, TRY_CANCEL or MARK_FINISHED for one instance."""

    pipeline_id: PipelineId
    instance: str
    command: Command


@dataclass(frozen=True, slots=True)
class OrderRun:
    """The same for every instance of a run that it fits; `which` narrows a rerun."""

    pipeline_id: PipelineId
    run: str
    command: Command
    which: Which = Which.FAILED


@dataclass(frozen=True, slots=True)
class OrderComponents:
    """PAUSE or RESUME for one component, or for all when none is named."""

    pipeline_id: PipelineId
    command: Command
    component: str | None = None


def order_instance(request: OrderInstance, caller: Caller, ports: Ports) -> Sequence[str]:
    """Give the order; the ids it was given for.

    Raises   ObjectNotFound; NotPossible when the instance's status does not permit it; what SetStatus raises
    """
    return _given(request.pipeline_id, instance_ids(request, caller, ports), request.command, caller, ports)


def instance_ids(request: OrderInstance, caller: Caller, ports: Ports) -> Sequence[str]:
    """The id of the order's instance. Raises ObjectNotFound; NotPossible when its status does not permit the order."""
    view = load_view(caller, request.pipeline_id, ports)
    found = find_objects([request.instance], view, ports.store).get(request.instance)
    if found is None or found.instance is None or found.attempt is not None:
        raise ObjectNotFound(request.pipeline_id, f"instance {request.instance[:300]}")
    item = found.instance
    if item.owner is not None and request.command is Command.RERUN:
        raise NotPossible(f"{item.id} checks a precondition of {item.owner}: run that again, and it is checked again")
    if not _fits(item, request.command, _live(view)):
        raise NotPossible(f"{item.id} is {item.status.value}: {_REFUSALS[request.command]}")
    return [item.id]


def order_run(request: OrderRun, caller: Caller, ports: Ports) -> Sequence[str]:
    """Give the order to every instance that it fits; their ids. Machines come back with what runs on them.

    Raises   ObjectNotFound; NotPossible when it fits none; what SetStatus raises
    """
    return _given(request.pipeline_id, run_ids(request, caller, ports), request.command, caller, ports)


def run_ids(request: OrderRun, caller: Caller, ports: Ports) -> Sequence[str]:
    """The ids of the run's instances that the order fits. Raises ObjectNotFound; NotPossible when it fits none."""
    found = run_instances(request.pipeline_id, request.run, caller, ports)
    view = load_view(caller, request.pipeline_id, ports)
    wanted = _wanted(request, view)
    ids = [item.id for item in found.instances if item.owner is None and wanted(item)]
    if not ids:
        counts = ", ".join(f"{count} {status.value}" for status, count in found.run.counts.items())
        raise NotPossible(f"Run {request.run} has {counts}: {_REFUSALS[request.command]}")
    return ids


def order_components(request: OrderComponents, caller: Caller, ports: Ports) -> Sequence[str]:
    """Pause or resume; the ids of the components.

    Raises   ObjectNotFound for a component that the active definition does not run; what SetStatus raises
    """
    return _given(request.pipeline_id, component_ids(request, caller, ports), request.command, caller, ports)


def component_ids(request: OrderComponents, caller: Caller, ports: Ports) -> Sequence[str]:
    """The ids of the components that are paused or resumed. Raises as order_components."""
    view = load_view(caller, request.pipeline_id, ports)
    known = list(view.source.plan.components) if view.source is not None else []
    if request.component is not None and request.component not in known:
        raise ObjectNotFound(request.pipeline_id, f"component {request.component[:300]} that runs")
    if not known:
        raise NotPossible(f"Pipeline {request.pipeline_id} was never activated, so nothing of it can be paused")
    return [str(name) for name in known] if request.component is None else [request.component]


def _given(
    pipeline_id: PipelineId, ids: Sequence[str], command: Command, caller: Caller, ports: Ports
) -> Sequence[str]:
    set_status(SetStatus(pipeline_id, tuple(ids), command.value), caller, ports)
    return ids


def _live(view: View) -> Mapping[str, Instance]:
    return {str(name): item for name, item in view.state.instances.items()} if view.state is not None else {}


def _fits(item: Instance, command: Command, live: Mapping[str, Instance]) -> bool:
    """Whether the order would change it. What is stuck behind a failure waits and is not live: it may be run again."""
    if command is Command.RERUN:
        return item.id not in live and (item.status.ended or item.status is Status.WAITING_ON_DEPENDENCIES)
    return allows(item.status, _TRIGGERS[command])


def _wanted(request: OrderRun, view: View) -> Callable[[Instance], bool]:
    live = _live(view)
    plan = view.source.plan if view.source is not None else None

    def is_machine(item: Instance) -> bool:
        component = plan.components.get(item.component) if plan is not None else None
        return component is not None and component.kind is Kind.RESOURCE

    def wanted(item: Instance) -> bool:
        if not _fits(item, request.command, live):
            return False
        if request.command is not Command.RERUN or item.status in _UNHAPPY:
            return True
        return request.which is Which.ALL and not is_machine(item)

    return wanted
