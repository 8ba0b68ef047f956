"""ports/tables over boto3's dynamodb client."""

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Missing
from chalicelib.ports.objects import Encryption, Place
from chalicelib.ports.tables import Change, Deletion, ExportRequest, Item, Page, Segment, Shape, TableExport, Written

_READABLE = ("ACTIVE", "UPDATING", "ARCHIVING")


class DynamoTables:
    """One set of credentials.

    clients   the client of a region; None is the credentials' own
    """

    def __init__(self, clients: Callable[[str | None], Any], region: str | None = None) -> None:
        self._clients = clients
        self._region = region

    def exists(self, table: str) -> bool:
        """See ports/tables."""
        try:
            found = self._describe(table)
        except Missing:
            return False
        return found["TableStatus"] in _READABLE

    def has_items(self, table: str) -> bool:
        """See ports/tables. An empty page that is not the last one says nothing, so the next is read."""
        request: dict[str, Any] = {"TableName": table, "Limit": 1}
        while True:
            try:
                page = call(f"read table {table}", self._client().scan, **request)
            except Missing:
                return False
            if page["Items"] or "LastEvaluatedKey" not in page:
                return bool(page["Items"])
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def describe(self, table: str) -> Shape:
        """See ports/tables."""
        found = self._describe(table)
        order = sorted(found["KeySchema"], key=lambda part: str(part["KeyType"]))
        return Shape(
            key=tuple(part["AttributeName"] for part in order),
            items=found.get("ItemCount", 0),
            size_bytes=found.get("TableSizeBytes", 0),
            read_units=_units(found, "ReadCapacityUnits", "MaxReadRequestUnits"),
            write_units=_units(found, "WriteCapacityUnits", "MaxWriteRequestUnits"),
        )

    def scan(self, table: str, segment: Segment, after: Item | None, most: int | None) -> Page:
        """See ports/tables."""
        request: dict[str, Any] = {"Segment": segment.number, "TotalSegments": segment.total}
        if after is not None:
            request["ExclusiveStartKey"] = after
        if most is not None:
            request["Limit"] = most
        found = call(
            f"read table {table}", self._client().scan, TableName=table, ReturnConsumedCapacity="TOTAL", **request
        )
        units = found.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
        return Page(tuple(found["Items"]), float(units), found.get("LastEvaluatedKey"))

    def put(self, table: str, changes: Sequence[Change]) -> Written:
        """See ports/tables."""
        found = call(
            f"write table {table}",
            self._client().batch_write_item,
            RequestItems={table: [_request(change) for change in changes]},
            ReturnConsumedCapacity="TOTAL",
        )
        rest = [_change(each) for asked in found.get("UnprocessedItems", {}).values() for each in asked]
        units = sum(float(each.get("CapacityUnits", 0)) for each in found.get("ConsumedCapacity", ()))
        return Written(tuple(rest), units)

    def restorable(self, table: str) -> UtcTime | None:
        """See ports/tables."""
        operation = f"describe continuous backups of table {table}"
        found = call(operation, self._client().describe_continuous_backups, TableName=table)
        about = found["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        latest: UtcTime | None = about.get("LatestRestorableDateTime")
        return latest if about.get("PointInTimeRecoveryStatus") == "ENABLED" else None

    def begin_export(self, table: str, request: ExportRequest) -> str:
        """See ports/tables."""
        found = call(
            f"export table {table}",
            self._client().export_table_to_point_in_time,
            TableArn=self._describe(table)["TableArn"],
            S3Bucket=request.folder.bucket,
            ClientToken=request.token,
            ExportFormat="DYNAMODB_JSON",
            **({"S3Prefix": request.folder.key.rstrip("/")} if request.folder.key else {}),
            **_sealed(request.encryption),
            **_windowed(request),
        )
        return str(found["ExportDescription"]["ExportArn"])

    def describe_export(self, export: str) -> TableExport:
        """See ports/tables."""
        found = call(f"describe export {export}", self._client().describe_export, ExportArn=export)["ExportDescription"]
        status = found["ExportStatus"]
        failure = f"{found.get('FailureCode', status)}: {found.get('FailureMessage', '')}"
        done = status == "COMPLETED"
        return TableExport(
            manifest=Place(found["S3Bucket"], found["ExportManifest"]) if done else None,
            failure=failure if status == "FAILED" else None,
            items=found.get("ItemCount", 0),
        )

    def in_region(self, region: str) -> "DynamoTables":
        """See ports/tables."""
        return DynamoTables(self._clients, region)

    def _client(self) -> Any:
        return self._clients(self._region)

    def _describe(self, table: str) -> dict[str, Any]:
        found: dict[str, Any] = call(f"describe table {table}", self._client().describe_table, TableName=table)["Table"]
        return found


def _units(table: dict[str, Any], provisioned: str, maximum: str) -> float | None:
    """An on-demand table says 0 for what it has provisioned, and -1 for no maximum."""
    found = float(table.get("ProvisionedThroughput", {}).get(provisioned, 0))
    bound = float(table.get("OnDemandThroughput", {}).get(maximum, 0))
    return next((units for units in (found, bound) if units > 0), None)


def _request(change: Change) -> dict[str, Any]:
    if isinstance(change, Deletion):
        return {"DeleteRequest": {"Key": change.key}}
    return {"PutRequest": {"Item": change}}


def _change(request: dict[str, Any]) -> Change:
    if "DeleteRequest" in request:
        return Deletion(request["DeleteRequest"]["Key"])
    item: Item = request["PutRequest"]["Item"]
    return item


def _sealed(encryption: Encryption | None) -> dict[str, Any]:
    if encryption is None:
        return {}
    algorithm = "AES256" if encryption.algorithm == "AES256" else "KMS"
    return {"S3SseAlgorithm": algorithm, **({"S3SseKmsKeyId": encryption.key} if encryption.key else {})}


def _windowed(request: ExportRequest) -> dict[str, Any]:
    if request.window is None:
        return {"ExportType": "FULL_EXPORT"}
    asked = {
        "ExportFromTime": request.window.first,
        "ExportToTime": request.window.behind,
        "ExportViewType": "NEW_AND_OLD_IMAGES",
    }
    return {"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": asked}
