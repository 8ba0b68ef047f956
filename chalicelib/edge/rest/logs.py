"""The logs of attempts, as they grow."""

from typing import Any

from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Refused, Reply, ref
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.previews import kept
from chalicelib.edge.rest.schemas.logs import FILES_EXAMPLE, LOG_EXAMPLE
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.attempt_logs import Asked, LogPart, list_logs, read_log
from chalicelib.service.function_lines import read_lines
from chalicelib.work.journal import FILE_NAME

_ATTEMPT = "/pipelines/{pipelineId}/instances/{instanceId}/attempts/{number}"
_LONGEST_NUMBER = 9


def _asked(call: Call) -> Asked:
    number = call.path["number"]
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER):
        raise Refused(404, "NotFound", "number: there is no attempt of this number", field="number")
    return Asked(pipeline_id(call), call.path["instanceId"], int(number))


def _list(call: Call, ports: Ports) -> Reply:
    found = list_logs(_asked(call), call.caller, ports)
    items = [
        {"name": kept(each.name), "sizeBytes": each.size, "modifiedAt": shown(each.modified)} for each in found.files
    ]
    body: dict[str, Any] = {"items": items}
    return Reply(body | {"folder": kept(found.folder)} if found.folder else body)


def _read(call: Call, ports: Ports) -> Reply:
    asked, cursor = _asked(call), call.query["cursor"]
    if call.query["source"] == "function":
        return Reply(_part(read_lines(asked, cursor, call.caller, ports)))
    whole = call.query["from"] == "start"
    return Reply(_part(read_log(asked, call.query["name"], cursor, call.caller, ports, whole=whole)))


def _part(part: LogPart) -> dict[str, Any]:
    return {
        "text": kept(part.text),
        "cursor": part.cursor,
        "more": part.more,
        "skipped": part.skipped,
        "restarted": part.restarted,
        "there": part.there,
        "growing": part.growing,
    }


OPERATIONS = (
    Operation(
        id="listAttemptLogs",
        method="GET",
        path=f"{_ATTEMPT}/logs",
        noun="runs",
        scope=Scope.READ,
        summary="List what an attempt has logged",
        description="Objects in its folder below pipelineLogUri, listed under the pipeline's own role. 409 when that "
        "role may not.",
        run=_list,
        reply=ref("LogFiles"),
        refusals=(409,),
        answers=FILES_EXAMPLE,
    ),
    Operation(
        id="readAttemptLog",
        method="GET",
        path=f"{_ATTEMPT}/log",
        noun="runs",
        scope=Scope.READ,
        summary="Read a part of an attempt's log",
        description="From its end, or its beginning; then on by `cursor`, while it grows. `source=file` is an object "
        "of the attempt's folder, read under the pipeline's own role: 409 when there is no folder, or the role may "
        "not. `source=function` is what the functions of the service said of the attempt, which names no data.",
        run=_read,
        query=(
            Query("source", {"type": "string", "enum": ["file", "function"], "default": "file"}, "Which kind of log."),
            Query(
                "name",
                {"type": "string", "minLength": 1, "maxLength": 512, "default": FILE_NAME},
                "Of a file: its name in the attempt's folder.",
            ),
            Query("from", {"type": "string", "enum": ["end", "start"], "default": "end"}, "Where a file's begins."),
            Query(
                "cursor",
                {"type": "string", "minLength": 1, "maxLength": 8192, "pattern": "^[A-Za-z0-9_=-]+$"},
                "`cursor` of the part before.",
            ),
        ),
        reply=ref("LogPart"),
        refusals=(409,),
        answers=LOG_EXAMPLE,
    ),
)
