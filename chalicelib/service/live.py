"""A run as it goes on: what changed since the last look, waiting for it if asked to. Long polls, not a stream.

What it reads, of DynamoDB: the pipeline's record once; the live item once, and while it waits once every `LOOK`, so
1 + 20/2 = 11 times in a poll of 20 seconds in which nothing happens; and each time that the item had changed, record
and item once more and one query of the run's history. A test counts them. The live item takes a read unit for each
4 KB, mostly one: an open view of a quiet run takes 0.6 read units a second, $0.19 a month.

The cursor says how every instance of the run stood, in a few characters each; so nothing is kept here between polls,
and what is answered is only what differs. A run of more than `MOST_NOTED` instances is answered whole when it changes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.codec import encode_instance
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.summary import Run
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.runs import RunFound, run_instances

LONGEST_WAIT = timedelta(seconds=20)
"""API Gateway answers for a function after 29 seconds."""

LOOK = timedelta(seconds=2)
MOST_NOTED = 200
_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class Watch:
    """A run to look at.

    since  cursor of the look before; None answers everything at once
    wait   how long to wait for a change, at most LONGEST_WAIT
    """

    pipeline_id: PipelineId
    run: str
    since: str | None = None
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Seen:
    """Those of the run's instances that differ from the look before, and the cursor of this look.

    run  as it stands now; None when the pipeline stands as it stood, which says that the run does too
    """

    run: Run | None
    changed: tuple[Instance, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class _Noted:
    """What a cursor says: the live item's version, and marks of instances by marks of their ids."""

    version: int
    marks: Mapping[str, str]


def watch_run(request: Watch, caller: Caller, ports: Ports) -> Seen:
    """What changed of the run; nothing when nothing did within the wait.

    Raises   InvalidRequest for a cursor of another run; ObjectNotFound when nothing of the pipeline began then
    """
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    noted = _read(_listing(request), request.since)
    until = ports.clock.now() + min(request.wait, LONGEST_WAIT)
    version = _version(record.pipeline_id, ports)
    while True:
        if noted is None or version != noted.version:
            seen = _looked(request, version, noted, caller, ports)
            if noted is None or seen.changed or ports.clock.now() >= until:
                return seen
            noted = _Noted(version, noted.marks)
        elif ports.clock.now() >= until:
            return Seen(None, (), _cursor(_listing(request), version, noted.marks))
        version = _waited(record.pipeline_id, version, until, ports)


def _waited(pipeline_id: PipelineId, version: int, until: UtcTime, ports: Ports) -> int:
    left = max(timedelta(0), until - ports.clock.now())
    ports.store.wait_for_commit(pipeline_id, version, min(left, LOOK))
    return _version(pipeline_id, ports)


def _version(pipeline_id: PipelineId, ports: Ports) -> int:
    stored = ports.store.load_state(pipeline_id)
    return stored.version if stored is not None else 0


def _listing(request: Watch) -> str:
    """What cursors belong to."""
    return f"live {request.pipeline_id} {request.run}"


def _looked(request: Watch, version: int, noted: _Noted | None, caller: Caller, ports: Ports) -> Seen:
    found: RunFound = run_instances(request.pipeline_id, request.run, caller, ports)
    marks = {_mark(item.id): _mark(encode_instance(item)) for item in found.instances}
    before = noted.marks if noted is not None else {}
    changed = tuple(item for item in found.instances if before.get(_mark(item.id)) != marks[_mark(item.id)])
    return Seen(found.run, changed, _cursor(_listing(request), version, marks))


def _mark(text: str) -> str:
    """Enough to tell one from another of a few hundred."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_CHARACTERS]


def _cursor(listing: str, version: int, marks: Mapping[str, str]) -> str:
    noted: Iterable[tuple[str, str]] = marks.items() if len(marks) <= MOST_NOTED else ()
    return make_marker(listing, [str(version), "".join(name + mark for name, mark in noted)])


def _read(listing: str, cursor: str | None) -> _Noted | None:
    if not cursor:
        return None
    try:
        version, marks = read_marker(listing, cursor, "nt")
    except Rejected as error:
        raise InvalidRequest("since: not a cursor of this run; leave it out to begin anew") from error
    size = _CHARACTERS
    pairs = [marks[start : start + 2 * size] for start in range(0, len(marks), 2 * size)]
    return _Noted(int(version), {pair[:size]: pair[size:] for pair in pairs})
