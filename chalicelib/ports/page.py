"""Pages of listings."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a listing; `marker` continues it and is None at the end.

    A page may be empty and still have a marker. A listing begins without a marker or with an empty one. Markers are
    opaque and tamper-evident enough that a wrong one, or one of another listing, raises Rejected. What is written
    between two pages, or a moment ago, may or may not be seen.
    """

    items: tuple[T, ...]
    marker: str | None = None
