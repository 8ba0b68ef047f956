"""Everything that happens to an instance because time passed; when that will be is in deadlines.py."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.run.attempts import Fault, cancel, fail_attempt, withdraw
from chalicelib.domain.run.deadlines import LOOK, SILENCE, late_at
from chalicelib.domain.run.lost import fail_resource, lose_resource
from chalicelib.domain.run.plan import Component, Kind
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.table import Trigger
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import UtcTime


def pass_time(turn: Turn, instance: Instance) -> None:
    """Carry out the first of the instance's deadlines that has passed, if any; it is looked at again afterwards."""
    component = turn.component(instance)
    late = late_at(instance, component)
    if late is not None and late <= turn.now:
        _become_late(turn, instance, component)
    elif component.kind is Kind.RESOURCE:
        _pass_resource_time(turn, instance, component)
    elif component.kind is Kind.PRECONDITION and _passed(turn, component.precondition_timeout, instance.created):
        _give_up(turn, instance, component)
    elif instance.status is Status.RUNNING:
        _pass_attempt_time(turn, instance, component)


def _passed(turn: Turn, period: Period | None, since: UtcTime | None) -> bool:
    return period is not None and since is not None and period.after(since) <= turn.now


def _become_late(turn: Turn, instance: Instance, component: Component) -> None:
    late = turn.put(replace(instance, late=True))
    turn.run_actions(late, component.on_late, "onLateAction")
    if component.terminates_when_late:
        cancel(turn, late, f"lateAfterTimeout of {component.late_after} passed")


def _give_up(turn: Turn, instance: Instance, component: Component) -> None:
    fault = Fault(
        "PreconditionTimeout", f"not satisfied within preconditionTimeout of {component.precondition_timeout}"
    )
    withdraw(turn, instance)
    fail_attempt(turn, instance, fault, retry=False)


def _pass_attempt_time(turn: Turn, instance: Instance, component: Component) -> None:
    head = instance.head
    if head is None or instance.hold_until is not None:
        return
    if _passed(turn, component.attempt_timeout, head.started):
        fault = Fault("AttemptTimeout", f"not finished within attemptTimeout of {component.attempt_timeout}")
    elif _passed(turn, component.progress_timeout, head.progress or head.started):
        fault = Fault(
            "ProgressTimeout", f"no progress reported for reportProgressTimeout of {component.progress_timeout}"
        )
    else:
        return
    withdraw(turn, instance)
    fail_attempt(turn, instance, fault)


def _pass_resource_time(turn: Turn, instance: Instance, component: Component) -> None:
    head = instance.head
    if head is None or instance.status not in (Status.CREATING, Status.RUNNING):
        return
    if _passed(turn, component.terminate_after, head.created):
        turn.terminate(instance)
        ended = turn.move(instance, Trigger.TIMED_OUT)
        lose_resource(turn, ended, f"terminateAfter of {component.terminate_after} passed")
        turn.run_actions(ended, component.on_fail, "onFail")
    elif instance.status is Status.CREATING and _passed(turn, component.init_timeout, head.created):
        fail_resource(turn, instance, f"not up within initTimeout of {component.init_timeout}")
    elif instance.status is Status.RUNNING and head.progress is not None:
        _pass_silence(turn, instance, component, turn.now - head.progress)


def _pass_silence(turn: Turn, instance: Instance, component: Component, silent: timedelta) -> None:
    if silent >= SILENCE:
        witness = "how it is could not be learned" if component.polled else "its Task Runner was not heard of any more"
        fail_resource(turn, instance, witness)
    elif component.polled and silent >= LOOK:
        turn.check(instance)
