"""Exports that DynamoDB makes itself (ExportTableToPointInTime): asked for once, then looked at until they are done.

1. An export's token is made of attempt, turn and window: executions that ask twice get the same export.
2. In a function nobody waits: it ends, and another looks again, after growing pauses. The checkpoint has the ARNs.
3. A window that recovery has not reached yet is waited for in the same way; one that is far ahead is refused.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import ceil

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import UtcTime, parse_time, render_time
from chalicelib.ports.errors import PortError, Rejected
from chalicelib.ports.objects import Encryption, Place
from chalicelib.ports.tables import ExportRequest, TableExport, Tables, Window
from chalicelib.transfer.tables import in_region
from chalicelib.work.outcome import Failed, Outcome, Unfinished
from chalicelib.work.tables.lanes import Side
from chalicelib.work.tools import Tools

_WHAT = "export table"
_FULL, _INCREMENTAL = "FULL_EXPORT", "INCREMENTAL_EXPORT"
_SHORTEST, _LONGEST = timedelta(minutes=15), timedelta(hours=24)
_AHEAD = timedelta(minutes=15)
"""How long a window may end after what recovery has reached: it is a few minutes behind."""

_PAUSES = (5, 10, 20, 30, 60)


@dataclass(frozen=True, slots=True)
class NativeExports:
    """The exports of one attempt: of the whole table, or one for each window."""

    source: Side
    folder: Place
    encryption: Encryption | None
    windows: tuple[Window, ...]


def is_asked_for(activity: PipelineObject) -> bool:
    """Whether the activity wants DynamoDB's own exports."""
    return activity.text("exportType") is not None


def is_exporting(checkpoint: str | None) -> bool:
    """Whether the execution before was still busy with the exports."""
    return checkpoint is None or "exports" in json.loads(checkpoint)


def windows_of(activity: PipelineObject) -> tuple[Window, ...]:
    """What the activity's `exportType` asks for: nothing for the whole table, else windows of at most 24 hours.

    Raises   Rejected for an unknown type, and for a window that is none
    """
    match activity.text("exportType"):
        case "FULL_EXPORT":
            return ()
        case "INCREMENTAL_EXPORT":
            return _cut(_time(activity, "exportFromTime", "Start"), _time(activity, "exportToTime", "End"))
        case other:
            raise Rejected(_WHAT, f"exportType is {other}, {_FULL} or {_INCREMENTAL} expected")


def _time(activity: PipelineObject, field: str, end: str) -> UtcTime:
    """The field, or the bound of the attempt's interval."""
    text = activity.text(field) or activity.text(f"@scheduled{end}Time") or ""
    try:
        return parse_time(text)
    except ValueError as error:
        raise Rejected(_WHAT, f"{field} is '{text}', YYYY-MM-DDTHH:MM:SS expected") from error


def _cut(first: UtcTime, behind: UtcTime) -> tuple[Window, ...]:
    if behind - first < _SHORTEST:
        raise Rejected(
            _WHAT,
            f"the changes from {render_time(first)} to {render_time(behind)} were asked for; 15 minutes is the least "
            "(on demand there is no interval: give exportFromTime and exportToTime)",
        )
    parts = ceil((behind - first) / _LONGEST)
    bounds = [first + (behind - first) * number / parts for number in range(parts + 1)]
    bounds = [bound.replace(microsecond=0) for bound in bounds]
    return tuple(Window(bounds[at], bounds[at + 1]) for at in range(parts))


def export_natively(
    exports: NativeExports, task: Task, tools: Tools, done: Callable[[Sequence[TableExport]], Outcome]
) -> Outcome:
    """Have the exports made, over as many executions as it takes, then go on with `done`.

    Raises   Missing without the table; Rejected without point-in-time recovery, for a window that is still to come,
             and with DynamoDB's sentence when an export fails
    """
    kept = json.loads(task.checkpoint) if task.checkpoint else {}
    arns, asked = list(kept.get("exports", ())), int(kept.get("asked", 0))
    tables = in_region(tools.tables, exports.source.region)
    while True:
        if not arns and _is_reached(exports, tables):
            arns = [tables.begin_export(exports.source.table, request) for request in _requests(exports, task)]
            tools.journal.say(f"exports asked for: {' '.join(arns)}")
        found = _looked_at(arns, tables)
        failures = [each.failure for each in found if each.failure is not None]
        if failures:
            raise Rejected(_WHAT, f"{exports.source}: {failures[0]}")
        if found and all(each.manifest is not None for each in found):
            return done(found)
        if tools.cancelled():
            return Failed("Canceled", "canceled; what DynamoDB has begun to export, it exports")
        pause = _PAUSES[min(asked, len(_PAUSES) - 1)]
        asked += 1
        if tools.time_left() is not None:
            fields = (("exportArn", ", ".join(arns)),) if arns else ()
            return Unfinished(json.dumps({"exports": arns, "asked": asked}), timedelta(seconds=pause), fields)
        tools.pause(pause)
        tools.report(())


def _looked_at(arns: Sequence[str], tables: Tables) -> Sequence[TableExport]:
    """How the exports are; nothing when that cannot be learned now: they go on, whoever fails to see it."""
    try:
        return [tables.describe_export(arn) for arn in arns]
    except PortError as error:
        if not error.retryable:
            raise
    return []


def _is_reached(exports: NativeExports, tables: Tables) -> bool:
    """Whether recovery can show all that is asked for."""
    table = exports.source.table
    latest = tables.restorable(table)
    if latest is None:
        reason = "its point-in-time recovery is off, and without it DynamoDB exports nothing"
        raise Rejected(_WHAT, f"{exports.source}: {reason}; turn it on, or leave out exportType to scan the table")
    if not exports.windows or exports.windows[-1].behind <= latest:
        return True
    if exports.windows[-1].behind - latest > _AHEAD:
        behind = render_time(exports.windows[-1].behind)
        raise Rejected(
            _WHAT,
            f"changes up to {behind} were asked for, which is still to come: use scheduleType timeseries, "
            "or an earlier exportToTime",
        )
    return False


def _requests(exports: NativeExports, task: Task) -> list[ExportRequest]:
    return [
        ExportRequest(exports.folder, _token(exports, task, window), exports.encryption, window)
        for window in exports.windows or (None,)
    ]


def _token(exports: NativeExports, task: Task, window: Window | None) -> str:
    bounds = [] if window is None else [render_time(window.first), render_time(window.behind)]
    parts = (task.pipeline, task.attempt, str(task.turn), str(exports.source), str(exports.folder), *bounds)
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


def told(found: Sequence[TableExport]) -> tuple[tuple[str, str], ...]:
    """What the attempt says of exports that are done."""
    manifests = ", ".join(str(each.manifest) for each in found)
    return (("itemsCopied", str(sum(each.items for each in found))), ("exportManifest", manifests))
