"""The one error of reading a statement; evaluation has none, it gives Undefined."""


class SqlFault(Exception):
    """A statement that cannot be read: why, and at which character (from 0)."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(f"{reason} (at character {column})")
        self.reason = reason
        self.column = column
