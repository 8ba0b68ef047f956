"""What psycopg and libpq raise, as the port's errors. Owns the server's states; must not know what was asked of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from chalicelib.ports.databases import BadRow
from chalicelib.ports.errors import Conflict, Denied, Missing, PortError, Rejected, Unavailable

_STATES: dict[str, type[PortError]] = {
    "28": Denied,
    "42501": Denied,
    "3D": Missing,
    "3F": Missing,
    "42P01": Missing,
    "40": Conflict,
    "55P03": Conflict,
    "08": Unavailable,
    "53": Unavailable,
    "57P": Unavailable,
}
_PLACE = re.compile(r"^COPY .+?, \D*(\d+)(?:, \S+ ([^:]+))?")
_REFUSALS = re.compile(
    "authentication failed|no pg_hba.conf entry|no password supplied|certificate verify failed"
    "|server certificate for .* does not match|server does not support SSL"
)


@contextmanager
def told(operation: str, line: int | None = None) -> Iterator[None]:
    """Whatever the driver raises inside, as a port error."""
    try:
        yield
    except psycopg.Error as error:
        raise port_error(operation, error, line) from error


def port_error(operation: str, error: psycopg.Error, line: int | None = None) -> PortError:
    """The port\'s error for one of the driver\'s; `line` is the record that it is about."""
    reason = (error.diag.message_primary or str(error)).strip()
    if error.diag.message_detail:
        reason = f"{reason} ({error.diag.message_detail})"
    place = _PLACE.match(error.diag.context or "")
    if place is not None:
        return BadRow(operation, reason, int(place[1]), place[2])
    if error.sqlstate is None and not isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return Rejected(operation, reason) if line is None else BadRow(operation, reason, line, None)
    return by_state(operation, reason, error.sqlstate, line)


def by_state(operation: str, reason: str, state: str | None, line: int | None = None) -> PortError:
    """The same for a state; libpq\'s own errors have none."""
    kind = next((_STATES[state[:n]] for n in (5, 3, 2) if state and state[:n] in _STATES), None)
    if line is not None and state and (kind is None or kind is Rejected):
        return BadRow(operation, reason, line, None)
    if kind is None:
        kind = Rejected if state else _silent(reason)
    return kind(operation, reason)


def _silent(reason: str) -> type[PortError]:
    """libpq's own errors have no state; at connection time the server's come as text, too."""
    if _REFUSALS.search(reason):
        return Denied
    if "root certificate file" in reason or "could not read root certificate" in reason:
        return Rejected
    return Missing if re.search(r'FATAL: .*database ".*" does not exist', reason) else Unavailable
