"""A Microsoft SQL Server session over python-tds. Owns its catalogue queries and error numbers.

Written from the driver's documentation and tried against no server: none may be shipped with these tests.
"""

from typing import Any

from chalicelib.adapters.sql.catalogue import Queries
from chalicelib.adapters.sql.dbapi import DbApiSession, Manner
from chalicelib.domain.sql import Spelling, with_markers
from chalicelib.ports.databases import Address, Tls
from chalicelib.ports.errors import Conflict, Denied, Missing, PortError, Rejected, Unavailable

_CODES: dict[int, type[PortError]] = {
    **dict.fromkeys((229, 230, 262, 297, 916, 18452, 18456), Denied),
    **dict.fromkeys((208, 911, 3701, 4060), Missing),
    **dict.fromkeys((1205, 1222, 3960), Conflict),
    **dict.fromkeys((233, 596, 6005, 10053, 10054, 40197, 40501, 40613, 49918), Unavailable),
}
QUERIES = Queries(
    table="""
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE lower(table_name) = lower(%(name)s) AND lower(table_schema) = lower(coalesce(%(schema)s, schema_name()))
    ORDER BY CASE WHEN table_name = %(name)s THEN 0 ELSE 1 END, table_name""",
    columns="""
    SELECT c.name, '', NULL FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id
    JOIN sys.schemas s ON s.schema_id = o.schema_id
    WHERE s.name = %(schema)s AND o.name = %(name)s AND c.is_computed = 0
    ORDER BY c.column_id""",
    key="",
    whole=frozenset(),
    text=frozenset(),
)


def open_sqlserver(address: Address) -> DbApiSession:
    """Connect. See ports/databases.Databases.open. Raises ImportError without the driver."""
    import pytds  # noqa: PLC0415  # an extra: the rest of this module is read without it

    operation = f"connect to {address}"
    tls = _tls(address, operation)
    try:
        connection = pytds.connect(
            dsn=address.host,
            port=address.port,
            database=address.database or None,
            user=address.user,
            password=address.password,
            login_timeout=address.connect_seconds,
            **tls,
        )
    except (pytds.Error, OSError) as error:
        raise kind_of(error)(operation, str(error) or type(error).__name__) from error
    return DbApiSession(connection, str(address), manner((pytds.Error, OSError)))


def written(statement: str, arguments: int) -> str:
    """With `%s` for placeholders; without arguments the driver takes every `%` as it is."""
    marked = with_markers(statement, Spelling.BRACKETS)
    return marked if arguments else marked.replace("%%", "%")


def kind_of(error: Exception) -> type[PortError]:
    """Which of the port's errors it is."""
    if type(error).__name__ == "LoginError":
        return Denied
    if isinstance(error, OSError) or type(error).__name__ in ("InterfaceError", "ClosedConnectionError"):
        return Unavailable
    return _CODES.get(getattr(error, "number", 0) or 0, Rejected)


def _quoted(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def _tls(address: Address, operation: str) -> dict[str, Any]:
    """The driver encrypts only when it can verify, by a file of authorities."""
    if address.tls in (Tls.DISABLED, Tls.PREFERRED):
        return {}
    if address.root is None:
        raise Rejected(operation, "TLS to SQL Server needs sslrootcert, a file with the authorities to trust")
    return {"cafile": address.root, "validate_host": address.tls is Tls.VERIFY_IDENTITY}


def manner(errors: tuple[type[Exception], ...]) -> Manner:
    """How the driver, which raises these errors, and the server want to be spoken to."""
    return Manner(
        queries=QUERIES,
        written=written,
        marker=lambda _: "%s",
        quoted=_quoted,
        errors=errors,
        kind=kind_of,
        savepoint="SAVE TRANSACTION penstock_batch",
        undo="ROLLBACK TRANSACTION penstock_batch",
    )
