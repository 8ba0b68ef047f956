"""DynamoDB's operations about point-in-time recovery and exports over HTTP; all others are moto's."""

import hashlib
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from local.tables.exports import Client, Export, carry_out, change_line, full_line, moment_time, window_times
from local.tables.recorder import Recorder, forget, record, recorder_of

TARGET = "DynamoDB_20120810."
_SHORTEST, _LONGEST = 15 * 60, 24 * 3600
_REGION = re.compile(r"Credential=[^/]*/\d+/([a-z0-9-]+)/")
Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Reply = Mapping[str, Any]


class Refused(Exception):
    """An error of the API: its code and sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TableExports:
    """The operations. `client` gives clients of the embedded AWS; `now` the seconds since 1970."""

    def __init__(self, client: Client, now: Callable[[], float] = time.time) -> None:
        self._client = client
        self._now = now
        self._exports: dict[str, Export] = {}
        self._operations: Mapping[str, Callable[[dict[str, Any]], Reply]] = {
            "ExportTableToPointInTime": self._begin,
            "DescribeExport": self._describe,
            "ListExports": self._list,
        }

    def wait(self) -> None:
        """Until nothing that was asked for is still being written."""
        for export in list(self._exports.values()):
            export.done.wait()

    def answers(self, operation: str) -> bool:
        """Whether the operation is done here and not by moto."""
        return operation in self._operations

    def answer(self, operation: str, request: dict[str, Any]) -> Reply:
        """Do one. Raises Refused."""
        return self._operations[operation](request)

    def heard(self, operation: str, region: str, request: dict[str, Any], reply: dict[str, Any]) -> dict[str, Any]:
        """Take note of what moto answered, and correct it where it has no clock."""
        table = _table(region, request["TableName"])
        if table is None:
            return reply
        about = reply.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
        if about.get("PointInTimeRecoveryStatus") != "ENABLED":
            if operation == "UpdateContinuousBackups":
                forget(table)
            return reply
        record(table, self._now)
        recorder = recorder_of(table)
        about["EarliestRestorableDateTime"] = recorder.since if recorder else self._now()
        about["LatestRestorableDateTime"] = self._now()
        return reply

    def _begin(self, request: dict[str, Any]) -> Reply:
        token = request.get("ClientToken") or uuid.uuid4().hex
        region, name = request["TableArn"].split(":")[3], request["TableArn"].rpartition("/")[2]
        suffix = hashlib.sha256(f"{request['TableArn']} {token}".encode()).hexdigest()[:8]
        found = next((each for arn, each in self._exports.items() if arn.endswith(f"-{suffix}")), None)
        if found is not None:
            if found.request != request:
                raise Refused("ExportConflictException", "There was a conflict when writing to the specified S3 bucket")
            return {"ExportDescription": _told(found)}
        table = _table(region, name)
        if table is None:
            raise Refused("TableNotFoundException", f"Table not found: {name}")
        recorder = recorder_of(table)
        if recorder is None:
            raise Refused(
                "PointInTimeRecoveryUnavailableException",
                f"Point in time recovery is not enabled for table '{name}'",
            )
        arn = f"{request['TableArn']}/export/{int(self._now() * 1000):014d}-{suffix}"
        export = self._taken(arn, request, recorder)
        self._exports[arn] = export
        described = _told(export)
        threading.Thread(target=carry_out, args=(export, self._client), daemon=True).start()
        return {"ExportDescription": described}

    def _taken(self, arn: str, request: dict[str, Any], recorder: Recorder) -> Export:
        if request.get("ExportFormat", "DYNAMODB_JSON") != "DYNAMODB_JSON":
            raise Refused("ValidationException", "the embedded DynamoDB exports DYNAMODB_JSON only")
        now = self._now()
        if request.get("ExportType") == "INCREMENTAL_EXPORT":
            wanted = request.get("IncrementalExportSpecification") or {}
            first, behind = self._window(wanted, recorder.since)
            view = wanted.get("ExportViewType", "NEW_AND_OLD_IMAGES")
            lines = [change_line(net, view) for net in recorder.net(first, behind)]
            return Export(arn, request["TableArn"], request, lines, window_times(first, behind, view), now)
        at = float(request.get("ExportTime", now))
        if not recorder.since <= at <= now:
            raise Refused("InvalidExportTimeException", f"{at} is outside of the point in time recovery window")
        lines = [full_line(image) for image in recorder.images(at)]
        return Export(arn, request["TableArn"], request, lines, moment_time(at), now)

    def _window(self, wanted: Mapping[str, Any], since: float) -> tuple[float, float]:
        first, behind = float(wanted["ExportFromTime"]), float(wanted.get("ExportToTime", self._now()))
        if not since <= first or behind > self._now():
            raise Refused("InvalidExportTimeException", "The window is outside of the point in time recovery window")
        if not _SHORTEST <= behind - first <= _LONGEST:
            raise Refused("ValidationException", "An incremental export spans 15 minutes to 24 hours")
        return first, behind

    def _describe(self, request: dict[str, Any]) -> Reply:
        found = self._exports.get(request["ExportArn"])
        if found is None:
            raise Refused("ExportNotFoundException", f"Export not found: {request['ExportArn']}")
        return {"ExportDescription": _told(found)}

    def _list(self, request: dict[str, Any]) -> Reply:
        table = request.get("TableArn")
        found = [each for each in self._exports.values() if table in (None, each.table)]
        kinds = [(each, each.request.get("ExportType", "FULL_EXPORT")) for each in found]
        return {
            "ExportSummaries": [
                {"ExportArn": each.arn, "ExportStatus": each.status, "ExportType": kind} for each, kind in kinds
            ]
        }


def with_table_exports(inner: Application, exports: TableExports) -> Application:
    """`inner`, except for exports of tables; what it says about point-in-time recovery is heard."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        operation = target.removeprefix(TARGET)
        watched = operation in ("UpdateContinuousBackups", "DescribeContinuousBackups")
        if not target.startswith(TARGET) or not (watched or exports.answers(operation)):
            return inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        request = json.loads(body or b"{}")
        if watched:
            return _listened(inner, {**environ, "wsgi.input": BytesIO(body)}, start_response, exports, request)
        status, reply = _answered(exports, operation, request)
        return _sent(start_response, status, reply)

    return application


