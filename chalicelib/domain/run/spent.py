"""What a run has cost so far, roughly: counted calls by list price, and function time as it was.

The figures of estimate.py, with the attempts and durations that there were. An attempt in a function counts from its
start to its end, which is the most that it can be: work that waits for another service is not held by a function.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain import prices
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.estimate import CONTROL_MEMORY_MB, NODE, SERVERLESS, TASK_MEMORY_MB, WORKER_GROUP, Calls
from chalicelib.domain.run.plan import Component, Plan, owner_component
from chalicelib.domain.run.state import Attempt, Instance
from chalicelib.domain.values import UtcTime

MODEL_CALLS = "modelCalls"
"""The field in which inference reports how often it asked a model."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What instances came to.

    attempts     handed out so far
    seconds      of work, all attempts
    model_calls  as reported
    usd          US dollars at list price: control plane and functions; machines, models and storage are not in it
    """

    attempts: int
    seconds: float
    model_calls: int
    usd: float


def spent(instances: Iterable[Instance], plan: Plan | None, now: UtcTime) -> Spent:
    """Of these instances together; without a plan nothing is known of where they ran, and functions are assumed."""
    parts = [_of_one(item, component_of(item, plan), now) for item in instances]
    return Spent(
        sum(part.attempts for part in parts),
        round(sum(part.seconds for part in parts), 3),
        sum(part.model_calls for part in parts),
        sum(part.usd for part in parts),
    )


def seconds_of(attempt: Attempt, now: UtcTime) -> float:
    """How long its work took, or takes so far; 0 before it begins."""
    if attempt.started is None:
        return 0.0
    return max(0.0, ((attempt.ended or now) - attempt.started).total_seconds())


def _of_one(item: Instance, component: Component | None, now: UtcTime) -> Spent:
    seconds = sum(seconds_of(attempt, item.ended or now) for attempt in item.attempts)
    calls = sum(_number(attempt) for attempt in item.attempts)
    return Spent(len(item.attempts), seconds, calls, _price(len(item.attempts), seconds, component))


def _price(attempts: int, seconds: float, component: Component | None) -> float:
    if component is not None and component.placement is None:
        return _control(NODE)
    if component is None or component.placement is Placement.SERVERLESS:
        return attempts * _control(SERVERLESS) + seconds * TASK_MEMORY_MB / 1024 * prices.GB_SECOND
    return attempts * _control(WORKER_GROUP)


def _control(calls: Calls) -> float:
    return sum(_lines(calls))


def _lines(calls: Calls) -> Iterator[float]:
    yield calls.write_units * prices.WRITE_UNIT
    yield calls.read_units * prices.READ_UNIT
    yield calls.sqs_requests * prices.SQS_REQUEST
    yield calls.api_requests * prices.API_REQUEST
    yield calls.invocations * prices.LAMBDA_REQUEST
    yield calls.control_seconds * CONTROL_MEMORY_MB / 1024 * prices.GB_SECOND


def _number(attempt: Attempt) -> int:
    said = dict(attempt.fields).get(MODEL_CALLS, "")
    return int(said) if said.isdecimal() else 0


def component_of(item: Instance, plan: Plan | None) -> Component | None:
    """The component that an instance is of, or how a precondition guards its owner; None without one."""
    if plan is None:
        return None
    if item.owner is None:
        return plan.components.get(item.component)
    return plan.guards.get((item.component, owner_component(item.owner)))
