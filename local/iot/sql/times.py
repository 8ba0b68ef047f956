"""`parse_time` writes a moment by a Joda-Time pattern, `time_to_epoch` reads one by a pattern of Java's.

Source  "Functions", parse_time and time_to_epoch
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.domain.expression.joda import format_time
from local.iot.sql.values import UNDEFINED, Value, to_int, to_text

_ZONES = re.compile(r"'(?:[^']|'')*'|z+|Z+")
_PIECE = re.compile(r"(?P<field>([A-Za-z])\2*)|(?P<quoted>'(?:[^']|'')*')|(?P<other>[^A-Za-z']+)")
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2}):?(\d{2})?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = {
    "y": r"(?P<year>\d{2,4})",
    "u": r"(?P<year>\d{4})",
    "M": r"(?P<month>\d{1,2})",
    "d": r"(?P<day>\d{1,2})",
    "H": r"(?P<hour>\d{1,2})",
    "h": r"(?P<hour>\d{1,2})",
    "m": r"(?P<minute>\d{1,2})",
    "s": r"(?P<second>\d{1,2})",
    "S": r"(?P<fraction>\d{1,9})",
    "a": r"(?P<half>[AaPp][Mm])",
    "E": r"[A-Za-z]+",
    "V": r"(?P<zone>\S+)",
    "z": r"(?P<zone>\S+)",
    "X": r"(?P<zone>\S+)",
    "Z": r"(?P<zone>\S+)",
    "x": r"(?P<zone>\S+)",
}


def parse_time(pattern: Value, moment: Value, zone: Value = "UTC") -> Value:
    """`moment`, milliseconds since 1970, written by `pattern` in `zone`."""
    written, millis, place = to_text(pattern), to_int(moment), _place(to_text(zone) or "")
    if written is None or millis is None or place is None:
        return UNDEFINED
    try:
        there = (_EPOCH + timedelta(milliseconds=millis)).astimezone(place)
        return format_time(there, _ZONES.sub(lambda found: _zone_text(found[0], there), written))
    except (ValueError, OverflowError):
        return UNDEFINED


def _zone_text(run: str, there: datetime) -> str:
    """A zone's field as a quoted literal: the writer of expressions knows UTC only."""
    if run[0] == "'":
        return run
    if run[0] == "z":
        text = there.tzname() or ""
    else:
        offset = there.strftime("%z")
        text = offset if len(run) == 1 else f"{offset[:3]}:{offset[3:]}" if len(run) == 2 else str(there.tzinfo)
    return f"'{text}'"


def time_to_epoch(text: Value, pattern: Value) -> Value:
    """Milliseconds since 1970; UTC when the text names no zone."""
    said, written = to_text(text), to_text(pattern)
    reader = None if written is None else _reader(written)
    found = None if said is None or reader is None else reader.fullmatch(said)
    if found is None:
        return UNDEFINED
    try:
        moment = _moment({key: value for key, value in found.groupdict().items() if value is not None})
    except ValueError:
        return UNDEFINED
    return UNDEFINED if moment is None else (moment - _EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=64)
def _reader(pattern: str) -> re.Pattern[str] | None:
    parts = [_piece(found) for found in _PIECE.finditer(pattern)]
    try:
        return re.compile("".join(part for part in parts if part is not None)) if None not in parts else None
    except re.error:
        return None


def _piece(found: re.Match[str]) -> str | None:
    run = found["field"]
    if not run:
        return re.escape(found["other"] or found["quoted"][1:-1].replace("''", "'") or "'")
    if run[0] == "M" and len(run) > 2:
        return r"(?P<named>[A-Za-z]+)"
    return _FIELDS.get(run[0])


def _moment(read: dict[str, str]) -> datetime | None:
    place = _place(read.get("zone", "UTC"))
    if place is None:
        return None
    year = int(read.get("year", "1970"))
    return datetime(
        year + 2000 if year < 100 else year,
        _month(read),
        int(read.get("day", "1")),
        _hour(read),
        int(read.get("minute", "0")),
        int(read.get("second", "0")),
        int(read.get("fraction", "0").ljust(6, "0")[:6]),
        tzinfo=place,
    )


def _month(read: dict[str, str]) -> int:
    if "named" in read:
        return _MONTHS.index(read["named"][:3].lower()) + 1
    return int(read.get("month", "1"))


def _hour(read: dict[str, str]) -> int:
    hour = int(read.get("hour", "0"))
    return hour if "half" not in read else hour % 12 + (12 if read["half"].lower() == "pm" else 0)


def _place(name: str) -> tzinfo | None:
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        shift = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(shift if offset[1] == "+" else -shift) if shift < timedelta(hours=24) else None
    try:
        return UTC if name in ("Z", "UTC", "GMT") else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
