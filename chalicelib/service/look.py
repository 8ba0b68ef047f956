"""A pipeline as it goes on: what is live, and what has ended since the look before. Asked again and again.

A look at which nothing has changed reads the pipeline's record and the live item; one at which something has, a query
of what began since and a read of the rows that were live and are no more besides. Looking every four seconds for a
month takes a few hundred thousand requests of some milliseconds; a long poll would keep a function busy all the time.
"""

import base64
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.run.ordered import count
from chalicelib.domain.run.state import Instance, PipelineState
from chalicelib.domain.run.status import Health, PipelineStatus
from chalicelib.domain.values import ComponentId, InstanceId, PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.store import PipelineRecord, TimeField, TimeQuery
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.pipeline_fields import health, shown_status
from chalicelib.service.timeline import LATEST

MOST_NOTED = 300
"""Live instances that a cursor names; with more, the next look cannot tell which of them have ended."""

MOST_BEGUN = 200
"""Rows of history read for one look."""

_LONGEST_NOTE = 4_000
_OVERLAP = timedelta(seconds=10)
"""What began this long before a look is asked for again at the next: its row may not have been there yet."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = "*"


@dataclass(frozen=True, slots=True)
class Look:
    """A pipeline to look at. `since`: cursor of the look before; None answers all that is live."""

    pipeline_id: PipelineId
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pipeline stands, which of its components are paused, and how much backfills are still to begin."""

    status: PipelineStatus
    health: Health
    paused: tuple[ComponentId, ...] = ()
    to_begin: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found.

    standing  None when nothing at all has changed
    instances all that are live, and those that ended since the look before
    live      which of them are live
    complete  whether all that ended since is among them; if not, list the runs again
    """

    standing: Standing | None
    instances: tuple[Instance, ...]
    live: frozenset[InstanceId]
    complete: bool
    cursor: str


@dataclass(frozen=True, slots=True)
class _Noted:
    """What a cursor says: versions of record and live item, when that was, and what was live; None when it was much."""

    revision: int
    version: int
    at: UtcTime
    live: tuple[InstanceId, ...] | None


def look(request: Look, caller: Caller, ports: Ports) -> Seen:
    """What is live, and what ended since; nothing when nothing has changed.

    Raises   InvalidRequest for a cursor of another pipeline
    """
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    noted = _read(_listing(record), request.since)
    now = ports.clock.now()
    stored = ports.store.load_state(record.pipeline_id) if record.active else None
    version = stored.version if stored is not None else 0
    if noted is not None and (noted.revision, noted.version) == (record.revision, version):
        return Seen(None, (), frozenset(), True, request.since or "")
    state = decode_state(stored.payload) if stored is not None else None
    live = dict(state.instances) if state is not None else {}
    shown = dict(state.shown) if state is not None else {}
    ended, complete = _ended(record.pipeline_id, noted, shown, ports)
    cursor = _cursor(_listing(record), _Noted(record.revision, version, now, _named(live)))
    return Seen(_standing(record, state), (*shown.values(), *ended), frozenset(live), complete, cursor)


def _standing(record: PipelineRecord, state: PipelineState | None) -> Standing:
    status = shown_status(record, state)
    if state is None:
        return Standing(status, Health.NONE)
    paused = sorted(name for name, part in state.components.items() if part.paused)
    to_begin = sum(count(stretches) for stretches in state.ordered.values())
    return Standing(status, health(state), tuple(paused), to_begin)


def _ended(
    pipeline_id: PipelineId, noted: _Noted | None, shown: dict[InstanceId, Instance], ports: Ports
) -> tuple[Sequence[Instance], bool]:
    if noted is None:
        return (), True
    query = TimeQuery(TimeField.ACTUAL_START, noted.at - _OVERLAP, LATEST, newest_first=True)
    begun = ports.store.query_history(pipeline_id, query, None, MOST_BEGUN)
    found = {item.id: item for item in begun.items if item.id not in shown}
    gone = [name for name in noted.live or () if name not in shown and name not in found]
    if gone:
        found |= ports.store.history(pipeline_id, gone)
    return tuple(found.values()), begun.marker is None and noted.live is not None


def _named(live: Iterable[InstanceId]) -> tuple[InstanceId, ...] | None:
    names = tuple(sorted(live))
    return names if len(names) <= MOST_NOTED else None


def _listing(record: PipelineRecord) -> str:
    """What cursors belong to."""
    return f"look {record.pipeline_id}"


def _cursor(listing: str, noted: _Noted) -> str:
    at = (noted.at - _EPOCH) // timedelta(microseconds=1)
    return make_marker(listing, [str(noted.revision), str(noted.version), str(at), _packed(noted.live)])


def _packed(names: Sequence[InstanceId] | None) -> str:
    if names is None:
        return _UNKNOWN
    text = base64.b64encode(zlib.compress("\n".join(names).encode(), 9)).decode() if names else ""
    return text if len(text) <= _LONGEST_NOTE else _UNKNOWN


def _read(listing: str, cursor: str | None) -> _Noted | None:
    if not cursor:
        return None
    try:
        revision, version, at, names = read_marker(listing, cursor, "nnnt")
    except Rejected as error:
        raise InvalidRequest("since: not a cursor of this pipeline; leave it out to begin anew") from error
    return _Noted(int(revision), int(version), _EPOCH + timedelta(microseconds=int(at)), _unpacked(names))


def _unpacked(text: str) -> tuple[InstanceId, ...] | None:
    if text == _UNKNOWN:
        return None
    if not text:
        return ()
    try:
        names = _inflated(text)
    except (ValueError, zlib.error) as error:
        raise InvalidRequest("since: take it from the look before, unchanged") from error
    return tuple(InstanceId(name) for name in names.split("\n"))


def _inflated(text: str) -> str:
    """At most as much as MOST_NOTED ids can be: a forged cursor costs its sender no more than ours do."""
    return zlib.decompressobj().decompress(base64.b64decode(text), 200_000).decode()
