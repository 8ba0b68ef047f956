"""The catalogue in which Athena, Spectrum and EMR look tables up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table. `catalog` None is the account's own."""

    database: str
    name: str
    region: str | None = None

    def __str__(self) -> str:
        return f"{self.database}.{self.name}"


class Catalogues(Protocol):
    """Every method raises Missing, Denied, Rejected, Throttled, Unavailable or Conflict."""

    def register(self, table: CatalogTable, partition: Mapping[str, str], location: str) -> None:
        """Have a partition of the table at the location, an S3 folder, in the table's own format.

        One with the same values is moved there. Missing when there is no such table, Rejected when the table has other
        partition keys than these; with none, the table itself is only looked up.
        """
