"""An Oracle session over python-oracledb in thin mode. Owns its catalogue queries and error numbers.

Written from the driver's documentation and tried against no server: none may be shipped with these tests.
"""

import re
from typing import Any

from chalicelib.adapters.sql.authorities import context_of
from chalicelib.adapters.sql.catalogue import Queries
from chalicelib.adapters.sql.dbapi import DbApiSession, Manner
from chalicelib.domain.sql import Spelling, with_placeholders
from chalicelib.ports.databases import Address, Tls
from chalicelib.ports.errors import Conflict, Denied, Missing, PortError, Rejected, Unavailable

_CODE = re.compile(r"\b(?:ORA|DPY)-(\d+)")
_CODES: dict[int, type[PortError]] = {
    **dict.fromkeys((1017, 1031, 1045, 28000, 28001, 990, 41900), Denied),
    **dict.fromkeys((942, 4043, 12514, 12505, 6001, 6003), Missing),
    **dict.fromkeys((60, 54, 8177), Conflict),
    **dict.fromkeys((1033, 1034, 1089, 3113, 3114, 3135, 12170, 12541, 12537, 4011, 6005, 1012), Unavailable),
}
QUERIES = Queries(
    table="""
    SELECT owner, name FROM (SELECT owner, table_name AS name FROM all_tables
                             UNION ALL SELECT owner, view_name FROM all_views)
    WHERE lower(name) = lower(%(name)s)
      AND lower(owner) = lower(coalesce(%(schema)s, sys_context('USERENV', 'CURRENT_SCHEMA')))
    ORDER BY CASE WHEN name = %(name)s THEN 0 ELSE 1 END, name""",
    columns="""
    SELECT column_name, data_type, NULL FROM all_tab_cols
    WHERE owner = %(schema)s AND table_name = %(name)s AND virtual_column = 'NO' AND hidden_column = 'NO'
    ORDER BY column_id""",
    key="",
    whole=frozenset(),
    text=frozenset(),
)


def open_oracle(address: Address) -> DbApiSession:
    """Connect. See ports/databases.Databases.open. Raises ImportError without the driver."""
    import oracledb  # noqa: PLC0415  # an extra: the rest of this module is read without it

    oracledb.defaults.fetch_lobs = False  # text and bytes rather than something to ask for them
    try:
        connection = oracledb.connect(
            user=address.user,
            password=address.password,
            host=address.host,
            port=address.port,
            tcp_connect_timeout=float(address.connect_seconds),
            **_place(address),
            **_tls(address),
        )
    except oracledb.Error as error:
        raise kind_of(error)(f"connect to {address}", str(error)) from error
    return DbApiSession(connection, str(address), manner((oracledb.Error, OSError)))


def written(statement: str, _: int) -> str:
    """With `:1`, `:2`, … for placeholders."""
    return with_placeholders(statement, Spelling.STANDARD, _marker)


def kind_of(error: Exception) -> type[PortError]:
    """Which of the port's errors it is, by the number in its text."""
    match = _CODE.search(str(error))
    return _CODES.get(int(match[1]), Rejected) if match else Rejected


def _marker(number: int) -> str:
    return f":{number}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _place(address: Address) -> dict[str, str]:
    sid = address.settings.get("sid")
    return {"service_name": address.database} if sid is None else {"sid": sid}


def _tls(address: Address) -> dict[str, Any]:
    """Oracle listens for TLS at a port of its own, so that nothing can be encrypted when the server can."""
    if address.tls in (Tls.DISABLED, Tls.PREFERRED):
        return {}
    matched = address.tls is Tls.VERIFY_IDENTITY
    return {"protocol": "tcps", "ssl_server_dn_match": matched, "ssl_context": context_of(address)}


def manner(errors: tuple[type[Exception], ...]) -> Manner:
    """How the driver, which raises these errors, and the server want to be spoken to."""
    return Manner(
        queries=QUERIES,
        written=written,
        marker=_marker,
        quoted=_quoted,
        errors=errors,
        kind=kind_of,
        savepoint="SAVEPOINT penstock_batch",
        undo="ROLLBACK TO SAVEPOINT penstock_batch",
    )
