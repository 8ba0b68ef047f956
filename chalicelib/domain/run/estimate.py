"""What running instances will cost, roughly: counted calls by list price, and durations as they were.

Counts per instance are those that `python -m bench writes` measured, every control event delivered alone, which is the
most that can happen; the figures stand in docs/explanation/performance.md. An attempt is taken to succeed at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain import prices
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.plan import Component, Kind
from chalicelib.domain.values import ComponentId

TASK_MEMORY_MB = 1024
"""Of the function that works; as .chalice/config.json gives it."""
CONTROL_MEMORY_MB = 512
ASSUMED_SECONDS = 1.0
"""Of work that was never seen to end."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls and units of one instance, and the time of the functions that keep its books."""

    write_units: float
    read_units: float = 0.0
    sqs_requests: float = 0.0
    api_requests: float = 0.0
    control_seconds: float = 0.0
    invocations: float = 0.0


NODE = Calls(write_units=2.0)
SERVERLESS = Calls(3.9, read_units=2.5, sqs_requests=6.3, api_requests=0.1, control_seconds=0.2, invocations=3.0)
WORKER_GROUP = Calls(10.7, read_units=6.0, sqs_requests=6.3, api_requests=3.1, control_seconds=0.15, invocations=5.0)


@dataclass(frozen=True, slots=True)
class Duration:
    """Mean seconds of a component's work, from so many attempts that ended well."""

    seconds: float
    attempts: int


@dataclass(frozen=True, slots=True)
class Part:
    """One line of an estimate: so much of something at a list price. `basis` says where the quantity comes from."""

    what: str
    quantity: float
    unit: str
    unit_price: float
    basis: str

    @property
    def usd(self) -> float:
        """US dollars."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Estimate:
    """What it will cost, in parts; what is not in it; and how long it takes at the least, where that is known."""

    parts: tuple[Part, ...]
    left_out: tuple[str, ...]
    seconds: float | None

    @property
    def usd(self) -> float:
        """US dollars, all parts."""
        return sum(part.usd for part in self.parts)


def estimate(
    planned: Sequence[tuple[Component, int]], durations: Mapping[ComponentId, Duration], guards: Mapping[str, int]
) -> Estimate:
    """Of `planned`, components and how many instances of each.

    durations  of components that were seen to work
    guards     preconditions' checks by owner, each of which is a task of its own
    """
    counted = [(calls, count) for component, number in planned for calls, count in _calls(component, number, guards)]
    return Estimate(
        parts=(*_control(counted), *_work(planned, durations)),
        left_out=tuple(_left_out(planned, durations)),
        seconds=_at_least(planned, durations),
    )


def _calls(component: Component, number: int, guards: Mapping[str, int]) -> Iterator[tuple[Calls, int]]:
    checks = guards.get(component.id, 0)
    if checks:
        yield SERVERLESS, checks * number
    if component.placement is None:
        yield NODE, number
    else:
        yield SERVERLESS if component.placement is Placement.SERVERLESS else WORKER_GROUP, number


_MEASURED = "counted per instance by bench writes"


def _control(counted: Sequence[tuple[Calls, int]]) -> Iterator[Part]:
    def total(name: str) -> float:
        return float(sum(getattr(calls, name) * number for calls, number in counted))

    yield Part("DynamoDB writes", total("write_units"), "write unit", prices.WRITE_UNIT, _MEASURED)
    yield Part("DynamoDB reads", total("read_units"), "read unit", prices.READ_UNIT, _MEASURED)
    yield Part("SQS", total("sqs_requests"), "request", prices.SQS_REQUEST, _MEASURED)
    yield Part("API Gateway", total("api_requests"), "request", prices.API_REQUEST, _MEASURED)
    yield Part("Lambda requests", total("invocations"), "request", prices.LAMBDA_REQUEST, _MEASURED)
    seconds = total("control_seconds") * CONTROL_MEMORY_MB / 1024
    yield Part("Lambda time of the engine", seconds, "GB-second", prices.GB_SECOND, _MEASURED)


def _work(planned: Sequence[tuple[Component, int]], durations: Mapping[ComponentId, Duration]) -> Iterator[Part]:
    for component, number in planned:
        if component.placement is not Placement.SERVERLESS:
            continue
        known = durations.get(component.id)
        seconds = known.seconds if known is not None else ASSUMED_SECONDS
        basis = f"mean of {known.attempts} attempts" if known is not None else "assumed: it never ended well so far"
        quantity = seconds * number * TASK_MEMORY_MB / 1024
        yield Part(f"Lambda time of {component.id}", quantity, "GB-second", prices.GB_SECOND, basis)


def _left_out(planned: Sequence[tuple[Component, int]], durations: Mapping[ComponentId, Duration]) -> Iterator[str]:
    yield "what the work itself asks of other services: requests, transfer and storage; logs"
    machines = sorted({str(component.resource) for component, _ in planned if component.resource is not None})
    for name in machines:
        known = durations.get(ComponentId(name))
        each = f", up for {known.seconds / 3600:.2f} hours each so far" if known is not None else ""
        yield f"the machines or clusters of {name}{each}"
    if any(component.placement is Placement.WORKER_GROUP for component, _ in planned):
        yield "the machines on which Task Runners of worker groups run"


def _at_least(planned: Sequence[tuple[Component, int]], durations: Mapping[ComponentId, Duration]) -> float | None:
    """The slowest component alone, as many at a time as it may have; None when nothing is known of one that works."""
    works = [(component, number) for component, number in planned if component.kind is Kind.ACTIVITY]
    if any(component.id not in durations for component, _ in works):
        return None
    spans = [durations[component.id].seconds * -(-number // component.max_active) for component, number in works]
    return max(spans, default=0.0)
