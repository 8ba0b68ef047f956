"""A table of MySQL or PostgreSQL as a table of Redshift: types and CREATE TABLE. Pure; must not know connections.

Lengths are four bytes a character, the most that UTF-8 takes. SERIAL, AUTO_INCREMENT and ZEROFILL mean nothing in a
copy. Source: developer guide, "Amazon RDS to Amazon Redshift templates"; PostgreSQL's part is ours.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.ports.databases import Engine
from chalicelib.ports.errors import Rejected
from chalicelib.work.redshift.sql import identifier, qualified

_BYTES = 4
_LONGEST = 65535
_TYPE = re.compile(
    r"(?P<name>[a-z]+(?: (?:precision|varying|with(?:out)? time zone))*)\s*(?P<size>\([^)]*\))?(?P<rest>.*)"
)
_MAX = "VARCHAR(MAX)"

_MYSQL: Mapping[str, str] = {
    "tinyint": "SMALLINT",
    "tinyint unsigned": "SMALLINT",
    "smallint": "SMALLINT",
    "smallint unsigned": "INTEGER",
    "mediumint": "INTEGER",
    "mediumint unsigned": "INTEGER",
    "int": "INTEGER",
    "integer": "INTEGER",
    "int unsigned": "BIGINT",
    "integer unsigned": "BIGINT",
    "bigint": "BIGINT",
    "bigint unsigned": "VARCHAR(80)",
    "float": "REAL",
    "double": "DOUBLE PRECISION",
    "double precision": "DOUBLE PRECISION",
    "real": "DOUBLE PRECISION",
    "bool": "BOOLEAN",
    "boolean": "BOOLEAN",
    "tinytext": "VARCHAR(1020)",
    "text": _MAX,
    "mediumtext": _MAX,
    "longtext": _MAX,
    "json": _MAX,
    "binary": "VARCHAR(255)",
    "varbinary": _MAX,
    "tinyblob": "VARCHAR(255)",
    "blob": _MAX,
    "mediumblob": _MAX,
    "longblob": _MAX,
    "enum": "VARCHAR(510)",
    "set": "VARCHAR(510)",
    "date": "DATE",
    "time": "VARCHAR(40)",
    "datetime": "TIMESTAMP",
    "timestamp": "TIMESTAMP",
    "year": "VARCHAR(16)",
}
_POSTGRESQL: Mapping[str, str] = {
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "REAL",
    "double precision": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "time without time zone": "TIME",
    "time with time zone": "TIMETZ",
    "text": _MAX,
    "character varying": _MAX,
    "bytea": _MAX,
    "json": _MAX,
    "jsonb": _MAX,
    "uuid": "VARCHAR(36)",
}
_SIZED = frozenset({"char", "character", "varchar", "character varying"})
_EXACT = frozenset({"decimal", "numeric", "dec", "fixed"})


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as its server describes it; `type` with sizes and attributes."""

    name: str
    type: str
    nullable: bool
    key: bool


def redshift_type(engine: Engine, written: str) -> str:
    """The type that holds the values of another server's. Raises Rejected for one that nothing is known of."""
    match = _TYPE.fullmatch(written.strip().lower())
    if match is None:
        raise Rejected("translate type", f"{written!r} given, a type of {engine.value} expected")
    # timestamp(6) without time zone: the size stands inside the name
    name, size = match["name"], match["size"] or ""
    zone = re.search(r"with(?:out)? time zone", match["rest"])
    full = f"{name} {zone[0]}" if zone else name
    if engine is Engine.POSTGRESQL and match["rest"].strip() not in ("", zone and zone[0]):
        raise Rejected("translate type", f"{written!r} has no counterpart: name one in columnTypes")
    if engine is Engine.MYSQL and (name, size) == ("tinyint", "(1)") and "unsigned" not in match["rest"]:
        return "BOOLEAN"
    if full in _EXACT:
        return "DECIMAL" + (size or ("(10,0)" if engine is Engine.MYSQL else "(38,10)"))
    if full in _SIZED and size:
        return _characters(int(size[1:-1]))
    if full in ("char", "character"):
        return _characters(1)
    known = _MYSQL if engine is Engine.MYSQL else _POSTGRESQL
    signed = f"{full} unsigned" if "unsigned" in match["rest"] and f"{full} unsigned" in known else full
    if signed not in known:
        raise Rejected("translate type", f"{written!r} of {engine.value} has no counterpart: name one in columnTypes")
    return known[signed]


def _characters(count: int) -> str:
    size = count * _BYTES
    return f"VARCHAR({size})" if size <= _LONGEST else _MAX


def create_table(
    engine: Engine, schema: str, table: str, columns: Sequence[SourceColumn], overrides: Sequence[str]
) -> str:
    """CREATE TABLE with the columns of a source; the first column of its key is primary key and distribution key.

    overrides  `name TYPE` each
    Raises     Rejected for types without counterpart, and for overrides that name no column or no type
    """
    chosen = _overrides(columns, overrides)
    keys = [item.name for item in columns if item.key]
    parts = [_column(engine, item, chosen) for item in columns]
    if keys:
        parts.append(f"PRIMARY KEY ({identifier(keys[0])})")
    spread = f" DISTKEY ({identifier(keys[0])})" if keys else ""
    return f"CREATE TABLE {qualified(schema, table)} ({', '.join(parts)}){spread}"


def _column(engine: Engine, item: SourceColumn, chosen: Mapping[str, str]) -> str:
    kind = chosen.get(item.name.lower()) or redshift_type(engine, item.type)
    return f"{identifier(item.name)} {kind}" + ("" if item.nullable else " NOT NULL")


def _overrides(columns: Sequence[SourceColumn], overrides: Sequence[str]) -> Mapping[str, str]:
    known = {item.name.lower() for item in columns}
    found: dict[str, str] = {}
    for text in overrides:
        name, _, kind = text.strip().partition(" ")
        if name.lower() not in known or not re.fullmatch(
            r"[A-Za-z][A-Za-z ]*(\(\s*(\w+)\s*(,\s*\d+\s*)?\))?", kind.strip()
        ):
            raise Rejected("read columnTypes", f"{text!r} given, 'column TYPE' with a column of the source expected")
        found[name.lower()] = kind.strip()
    return found
