"""A resource that failed: its own next attempt, and what becomes of the work that ran on it."""

from chalicelib.domain.run.attempts import Fault, close_head, fail_attempt, running_resource
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.plan import Component
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.table import Trigger
from chalicelib.domain.run.turn import Turn


def fail_resource(turn: Turn, instance: Instance, reason: str) -> None:
    """The machine or cluster did not come up, or went away: end it for sure, and try another while tries are left."""
    component = turn.component(instance)
    turn.terminate(instance)
    failed = close_head(turn, instance, Fault("ResourceFailed", reason))
    turn.drop_dispatches(instance)
    if instance.tries_left > 0:
        waiting = turn.move(
            failed, Trigger.RESOURCE_LOST, hold_until=turn.now + component.retry_delay, resource_id=None
        )
        lose_resource(turn, waiting, reason)
    else:
        ended = turn.move(failed, Trigger.FAILED)
        lose_resource(turn, ended, reason)
        turn.run_actions(ended, component.on_fail, "onFail")


def lose_resource(turn: Turn, resource: Instance, reason: str) -> None:
    """Fail the attempts that it was running; they try again while `actionOnResourceFailure` and tries allow."""
    component = turn.component(resource)
    fault = Fault("ResourceFailed", f"{resource.id}: {reason}")
    for found in list(turn.related(resource, turn.plan.users.get(resource.component, ()))):
        user = turn.instances[found]
        for held in (user, *(turn.instances[guard] for guard in turn.live_guards(user))):
            if turn.component(held).placement is Placement.RESOURCE and held.status in _ON_MACHINE:
                _lose(turn, held, fault, again=component.retries_when_resource_fails)


def lost(turn: Turn, instance: Instance, component: Component) -> bool:
    """Whether the machine that runs the instance is gone, for whatever reason; its attempt is then closed."""
    if (
        component.placement is not Placement.RESOURCE
        or instance.status not in _ON_MACHINE
        or component.resource is None
    ):
        return False
    if instance.head is None or instance.head.status.ended or running_resource(turn, instance, component) is not None:
        return False
    fault = Fault("ResourceFailed", f"{component.resource} is not running any more")
    _lose(turn, instance, fault, again=turn.plan.components[component.resource].retries_when_resource_fails)
    return True


_ON_MACHINE = (Status.WAITING_FOR_RUNNER, Status.RUNNING)


def _lose(turn: Turn, instance: Instance, fault: Fault, *, again: bool) -> None:
    turn.cancel_task(instance)
    if again and instance.tries_left > 0:
        lost = close_head(turn, instance, fault)
        turn.drop_dispatches(instance)
        turn.move(lost, Trigger.RESOURCE_LOST, hold_until=None)
    else:
        fail_attempt(turn, instance, fault, retry=False)
