"""DynamoDB tables as preconditions see them."""

from typing import Protocol


class Tables(Protocol):
    """Every method raises Denied, Rejected, Throttled or Unavailable. A table is a name or an ARN."""

    def exists(self, table: str) -> bool:
        """Whether there is such a table that can be read: one still being created, or on its way out, is not."""

    def has_items(self, table: str) -> bool:
        """Whether it holds at least one item; reads one. False also when there is no such table."""
