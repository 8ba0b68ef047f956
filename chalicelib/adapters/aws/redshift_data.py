"""ports/warehouse over the Redshift Data API. Owns its names and how values come back; must not know what is asked.

Source: Redshift Data API reference.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.ports.errors import Rejected
from chalicelib.ports.warehouse import Row, Statement, StatementStatus, Warehouse

_ENDED = {
    "FINISHED": StatementStatus.FINISHED,
    "FAILED": StatementStatus.FAILED,
    "ABORTED": StatementStatus.ABORTED,
}
_LONGEST_WAIT = 30


class RedshiftData:
    """`client` gives the redshift-data client of a region, or of the service's own."""

    def __init__(self, client: Callable[[str | None], Any]) -> None:
        self._client = client

    def submit(self, warehouse: Warehouse, sqls: Sequence[str], name: str, token: str) -> str:
        """See ports/warehouse."""
        client = self._client(warehouse.region)
        request = {**_place(warehouse), "StatementName": name, "ClientToken": token, "WithEvent": True}
        operation = f"hand in statements to {warehouse}"
        if len(sqls) == 1:
            return str(call(operation, client.execute_statement, Sql=sqls[0], **request)["Id"])
        return str(call(operation, client.batch_execute_statement, Sqls=list(sqls), **request)["Id"])

    def status(self, warehouse: Warehouse, statement: str, patience: timedelta) -> Statement:
        """See ports/warehouse."""
        seconds = min(int(patience.total_seconds()), _LONGEST_WAIT)
        waiting = {"WaitTimeSeconds": seconds} if seconds > 0 else {}
        client = self._client(warehouse.region)
        return _statement(call(f"ask about statement {statement}", client.describe_statement, Id=statement, **waiting))

    def result(self, warehouse: Warehouse, statement: str) -> Sequence[Row]:
        """See ports/warehouse."""
        client = self._client(warehouse.region)
        pages = _pages(f"read result of statement {statement}", client.get_statement_result, {"Id": statement})
        return [tuple(map(_value, record)) for page in pages for record in page["Records"]]

    def find(self, warehouse: Warehouse, name: str) -> Sequence[Statement]:
        """See ports/warehouse. The API finds by the beginning of a name."""
        client = self._client(warehouse.region)
        pages = _pages("list statements", client.list_statements, {"StatementName": name, "Status": "ALL"})
        found = (item["Id"] for page in pages for item in page["Statements"] if item.get("StatementName") == name)
        return [self.status(warehouse, statement, timedelta(0)) for statement in found]

    def cancel(self, warehouse: Warehouse, statement: str) -> None:
        """See ports/warehouse."""
        client = self._client(warehouse.region)
        try:
            call(f"cancel statement {statement}", client.cancel_statement, Id=statement)
        except Rejected:
            if self.status(warehouse, statement, timedelta(0)).status is StatementStatus.RUNNING:
                raise


def _place(warehouse: Warehouse) -> Mapping[str, str]:
    given = {
        "ClusterIdentifier": warehouse.cluster,
        "WorkgroupName": warehouse.workgroup,
        "Database": warehouse.database,
        "DbUser": warehouse.user,
        "SecretArn": warehouse.secret,
    }
    return {key: value for key, value in given.items() if value is not None}


def _pages(operation: str, method: Callable[..., Any], request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    page = call(operation, method, **request)
    yield page
    while page.get("NextToken"):
        page = call(operation, method, **request, NextToken=page["NextToken"])
        yield page


def _statement(found: Mapping[str, Any]) -> Statement:
    parts = found.get("SubStatements") or [found]
    status = _ENDED.get(found["Status"], StatementStatus.RUNNING)
    rows = tuple(int(part.get("ResultRows", -1)) for part in parts) if status is StatementStatus.FINISHED else ()
    return Statement(found["Id"], status, rows, found.get("Error", ""))


def _value(field: Mapping[str, Any]) -> str | None:
    if field.get("isNull"):
        return None
    ((kind, value),) = field.items()
    return str(value).lower() if kind == "booleanValue" else str(value)
