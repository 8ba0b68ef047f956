"""The Redshift Data API over HTTP: six operations, JSON 1.1. Must not know how statements are run."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local.postgres import NoPostgres
from local.redshift.engine import Engine, Run
from local.redshift.storage import field

TARGET = "RedshiftData."
_PAGE = 1000
_TYPES = {
    16: "bool",
    20: "int8",
    21: "int2",
    23: "int4",
    700: "float4",
    701: "float8",
    1700: "numeric",
    1043: "varchar",
}
_STATES = {"ALL": None, "": "FINISHED"}
_ENDED = frozenset({"FINISHED", "FAILED", "ABORTED"})
Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Request = dict[str, Any]
Reply = Mapping[str, Any]


class Refused(Exception):
    """An error of the API: its code and sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class DataApi:
    """The operations. `start` gives the engine when the first statement comes."""

    def __init__(self, start: Callable[[], Engine]) -> None:
        self._start = start
        self._operations: Mapping[str, Callable[[Request], Reply]] = {
            "ExecuteStatement": self._execute,
            "BatchExecuteStatement": self._batch,
            "DescribeStatement": self._describe,
            "GetStatementResult": self._result,
            "CancelStatement": self._cancel,
            "ListStatements": self._list,
        }

    def answer(self, operation: str, request: Request) -> Reply:
        """Do one. Raises Refused."""
        act = self._operations.get(operation)
        if act is None:
            raise Refused("ValidationException", f"the embedded Redshift Data API has no {operation}")
        return act(request)

    def _execute(self, request: Request) -> Reply:
        return self._submitted((request["Sql"],), request)

    def _batch(self, request: Request) -> Reply:
        if not 1 <= len(request["Sqls"]) <= 40:
            raise Refused("ValidationException", f"{len(request['Sqls'])} statements given, 1 to 40 expected")
        return self._submitted(tuple(request["Sqls"]), request)

    def _submitted(self, sqls: tuple[str, ...], request: Request) -> Reply:
        place = request.get("ClusterIdentifier") or request.get("WorkgroupName")
        if not place or not request.get("Database"):
            raise Refused("ValidationException", "ClusterIdentifier or WorkgroupName, and Database, are required")
        run = self._engine().submit(sqls, (place, request["Database"]), request)
        run.ended.wait(_seconds(request))
        kept = ("ClusterIdentifier", "WorkgroupName", "Database", "DbUser", "SecretArn")
        return {"Id": run.id, "CreatedAt": run.created, **{key: request[key] for key in kept if key in request}}

    def _describe(self, request: Request) -> Reply:
        run, number = self._run(request["Id"])
        run.ended.wait(_seconds(request))
        if number is not None:
            return _part(run, number)
        parts = [_part(run, at) for at in range(len(run.sqls))] if "Sqls" in run.request else []
        last = _part(run, len(run.sqls) - 1)
        return {
            **_told(run),
            "ResultRows": last["ResultRows"],
            "HasResultSet": bool(run.results),
            "SubStatements": parts,
        }

    def _result(self, request: Request) -> Reply:
        run, number = self._run(request["Id"])
        at = number or 0
        if at not in run.results or run.status != "FINISHED":
            raise Refused("ResourceNotFoundException", "Query does not have result. Please check query status.")
        first = int(request.get("NextToken") or 0)
        found = run.results[at]
        page = found[first : first + _PAGE]
        more = {"NextToken": str(first + _PAGE)} if first + _PAGE < len(found) else {}
        columns = [{"name": item.name, "typeName": _TYPES.get(item.type_code, "varchar")} for item in run.columns]
        records = [[field(value) for value in row] for row in page]
        return {"Records": records, "ColumnMetadata": columns, "TotalNumRows": len(found), **more}

    def _cancel(self, request: Request) -> Reply:
        run, _ = self._run(request["Id"])
        if not self._engine().cancel(run):
            raise Refused("ValidationException", "Could not cancel a query that is already in a terminal state")
        return {"Status": True}

    def _list(self, request: Request) -> Reply:
        wanted, prefix = request.get("Status", ""), request.get("StatementName", "")
        status = _STATES.get(wanted, wanted)
        found = [
            {**_told(run), "StatementName": run.name}
            for run in reversed(self._engine().runs.values())
            if run.name.startswith(prefix) and status in (None, run.status)
        ]
        first, size = int(request.get("NextToken") or 0), int(request.get("MaxResults") or 100)
        more = {"NextToken": str(first + size)} if first + size < len(found) else {}
        return {"Statements": found[first : first + size], **more}

    def _run(self, given: str) -> tuple[Run, int | None]:
        name, _, number = given.partition(":")
        run = self._engine().runs.get(name)
        if run is None:
            raise Refused("ResourceNotFoundException", f"Query {given} does not exist")
        return run, int(number) - 1 if number else None

    def _engine(self) -> Engine:
        try:
            return self._start()
        except NoPostgres as error:
            raise Refused("InternalServerException", str(error)) from error


def with_redshift_data(inner: Application, api: DataApi) -> Application:
    """`inner`, except that the Data API's operations are answered by `api`."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        if not target.startswith(TARGET):
            return inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, reply = _answered(api, target.removeprefix(TARGET), json.loads(body or b"{}"))
        content = json.dumps(reply).encode()
        start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(content)))])
        return [content]

    return application


def _answered(api: DataApi, operation: str, request: Request) -> tuple[str, Reply]:
    try:
        return "200 OK", api.answer(operation, request)
    except Refused as refused:
        status = "500 Internal Server Error" if refused.code.startswith("Internal") else "400 Bad Request"
        return status, {"__type": refused.code, "message": str(refused)}


def _seconds(request: Request) -> float:
    return float(request.get("WaitTimeSeconds") or 0)


def _told(run: Run) -> dict[str, Any]:
    kept = ("ClusterIdentifier", "WorkgroupName", "Database", "DbUser", "SecretArn")
    return {
        "Id": run.id,
        "Status": run.status,
        "Error": run.error,
        "QueryString": run.sqls[0],
        "CreatedAt": run.created,
        "UpdatedAt": run.updated,
        "Duration": int((run.updated - run.created) * 1e9),
        "RedshiftPid": run.pid,
        **{key: run.request[key] for key in kept if key in run.request},
    }


def _part(run: Run, number: int) -> dict[str, Any]:
    done = number < len(run.rows)
    status = "FINISHED" if done else run.status
    return {
        "Id": f"{run.id}:{number + 1}",
        "Status": status,
        "Error": run.error if status == "FAILED" else "",
        "QueryString": run.sqls[number],
        "ResultRows": run.rows[number] if done else -1,
        "HasResultSet": number in run.results,
        "CreatedAt": run.created,
        "UpdatedAt": run.updated,
    }
