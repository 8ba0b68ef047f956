"""QueryObjects' conditions: one selector against one object. Pure.

1. A selector on a field that the object does not have is false; on several values, one that fits is enough.
2. EQ is true for any of its values, REF_EQ too; BETWEEN takes two, LE and GE one.
3. LE, GE and BETWEEN are for the four time fields. Times are compared to the second; a date alone is its midnight.
4. Statuses may be written CANCELLED, as the AWS CLI does.
Source: service model, Operator and Selector; awscli's list-runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.values import UtcTime, parse_time
from chalicelib.ports.store import TimeField, TimeQuery

MOST_SELECTORS = 10
TIME_FIELDS = ("@scheduledStartTime", "@scheduledEndTime", "@actualStartTime", "@actualEndTime")
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_WHOLE_SECOND = timedelta(microseconds=999_999)


class Operation(Enum):
    """How a field is compared."""

    EQ = "EQ"
    REF_EQ = "REF_EQ"
    LE = "LE"
    GE = "GE"
    BETWEEN = "BETWEEN"


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison and what it compares with."""

    type: Operation
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selector:
    """One condition."""

    field_name: str
    operator: Operator


_VALUES = {Operation.LE: 1, Operation.GE: 1, Operation.BETWEEN: 2}


def check_selectors(selectors: Sequence[Selector]) -> None:
    """Raise InvalidRequest naming the first selector that cannot be asked."""
    if len(selectors) > MOST_SELECTORS:
        raise InvalidRequest(f"query.selectors: expected at most {MOST_SELECTORS}, got {len(selectors)}")
    for number, selector in enumerate(selectors):
        _check(selector, f"query.selectors[{number}]")


def matches(item: PipelineObject, selectors: Sequence[Selector]) -> bool:
    """Whether every selector is true of the object."""
    return all(_matches(item, selector) for selector in selectors)


def time_query(selectors: Sequence[Selector], choices: Sequence[TimeField]) -> TimeQuery:
    """The narrowest index range that holds every object the selectors can be true of, by the first bounded choice."""
    for choice in choices:
        bounds = [_bounds(selector.operator) for selector in selectors if selector.field_name == choice.value]
        if bounds:
            low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
            return TimeQuery(choice, low, high + _WHOLE_SECOND)
    return TimeQuery(choices[-1], _EARLIEST, _LATEST)


def _check(selector: Selector, path: str) -> None:
    kind, values = selector.operator.type, selector.operator.values
    if kind not in _VALUES:
        return
    if len(values) != _VALUES[kind]:
        raise InvalidRequest(f"{path}.operator.values: {kind.value} takes {_VALUES[kind]}, got {len(values)}")
    if selector.field_name not in TIME_FIELDS:
        raise InvalidRequest(f"{path}.fieldName: {kind.value} is for {', '.join(TIME_FIELDS)}; use EQ for other fields")
    for value in values:
        if _time(value) is None:
            raise InvalidRequest(
                f"{path}.operator.values: expected YYYY-MM-DDTHH:MM:SS or YYYY-MM-DD, got {value[:64]!r}"
            )


def _bounds(operator: Operator) -> tuple[UtcTime, UtcTime]:
    moments = [moment for moment in map(_time, operator.values) if moment is not None]
    match operator.type:
        case Operation.LE:
            return _EARLIEST, moments[0]
        case Operation.GE:
            return moments[0], _LATEST
        case Operation.BETWEEN:
            return moments[0], moments[1]
        case Operation.EQ if moments:
            return min(moments), max(moments)
        case _:
            return _EARLIEST, _LATEST


def _matches(item: PipelineObject, selector: Selector) -> bool:
    operator, key = selector.operator, selector.field_name
    if operator.type is Operation.REF_EQ:
        return any(target in operator.values for target in item.refs(key))
    texts = _texts(item, key)
    if key in TIME_FIELDS:
        return any(_time_matches(text, operator) for text in texts)
    wanted = {_status(value) for value in operator.values} if key == "@status" else set(operator.values)
    return any(text in wanted for text in texts)


def _texts(item: PipelineObject, key: str) -> Sequence[str]:
    pseudo = {"name": item.name, "@id": item.id, "id": item.id}
    return (pseudo[key],) if key in pseudo else item.texts(key)


def _time_matches(text: str, operator: Operator) -> bool:
    moment = _time(text)
    if moment is None:
        return False
    if operator.type is Operation.EQ:
        return moment in [_time(value) for value in operator.values]
    low, high = _bounds(operator)
    return low <= moment <= high


def _status(value: str) -> str:
    return "CANCELED" if value == "CANCELLED" else value


def _time(text: str) -> UtcTime | None:
    try:
        return parse_time(text)
    except ValueError:
        return None
