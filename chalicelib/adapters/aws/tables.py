"""ports/tables over boto3's dynamodb client."""

from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.ports.errors import Missing

_READABLE = ("ACTIVE", "UPDATING", "ARCHIVING")


class DynamoTables:
    """One client, thus one set of credentials."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def exists(self, table: str) -> bool:
        """See ports/tables."""
        try:
            found = call(f"describe table {table}", self._client.describe_table, TableName=table)
        except Missing:
            return False
        return found["Table"]["TableStatus"] in _READABLE

    def has_items(self, table: str) -> bool:
        """See ports/tables. An empty page that is not the last one says nothing, so the next is read."""
        request: dict[str, Any] = {"TableName": table, "Limit": 1}
        while True:
            try:
                page = call(f"read table {table}", self._client.scan, **request)
            except Missing:
                return False
            if page["Items"] or "LastEvaluatedKey" not in page:
                return bool(page["Items"])
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
