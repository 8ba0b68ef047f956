"""When components are due: the schedule each one refers to, or the one of what it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.plan import Style
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import UtcTime, parse_time

FIRST_ACTIVATION = "FIRST_ACTIVATION_DATE_TIME"


@dataclass(frozen=True, slots=True)
class Timing:
    """A component's style and schedule; `key` is the schedule object's id, empty on demand."""

    style: Style
    schedule: Schedule | None = None
    key: str = ""


class Written(Protocol):
    """The effective objects and their evaluated fields (compile.Source)."""

    objects: Mapping[str, PipelineObject]

    def text(self, item: PipelineObject, key: str) -> str | None: ...

    def period(self, item: PipelineObject, key: str) -> Period | None: ...

    def number(self, item: PipelineObject, key: str, otherwise: int) -> int: ...


class _Timings(dict[str, Timing]):
    """Timings worked out on demand, one schedule object once."""

    def __init__(self, source: Written, first_activation: UtcTime) -> None:
        super().__init__()
        self._source = source
        self._first = first_activation
        self._schedules: dict[str, Schedule] = {}

    def __missing__(self, name: str) -> Timing:
        item = self._source.objects[name]
        key = schedule_of(self._source.objects, item)
        if key is None:
            raise InvalidRequest(f"{name}: 'schedule' is missing: expected a reference to a Schedule object")
        if key not in self._schedules:
            self._schedules[key] = schedule(self._source, self._source.objects[key], self._first)
        style = (self._source.text(item, "scheduleType") or Style.TIMESERIES.value).lower()
        self[name] = Timing(Style(style), self._schedules[key], key)
        return self[name]


class _OnDemand(dict[str, Timing]):
    def __missing__(self, name: str) -> Timing:
        return Timing(Style.ONDEMAND)


def timing_of(source: Written, *, on_demand: bool, first_activation: UtcTime) -> Mapping[str, Timing]:
    """Timings by component id, worked out when asked for. Looking one up raises InvalidRequest where there is none."""
    return _OnDemand() if on_demand else _Timings(source, first_activation)


def schedule_of(objects: Mapping[str, PipelineObject], item: PipelineObject) -> str | None:
    """The id of the Schedule an object runs on: its own, else that of an object which refers to it."""
    own = [name for name in item.refs("schedule") if name in objects]
    if own:
        return own[-1]
    for other in objects.values():
        refers = any(item.id in other.refs(key) for key in ("input", "output", "runsOn", "dependsOn"))
        if refers:
            found = [name for name in other.refs("schedule") if name in objects]
            if found:
                return found[-1]
    return None


def schedule(source: Written, item: PipelineObject, first_activation: UtcTime) -> Schedule:
    """A Schedule object as a schedule.

    Raises   InvalidRequest for a missing or unreadable period or start
    Source   developer guide, "Schedule"
    """
    period = source.period(item, "period")
    if period is None:
        raise InvalidRequest(f"{item.id}: 'period' is missing: expected a Period such as '1 hour'")
    occurrences = source.text(item, "occurrences")
    return Schedule(
        start=_start(source, item, first_activation),
        period=period,
        end=_time(source, item, "endDateTime"),
        occurrences=None if occurrences is None else source.number(item, "occurrences", 0),
    )


def _start(source: Written, item: PipelineObject, first_activation: UtcTime) -> UtcTime:
    if (source.text(item, "startAt") or "").upper() == FIRST_ACTIVATION:
        return first_activation
    start = _time(source, item, "startDateTime")
    if start is None:
        raise InvalidRequest(f"{item.id}: expected either 'startDateTime' or 'startAt': {FIRST_ACTIVATION}")
    return start


def _time(source: Written, item: PipelineObject, key: str) -> UtcTime | None:
    written = source.text(item, key)
    if written is None:
        return None
    try:
        return parse_time(written)
    except ValueError as error:
        raise InvalidRequest(f"{item.id}: '{key}' is {written!r}: expected YYYY-MM-DDTHH:MM:SS") from error
