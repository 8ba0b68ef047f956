"""The expression language's own values and the one hook through which it reaches objects."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Union


class Linked(Protocol):
    """An object an expression can walk: `#{a.b}` is `scope.field("a")`, a Linked, then `.field("b")`."""

    @property
    def id(self) -> str:
        """What it renders as when it is the result itself."""

    def field(self, name: str) -> "ExpressionValue | None":
        """The field's value; a tuple when it has several; None when there is no such field."""

    def names(self) -> Iterable[str]:
        """Every name that `field` knows, for a message that says what was probably meant."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A field's or parameter's text with expressions of its own: evaluated in `scope` when it is reached.

    key  what it is called in messages; with the scope's id it tells a field that depends on itself
    """

    key: str
    text: str
    scope: Linked


ExpressionValue = Union[str, int, float, datetime, "Linked", Formula, tuple["ExpressionValue", ...]]
"""`datetime` is always UTC. There is no boolean: the service writes them as strings. Plain text is never evaluated."""
