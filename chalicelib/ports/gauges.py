"""What the deployment measures of itself, and which alarms are on. Must not know who watches, or in what words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

from chalicelib.domain.measures import Measure
from chalicelib.domain.values import UtcTime
from chalicelib.ports.queues import Queue


class Quantity(Enum):
    """What AWS measures of queues and functions by itself."""

    QUEUE_AGE = "queueAge"
    QUEUE_DEPTH = "queueDepth"
    DEAD_LETTERS = "deadLetters"
    FUNCTION_ERRORS = "functionErrors"
    FUNCTION_THROTTLES = "functionThrottles"


class Statistic(Enum):
    """What the values of a period come to."""

    SUM = "Sum"
    MAXIMUM = "Maximum"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One thing to read: a quantity of a queue or function (by its short name), or a measure of the stage."""

    what: Quantity | Measure
    of: Queue | str = ""
    statistic: Statistic = Statistic.SUM


@dataclass(frozen=True, slots=True)
class Series:
    """What a gauge showed: the beginning of each period that has a value, ascending, and that value."""

    gauge: Gauge
    points: tuple[tuple[UtcTime, float], ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm of this stage. `state` is OK, ALARM or INSUFFICIENT_DATA, since `since`, for `reason`."""

    name: str
    description: str
    state: str
    reason: str
    since: UtcTime


@dataclass(frozen=True, slots=True)
class Panel:
    """Readings of [low, high) by `period`, and the alarms beside them."""

    low: UtcTime
    high: UtcTime
    period: timedelta
    series: tuple[Series, ...]
    alarms: tuple[Alarm, ...]


class Gauges(Protocol):
    """Readings and alarms of one stage. Each reading costs its caller; see adapters."""

    def read(self, gauges: Sequence[Gauge], low: UtcTime, high: UtcTime, period: timedelta) -> Sequence[Series]:
        """Of [low, high), in the order of the gauges. Raises Denied, Throttled, Unavailable."""

    def alarms(self) -> Sequence[Alarm]:
        """All, in order of name. Raises Denied, Throttled, Unavailable."""


class NoGauges:
    """Where nothing is measured: the simulation, and tests of other things."""

    def read(self, gauges: Sequence[Gauge], low: UtcTime, high: UtcTime, period: timedelta) -> Sequence[Series]:  # noqa: ARG002 - the port's names
        """See Gauges."""
        return [Series(gauge, ()) for gauge in gauges]

    def alarms(self) -> Sequence[Alarm]:
        """See Gauges."""
        return ()
