"""What the functions said of an attempt, as lines that people read.

Lines come late and not in order, so every look goes back some seconds, and the cursor names what was told already.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.state import attempt_id
from chalicelib.domain.values import UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.function_log import Line
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.service.access import Caller
from chalicelib.service.attempt_logs import MOST_BYTES, Asked, LogPart, attempt_of

MOST_LINES = 500
LATE = timedelta(seconds=20)
_CHARACTERS = 8
_SECOND = timedelta(seconds=1)
_LONGEST_ATTEMPT = 10**8
_HEAD = ("time", "level", "event")
_IDS = frozenset(
    {*_HEAD, "logger", "stage", "pipeline", "run", "instance", "attempt", "correlation", "trace", "request", "_aws"}
)
_LONGEST_LINE = MOST_BYTES // MOST_LINES


def read_lines(asked: Asked, cursor: str | None, caller: Caller, ports: Ports) -> LogPart:
    """The next lines about the attempt, in order of time as far as they have come.

    Raises   as attempt_of; InvalidRequest for a cursor of something else; Throttled, Unavailable
    """
    sight, attempt = attempt_of(asked, caller, ports)
    name = attempt_id(sight.instance.id, attempt.number)
    listing = f"lines {asked.pipeline_id} {name}"
    since, told = _known(listing, cursor, attempt.created)
    low = max(attempt.created, since - LATE)
    end = attempt.ended or sight.instance.ended
    high = ports.clock.now() + LATE if end is None else end + LATE
    members = {"pipeline": asked.pipeline_id, "attempt": name}
    found = ports.function_log.lines(members, low, high, MOST_LINES)
    own = [(line, json.loads(line.text)) for line in found.lines]
    fresh = [(line, said) for line, said in own if _mark(line) not in told]
    newest = max([line.at for line, _ in own], default=since)
    kept = [_mark(line) for line, _ in own if line.at >= newest - LATE]
    values = [str(max(0, int((newest - attempt.created) / _SECOND))), "".join(kept)]
    return LogPart(
        "".join(f"{_shown(said)}\n" for _, said in fresh),
        make_marker(listing, values),
        more=found.more,
        there=bool(own) or cursor is not None,
        growing=end is None,
    )


def _shown(said: Mapping[str, object]) -> str:
    head = " ".join(str(said[name]) for name in _HEAD if name in said)
    rest = " ".join(f"{key}={_value(value)}" for key, value in said.items() if key not in _IDS)
    return f"{head} {rest}"[:_LONGEST_LINE].rstrip()


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _mark(line: Line) -> str:
    return hashlib.sha256(line.id.encode()).hexdigest()[:_CHARACTERS]


def _known(listing: str, cursor: str | None, began: UtcTime) -> tuple[UtcTime, Sequence[str]]:
    if not cursor:
        return began, ()
    try:
        since, marks = read_marker(listing, cursor, "nt")
    except Rejected as error:
        raise InvalidRequest("cursor: not one of this log; leave it out to begin anew") from error
    told = [marks[place : place + _CHARACTERS] for place in range(0, len(marks), _CHARACTERS)]
    return began + min(int(since), _LONGEST_ATTEMPT) * _SECOND, told
