"""The logs of an attempt, read a part at a time, from their end on or from their beginning.

Two kinds. What the work itself wrote lies in S3 below `pipelineLogUri`, and is read under the pipeline's own role as
looking.py says: only names below the attempt's own folder can be asked for. What the functions said of the attempt lies
in their log, whose lines hold ids and counts only; a line of another pipeline is never shown.

A part is at most `MOST_BYTES`, whatever the log's length. A cursor says how far a log was read, and the end of what was
read last, by which a log is recognised that was written anew meanwhile: then it is told from its end again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from chalicelib.domain.errors import InvalidRequest, NotPossible, ObjectNotFound
from chalicelib.domain.run.state import Attempt, attempt_id
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Denied, Missing, PortError, Rejected
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.objects import Objects, Place
from chalicelib.service.access import Caller
from chalicelib.service.looking import Sight, sight_of
from chalicelib.service.secrets import mask_text
from chalicelib.work.journal import LOG_FIELD, attempt_folder

MOST_BYTES = 256 * 1024
FIRST_BYTES = 64 * 1024
"""Of a log that is looked at from its end."""
MOST_FILES = 100
_CHECKED = 64
_LONGEST_CHARACTER = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """An attempt of an instance, by its number."""

    pipeline_id: PipelineId
    instance: str
    number: int


@dataclass(frozen=True, slots=True)
class File:
    """One object of the attempt's folder; `name` is its key below it."""

    name: str
    size: int
    modified: UtcTime


@dataclass(frozen=True, slots=True)
class Files:
    """The first of the folder's objects, in order of name. `folder` is empty when the definition keeps no logs."""

    folder: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class LogPart:
    """Some of a log.

    cursor     of the next part
    more       whether there is more by now
    skipped    whether there is something before, that nobody was told of: it was looked at from its end
    restarted  whether the log is another one than at the look before
    there      whether it was written at all so far
    growing    whether the attempt goes on
    """

    text: str
    cursor: str
    more: bool = False
    skipped: bool = False
    restarted: bool = False
    there: bool = True
    growing: bool = False


def attempt_of(asked: Asked, caller: Caller, ports: Ports) -> tuple[Sight, Attempt]:
    """The attempt, and the way to what its pipeline may read. Raises as sight_of; ObjectNotFound."""
    sight = sight_of(asked.pipeline_id, asked.instance, caller, ports)
    for attempt in sight.instance.attempts:
        if attempt.number == asked.number:
            return sight, attempt
    raise ObjectNotFound(asked.pipeline_id, f"attempt {asked.number} of {asked.instance[:300]}")


def list_logs(asked: Asked, caller: Caller, ports: Ports) -> Files:
    """The logs that the work has written so far; one request of S3.

    Raises   NotPossible where the role may not list them; ObjectNotFound; InvalidRequest; Throttled, Unavailable
    """
    sight, attempt = attempt_of(asked, caller, ports)
    folder = _folder(sight, attempt)
    if folder is None:
        return Files("", ())
    try:
        listed = list(islice(sight.outside().objects.list(folder), MOST_FILES))
    except Missing:
        listed = []
    except (Denied, Rejected) as error:
        raise _refused(error) from error
    files = (File(each.key[len(folder.key) :], each.size, each.modified) for each in listed)
    return Files(mask_text(str(folder)), tuple(each for each in files if each.name and not each.name.endswith("/")))


