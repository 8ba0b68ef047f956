"""The trail of the work under way: on whose request, traced as what, for which pipeline, run, instance and attempt.

Log lines, queue messages and trace segments carry it. It is the one thing that is not handed from function to function:
a line is logged, and a message sent, far below the place that knows whose work it is, by code that has no use for it.
A new thread begins with an empty trail, unless it is started in a copy of its maker's context.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.domain.run.state import split_attempt_id

_MARK = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Segment:
    """Work that is part of a trace and ends now; it began `began` seconds after 1970.

    hop  whether the work before it was another invocation's; else it is a part of the present one
    """

    id: str
    name: str
    trace: str
    parent: str
    began: float
    hop: bool
    failed: bool
    ids: Mapping[str, str]


class Tracer(Protocol):
    """Where segments go. Never raises: work does not fail because nobody could be told of it."""

    def begin(self) -> tuple[str, float]:
        """The id of a new segment, 16 hexadecimal digits, and the moment."""

    def tell(self, segment: Segment) -> None:
        """Take a segment that ends now."""


@dataclass(frozen=True, slots=True)
class Trail:
    """correlation  one id from the first request or event to everything that was done because of it
    trace        AWS X-Ray's trace header of the work under way; empty when it is not traced
    memory_mb    of the function that works; 0 outside one
    tracer       takes segments; None where nobody does
    ids          `pipeline`, `run`, `instance`, `attempt`, `function`, `request`, as far as they are known
    """

    correlation: str = ""
    trace: str = ""
    memory_mb: int = 0
    tracer: Tracer | None = None
    ids: dict[str, str] = field(default_factory=dict)


_NOWHERE = Trail()
_current: ContextVar[Trail] = ContextVar("trail", default=_NOWHERE)


def current() -> Trail:
    """The trail of this thread's work."""
    return _current.get()


@contextmanager
def along(
    ids: Mapping[str, str] | None = None,
    *,
    correlation: str = "",
    trace: str = "",
    memory_mb: int = 0,
    tracer: Tracer | None = None,
) -> Iterator[Trail]:
    """Work inside under the present trail with these changes; what is empty stays as it was."""
    before = _current.get()
    trail = Trail(
        correlation or before.correlation,
        trace or before.trace,
        memory_mb or before.memory_mb,
        tracer or before.tracer,
        {**before.ids, **(ids or {})},
    )
    token = _current.set(trail)
    try:
        yield trail
    finally:
        _current.reset(token)


def segment(*, hop: bool = False) -> AbstractContextManager[None]:
    """Work inside as a segment of the trace under way, and have what is sent point to it. Free where nothing is traced.

    hop  whether the trace came with a message, so that its last segment is another invocation's
    """
    way = _current.get()
    if way.tracer is None or "Sampled=1" not in way.trace:
        return nullcontext()
    return _recorded(way, way.tracer, hop)


@contextmanager
def _recorded(way: Trail, tracer: Tracer, hop: bool) -> Iterator[None]:
    parts = dict(part.partition("=")[::2] for part in way.trace.split(";"))
    (name, began), root = tracer.begin(), parts.get("Root", "")
    failed = True
    inside = f"Root={root};Parent={name};Sampled=1"
    token = _current.set(Trail(way.correlation, inside, way.memory_mb, tracer, way.ids))  # what is noted is the outer's
    try:
        yield
        failed = False
    finally:
        _current.reset(token)
        who = f"penstock-{way.ids.get('function') or 'function'}"
        told = {**way.ids, "correlation": way.correlation}
        tracer.tell(Segment(name, who, root, parts.get("Parent", ""), began, hop, failed, told))


def note(ids: Mapping[str, str]) -> None:
    """Add what the work under way turned out to be about; whoever began the present trail sees it, too."""
    if _current.get() is not _NOWHERE:
        _current.get().ids.update(ids)


def mark(given: str | None) -> str:
    """`given` where it can be a correlation or trace id: up to 128 visible ASCII characters; else nothing."""
    return given if given is not None and _MARK.fullmatch(given) else ""


def attempt_ids(attempt: str) -> Mapping[str, str]:
    """The run, instance and attempt of an attempt id. A run is named by what its instance ids end with."""
    split = split_attempt_id(attempt)
    if split is None:
        return {"attempt": attempt}
    return {"run": split[0].rpartition("_")[2], "instance": split[0], "attempt": attempt}
