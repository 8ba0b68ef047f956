"""What has run of a pipeline so far, asked of its account. What follows from it is progress.py's business."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.values import UtcTime, parse_time
from penstock_migrate.account import Account, read_time, selector, since

FAILED = ("FAILED", "TIMEDOUT", "TIMEOUT", "CASCADE_FAILED")
CANCELED = ("CANCELED", "CANCELLED")
MOVING = ("WAITING_FOR_RUNNER", "CREATING", "RUNNING", "SHUTTING_DOWN", "ACTIVATING", "VALIDATING", "PAUSED")
WAITING = ("WAITING_ON_DEPENDENCIES", "CHECKING_PRECONDITIONS", "SCHEDULED", "PENDING")
UNFINISHED = (*FAILED, *CANCELED, *MOVING, *WAITING)
RECENT = timedelta(days=8)
_INSTANCE = re.compile(r"@(.+)_(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Seen:
    """An instance that has not ended FINISHED or SKIPPED.

    start       of its interval
    ended       None while it lives
    waiting_on  ids of instances
    """

    id: str
    component: str
    start: UtcTime
    status: str
    ended: UtcTime | None = None
    waiting_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """How far a pipeline has got.

    newest     by component, the newest interval of which there is an instance
    completed  by component, the newest that ended FINISHED, of recent ones
    earliest   of all instances seen; tells a schedule's phase where its start is not known
    """

    newest: Mapping[str, UtcTime] = field(default_factory=dict)
    completed: Mapping[str, UtcTime] = field(default_factory=dict)
    unfinished: tuple[Seen, ...] = ()
    earliest: UtcTime | None = None


def observe(account: Account, pipeline: str, components: Collection[str], now: UtcTime) -> Observation:
    """Ask what there is of these components. Raises Unanswered where the account cannot say.

    Ids name component and interval, so instances that finished are not described: a long history costs few calls.
    """
    unfinished = tuple(_unfinished(account, pipeline))
    ids = list(account.query(pipeline, "INSTANCE", [since(now - RECENT)]))
    found = {component for component, _ in map(split, ids)}
    for component in sorted(set(components) - found):
        ids += account.query(pipeline, "INSTANCE", [selector("@componentParent", "REF_EQ", component)])
    return observed(ids, unfinished)


def observed(ids: Sequence[str], unfinished: Sequence[Seen]) -> Observation:
    """What instance ids and the unfinished instances among them tell."""
    open_ids = {item.id for item in unfinished}
    newest: dict[str, UtcTime] = {}
    completed: dict[str, UtcTime] = {}
    starts = []
    for name in (*ids, *open_ids):
        component, start = split(name)
        if start is None:
            continue
        starts.append(start)
        newest[component] = max(start, newest.get(component, start))
        if name not in open_ids:
            completed[component] = max(start, completed.get(component, start))
    return Observation(newest, completed, tuple(unfinished), min(starts, default=None))


def split(instance: str) -> tuple[str, UtcTime | None]:
    """Component and interval start of an instance id; no start when it is not of that form."""
    matched = _INSTANCE.fullmatch(instance)
    return (matched[1], parse_time(matched[2])) if matched else (instance, None)


def first_activation(account: Account, pipeline: str, schedules: Sequence[str]) -> UtcTime | None:
    """When the pipeline was activated first, as its Schedule objects say."""
    for item in account.objects(pipeline, list(schedules)) if schedules else ():
        found = read_time(item.text("@firstActivationTime"))
        if found is not None:
            return found
    return None


def _unfinished(account: Account, pipeline: str) -> Iterator[Seen]:
    ids = list(account.query(pipeline, "INSTANCE", [selector("@status", "EQ", *UNFINISHED)]))
    for item in account.objects(pipeline, ids):
        seen = _seen(item)
        if seen is not None:
            yield seen


def _seen(item: PipelineObject) -> Seen | None:
    component, start = split(item.id)
    if start is None:
        return None
    return Seen(
        item.id,
        next(iter(item.refs("@componentParent")), item.text("@componentParent") or component),
        start,
        item.text("@status") or "",
        read_time(item.text("@actualEndTime")),
        item.refs("@waitingOn") or item.texts("@waitingOn"),
    )
