"""What a live instance does next, given how everything it depends on stands.

Level-triggered: asking twice is harmless.
"""

from dataclasses import replace

from chalicelib.domain.change import changed
from chalicelib.domain.run.attempts import cancel, dispatch, launch, offer, running_resource, succeed
from chalicelib.domain.run.deadlines import late_at
from chalicelib.domain.run.dependencies import Standing, needs_of, resource_key, standing
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.guards import create_guards
from chalicelib.domain.run.lost import lost
from chalicelib.domain.run.plan import Component, Kind
from chalicelib.domain.run.release import in_use, wanted_by
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.table import Trigger
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.values import InstanceId


def settle(turn: Turn, instance: Instance) -> None:
    """Move the instance as far as it can go now."""
    component = turn.component(instance)
    if lost(turn, instance, component):
        return
    match component.kind:
        case Kind.RESOURCE:
            _settle_resource(turn, instance, component)
        case Kind.PRECONDITION:
            _settle_guard(turn, instance, component)
        case Kind.ACTIVITY | Kind.DATANODE:
            _settle_work(turn, instance, component)


def _settle_work(turn: Turn, instance: Instance, component: Component) -> None:
    if instance.status is Status.WAITING_ON_DEPENDENCIES:
        if _dependencies_met(turn, instance, component) and _guards_met(turn, turn.instances[instance.id], component):
            _begin(turn, turn.instances[instance.id], component)
    elif instance.status is Status.WAITING_FOR_RUNNER and _held_until_now(turn, instance):
        _retry(turn, instance, component)


def _dependencies_met(turn: Turn, instance: Instance, component: Component) -> bool:
    pending: list[InstanceId] = []
    failed: list[InstanceId] = []
    stuck = False
    for theirs, key in needs_of(instance, component, turn.plan.components):
        match standing(key, theirs, turn.instances, turn.progress(theirs.id), turn.ordered.get(theirs.id, ())):
            case Standing.PENDING:
                pending.append(key[1])
            case Standing.FAILED:
                failed.append(key[1])
            case Standing.STUCK:
                stuck = True
                pending.append(key[1])
            case Standing.MET:
                pass
    if failed or stuck:
        _blocked(turn, replace(instance, waiting_on=tuple(failed + pending)), component, tuple(failed))
        return False
    _wait_on(turn, instance, tuple(pending))
    return not pending


def _blocked(turn: Turn, instance: Instance, component: Component, failed: tuple[InstanceId, ...]) -> None:
    """Something it needs failed: cascade, or get stuck until that is rerun."""
    if failed and component.cascade:
        ended = turn.move(instance, Trigger.DEPENDENCY_FAILED, cascade_failed_on=failed)
        turn.run_actions(ended, component.on_fail, "onFail")
        return
    park(turn, instance, component)


def park(turn: Turn, instance: Instance, component: Component) -> None:
    """Keep a stuck instance in history only, so that it holds no slot; not while onLateAction may have to fire."""
    if late_at(instance, component) is not None and (component.on_late or component.terminates_when_late):
        turn.keep(instance)
        return
    turn.leave(instance, instance)


def _wait_on(turn: Turn, instance: Instance, ids: tuple[InstanceId, ...]) -> None:
    if instance.waiting_on != ids:
        turn.keep(changed(instance, waiting_on=ids))


def _guards_met(turn: Turn, instance: Instance, component: Component) -> bool:
    if not component.preconditions:
        return True
    if not instance.checked:
        create_guards(turn, instance, component)
        return False
    live = tuple(turn.live_guards(instance))
    _wait_on(turn, instance, live)
    return not live


def _begin(turn: Turn, instance: Instance, component: Component) -> None:
    if turn.progress(instance.component).paused or not _held_until_now(turn, instance):
        return
    if component.kind is Kind.DATANODE:
        succeed(turn, instance)
    elif component.placement is not Placement.RESOURCE or _machine_is_up(turn, instance, component):
        offer(turn, turn.instances[instance.id])


def _machine_is_up(turn: Turn, instance: Instance, component: Component) -> bool:
    """Whether the instance's resource is running; else wait for it, which is what makes it start."""
    if component.resource is None:
        return False
    resource = turn.plan.components[component.resource]
    key = resource_key(instance, component, resource)
    if key is not None and running_resource(turn, instance, component) is not None:
        return True
    if key is None or standing(key, resource, turn.instances, turn.progress(resource.id)) is not Standing.PENDING:
        _without_machine(turn, instance, component, key)
        return False
    _wait_on(turn, instance, (key[1],))
    turn.touched[key[1]] = None
    return False


def _without_machine(turn: Turn, instance: Instance, component: Component, key: tuple[int, InstanceId] | None) -> None:
    """Its resource failed, or has no interval for it: nothing will ever run it as things are."""
    reason = (
        f"its resource {key[1]} did not run" if key else f"{component.resource} has no interval at {instance.start}"
    )
    if component.kind is Kind.PRECONDITION or component.cascade or key is None:
        cancel(turn, instance, reason)
    else:
        park(turn, replace(instance, waiting_on=(key[1],)), component)


def _retry(turn: Turn, instance: Instance, component: Component) -> None:
    if instance.hold_until is None or turn.progress(instance.component).paused:
        return
    if component.placement is Placement.RESOURCE and running_resource(turn, instance, component) is None:
        turn.move(instance, Trigger.RESOURCE_LOST, hold_until=None)
    else:
        offer(turn, instance)


def _held_until_now(turn: Turn, instance: Instance) -> bool:
    return instance.hold_until is None or instance.hold_until <= turn.now


def _settle_guard(turn: Turn, instance: Instance, component: Component) -> None:
    owner = turn.instances.get(instance.owner) if instance.owner else None
    if owner is None:
        cancel(turn, instance, f"{instance.owner} no longer waits for it")
    elif instance.status is Status.WAITING_ON_DEPENDENCIES:
        _begin(turn, instance, component)
    elif instance.status is Status.WAITING_FOR_RUNNER and _held_until_now(turn, instance):
        _retry(turn, instance, component)
    elif instance.status is Status.RUNNING and instance.hold_until is not None and _held_until_now(turn, instance):
        checked = replace(instance, hold_until=None)
        turn.keep(checked)
        dispatch(turn, checked)


def _settle_resource(turn: Turn, instance: Instance, component: Component) -> None:
    """Start it when something waits for it; release it when nothing will use it again."""
    if instance.status is Status.WAITING_ON_DEPENDENCIES:
        if not _dependencies_met(turn, instance, component):
            return
        if wanted_by(turn, turn.instances[instance.id], component):
            if _held_until_now(turn, instance) and not turn.progress(component.id).paused:
                launch(turn, turn.instances[instance.id])
        elif not in_use(turn, instance, component):
            turn.run_actions(turn.move(instance, Trigger.RELEASED), component.on_success, "onSuccess")
    elif instance.status in (Status.CREATING, Status.RUNNING) and not in_use(turn, instance, component):
        turn.drop_dispatches(instance)
        turn.terminate(turn.move(instance, Trigger.RELEASED))
