"""ports/catalogues over Glue's Data Catalog.

Source: Glue API reference, CreatePartition, UpdatePartition
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws.errors import call, port_error
from chalicelib.ports.catalogues import CatalogTable
from chalicelib.ports.errors import Rejected

_THERE = "AlreadyExistsException"


class GlueCatalogues:
    """One set of credentials. `clients` gives the glue client of a region; None is the credentials' own."""

    def __init__(self, clients: Callable[[str | None], Any]) -> None:
        self._clients = clients

    def register(self, table: CatalogTable, partition: Mapping[str, str], location: str) -> None:
        """See ports/catalogues."""
        client = self._clients(table.region)
        found = call(f"look up {table}", client.get_table, DatabaseName=table.database, Name=table.name)["Table"]
        keys = [key["Name"] for key in found.get("PartitionKeys", [])]
        if set(keys) != set(partition):
            expected, given = ", ".join(keys) or "none", ", ".join(partition) or "none"
            raise Rejected(f"register partition of {table}", f"its partition keys are {expected}, given are {given}")
        if keys:
            storage = {**found["StorageDescriptor"], "Location": location}
            wanted = {"Values": [partition[key] for key in keys], "StorageDescriptor": storage}
            self._put(client, table, wanted)

    def _put(self, client: Any, table: CatalogTable, wanted: Mapping[str, Any]) -> None:
        named = {"DatabaseName": table.database, "TableName": table.name, "PartitionInput": wanted}
        try:
            client.create_partition(**named)
        except ClientError as error:
            if error.response["Error"]["Code"] != _THERE:
                raise port_error(f"register partition of {table}", error) from error
            operation = f"move partition of {table}"
            call(operation, client.update_partition, PartitionValueList=wanted["Values"], **named)
