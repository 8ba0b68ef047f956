"""The expression language's own values and the one hook through which it reaches objects."""

from datetime import datetime
from typing import Protocol, Union


class Linked(Protocol):
    """An object an expression can walk: `#{a.b}` is `scope.field("a")`, a Linked, then `.field("b")`."""

    @property
    def id(self) -> str:
        """What it renders as when it is the result itself."""

    def field(self, name: str) -> "ExpressionValue | None":
        """The field's value; a tuple when it has several; None when there is no such field."""


ExpressionValue = Union[str, int, float, datetime, "Linked", tuple["ExpressionValue", ...]]
"""`datetime` is always UTC. There is no boolean: the service writes them as strings."""
