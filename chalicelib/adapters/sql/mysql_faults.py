"""What PyMySQL raises, as the port's errors. Owns the servers' error numbers; must not know what was asked of them."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pymysql

from chalicelib.ports.databases import BadRow
from chalicelib.ports.errors import Conflict, Denied, Missing, PortError, Rejected, Unavailable

_CODES: dict[int, type[PortError]] = {
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1370, 1698, 2026), Denied),
    **dict.fromkeys((1049, 1051, 1146), Missing),
    **dict.fromkeys((1205, 1213, 1020), Conflict),
    **dict.fromkeys((0, 1017, 1040, 1053, 1077, 1129, 1152, 1158, 1159, 1160, 1161, 1203, 1317, 1927), Unavailable),
    **dict.fromkeys((2003, 2006, 2013, 2055, 4031), Unavailable),
}
_ROW = re.compile(r"(?:at row|Row) (\d+)")
_COLUMN = re.compile(r"column '?(?:`[^`]*`\.`[^`]*`\.`([^`]*)`|([^' ]*))")


@contextmanager
def told(operation: str, line: int | None = None) -> Iterator[None]:
    """Whatever the driver raises inside, as a port error."""
    try:
        yield
    except (pymysql.Error, OSError) as error:
        kind, reason = kind_of(error), reason_of(error)
        if line is not None and kind is Rejected:
            raise BadRow(operation, reason, line, _column(reason)) from error
        raise kind(operation, reason) from error


def kind_of(error: Exception) -> type[PortError]:
    """Which of the port's errors it is."""
    if isinstance(error, (pymysql.err.InterfaceError, OSError)):
        return Unavailable
    if isinstance(getattr(error, "original_exception", None), ssl.SSLCertVerificationError):
        return Denied
    return _CODES.get(error.args[0], Rejected) if error.args else Unavailable


def reason_of(error: Exception) -> str:
    """The server's own words."""
    return str(error.args[1] if len(error.args) > 1 else error)


def bad_row(operation: str, reason: str) -> BadRow:
    """The record that a warning names."""
    row = _ROW.search(reason)
    return BadRow(operation, reason, int(row[1]) if row else None, _column(reason))


def _column(reason: str) -> str | None:
    match = _COLUMN.search(reason)
    return (match[1] or match[2]) if match else None