def _listened(
    inner: Application, environ: Environ, start_response: StartResponse, exports: TableExports, request: dict[str, Any]
) -> Iterable[bytes]:
    told: list[str] = []

    def note(status: str, _: list[tuple[str, str]]) -> None:
        told.append(status)

    reply = json.loads(b"".join(inner(environ, note)))
    if told[0].startswith("200"):
        operation = str(environ["HTTP_X_AMZ_TARGET"]).removeprefix(TARGET)
        found = _REGION.search(str(environ.get("HTTP_AUTHORIZATION", "")))
        reply = exports.heard(operation, found[1] if found else "us-east-1", request, reply)
    return _sent(start_response, told[0], reply)


def _answered(exports: TableExports, operation: str, request: dict[str, Any]) -> tuple[str, Reply]:
    try:
        return "200 OK", exports.answer(operation, request)
    except Refused as refused:
        return "400 Bad Request", {"__type": refused.code, "message": str(refused)}


def _sent(start_response: StartResponse, status: str, reply: Reply) -> Iterable[bytes]:
    content = json.dumps(reply).encode()
    start_response(status, [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(content)))])
    return [content]


def _told(export: Export) -> dict[str, Any]:
    kept = ("S3Bucket", "S3Prefix", "S3SseAlgorithm", "S3SseKmsKeyId", "ExportType", "IncrementalExportSpecification")
    failure = {"FailureCode": export.failure[0], "FailureMessage": export.failure[1]} if export.failure else {}
    ended = {"ItemCount": len(export.lines), "BilledSizeBytes": export.billed, "ExportManifest": export.manifest}
    return {
        "ExportArn": export.arn,
        "ExportStatus": export.status,
        "TableArn": export.table,
        "StartTime": export.started,
        **{key: export.request[key] for key in kept if key in export.request},
        **(ended if export.status == "COMPLETED" else {}),
        **failure,
    }


def _table(region: str, name: str) -> Any:
    tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][region].tables
    return tables.get(name.rpartition("/")[2])