def read_log(asked: Asked, name: str, cursor: str | None, caller: Caller, ports: Ports, *, whole: bool) -> LogPart:
    """The next part of a log in the attempt's folder, by its name there: two requests of S3, one when nothing is new.

    whole    begin with its beginning, not with its end
    Raises   as list_logs; NotPossible also when the definition keeps no logs
    """
    sight, attempt = attempt_of(asked, caller, ports)
    folder = _folder(sight, attempt)
    if folder is None:
        raise NotPossible(f"The definition gives {asked.instance[:300]} no {LOG_FIELD}, so its work leaves no log")
    listing = f"log {asked.pipeline_id} {asked.instance} {asked.number} {name}"
    known = _known(listing, cursor)
    try:
        part = _read(sight.outside().objects, folder.child(name), known, whole=whole)
    except Missing:
        part = _Part(b"", 0, there=False)
    except (Denied, Rejected) as error:
        raise _refused(error) from error
    mark = _mark(part.tail) if part.content or known is None else known[1]
    return LogPart(
        part.content.decode(errors="replace"),
        make_marker(listing, [str(part.end), mark]),
        part.more,
        part.skipped,
        part.restarted,
        part.there,
        growing=attempt.ended is None and sight.instance.ended is None,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes of a log up to offset `end`; `tail` is what stands just before that, by which it is recognised."""

    content: bytes
    end: int
    tail: bytes = b""
    more: bool = False
    skipped: bool = False
    restarted: bool = False
    there: bool = True


_Known = tuple[int, str]
"""How far a log was read, and the mark of what stands before that."""


def _read(objects: Objects, place: Place, known: _Known | None, *, whole: bool) -> _Part:
    size = objects.describe(place).size
    if known is None:
        return _anew(objects, place, size, whole=whole)
    offset, mark = known
    if size == offset:
        return _Part(b"", offset)
    first = max(0, offset - _CHECKED)
    content = objects.span(place, first, first + MOST_BYTES - 1) if size > offset else b""
    before, after = content[: offset - first], content[offset - first :]
    if size < offset or _mark(before) != mark:
        return _anew(objects, place, size, whole=whole, restarted=offset > 0)
    return _cut(after, offset, size, before)


def _anew(objects: Objects, place: Place, size: int, *, whole: bool, restarted: bool = False) -> _Part:
    first = 0 if whole else max(0, size - FIRST_BYTES)
    content = objects.span(place, first, first + MOST_BYTES - 1) if size else b""
    if first:
        begun = _begun(content)
        content, first = content[begun:], first + begun
    part = _cut(content, first, size, b"")
    return _Part(part.content, part.end, part.tail, part.more, skipped=first > 0, restarted=restarted)


def _begun(content: bytes) -> int:
    """Where its first whole line begins: nobody wants the end of one, unless that is all there is."""
    line = content.find(b"\n", 0, -1) + 1
    return line or next((at for at, byte in enumerate(content) if byte & 0xC0 != 0x80), 0)


def _cut(content: bytes, first: int, size: int, before: bytes) -> _Part:
    """Without a character of which only a part was read."""
    whole = content
    if first + len(content) < size:
        whole = content[: _boundary(content)]
    end = first + len(whole)
    return _Part(whole, end, (before + whole)[-_CHECKED:], more=end < size)


def _boundary(content: bytes) -> int:
    for back in range(1, min(_LONGEST_CHARACTER, len(content)) + 1):
        byte = content[-back]
        if byte < 0x80:
            return len(content) - back + 1
        if byte >= 0xC0:
            return len(content) - back
    return len(content)


def _folder(sight: Sight, attempt: Attempt) -> Place | None:
    uri = sight.task.subject.text(LOG_FIELD)
    if uri is None:
        return None
    try:
        return attempt_folder(uri, sight.task.pipeline, attempt_id(sight.instance.id, attempt.number))
    except Rejected as error:
        raise _refused(error) from error


def _refused(error: PortError) -> NotPossible:
    return NotPossible(str(error))


def _mark(text: bytes) -> str:
    return hashlib.sha256(text[-_CHECKED:]).hexdigest()[:16]


def _known(listing: str, cursor: str | None) -> _Known | None:
    if not cursor:
        return None
    values = _values(listing, cursor, "nt")
    return int(values[0]), values[1]


def _values(listing: str, cursor: str, form: str) -> Sequence[str]:
    try:
        return read_marker(listing, cursor, form)
    except Rejected as error:
        raise InvalidRequest("cursor: not one of this log; leave it out to begin anew") from error
