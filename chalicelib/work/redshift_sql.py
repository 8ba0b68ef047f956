"""The SQL of loads and unloads, as text. Pure; must not know who runs it.

Names and values of a definition become quoted identifiers and literals, and options are read token by token, so that no
field can say more than its place allows; only transformSql, createTableSql and scripts are SQL by their meaning.
Source: Redshift Database Developer Guide, "COPY", "UNLOAD", "Names and identifiers", "Updating and inserting".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.sql import Spelling, statements
from chalicelib.ports.errors import Rejected

STAGING = '"staging"'
"""The name that transformSql reads from. A temporary table hides any other of the name."""

_TRANSFORMED = '"penstock_transformed"'
_RANK = '"penstock_rank"'
_TOKEN = re.compile(r"""\s*([A-Za-z_]\w*|\d+|'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")+"|[(),=])""", re.DOTALL)
_AUTHORITY = frozenset({"IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID"})
_UNORDERED = frozenset({"super", "geometry", "geography", "hllsketch", "varbyte", "jsonb", "bytea"})


class InsertMode(Enum):
    """What happens to rows that are there already. Source: developer guide, "RedshiftCopyActivity"."""

    KEEP_EXISTING = "KEEP_EXISTING"
    OVERWRITE_EXISTING = "OVERWRITE_EXISTING"
    TRUNCATE = "TRUNCATE"
    APPEND = "APPEND"

    @property
    def matches(self) -> bool:
        """Whether it compares incoming rows with those that are there."""
        return self in (InsertMode.KEEP_EXISTING, InsertMode.OVERWRITE_EXISTING)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the catalogue describes it; `sort` is its place in the sort key, 0 when it has none."""

    name: str
    type: str
    nullable: bool
    distributes: bool
    sort: int


@dataclass(frozen=True, slots=True)
class Target:
    """A table and the columns that tell its rows apart.

    primary  its primary key, or what the author named instead: never enforced, so incoming duplicates are dropped
    match    columns that incoming rows are matched by
    """

    schema: str
    table: str
    columns: tuple[Column, ...]
    primary: tuple[str, ...] = ()
    match: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """Its name as SQL text."""
        return qualified(self.schema, self.table)


def identifier(name: str) -> str:
    """A name as SQL text, in lower case: the warehouse folds quoted names, too.

    Raises   Rejected for an empty one, one with NUL, and one above 127 bytes
    """
    if not name or "\0" in name or len(name.encode()) > 127:
        raise Rejected("name table or column", f"{name[:140]!r} given, 1 to 127 bytes without NUL expected")
    return '"' + name.lower().replace('"', '""') + '"'


def qualified(schema: str, table: str) -> str:
    """A table's name as SQL text."""
    return f"{identifier(schema)}.{identifier(table)}"


def literal(text: str) -> str:
    """A string as SQL text; a backslash escapes in the warehouse's literals. Raises Rejected for NUL."""
    if "\0" in text:
        raise Rejected("write text", f"{text[:40]!r} given, text without NUL expected")
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def columns_query(database: str, schema: str, table: str) -> str:
    """Name, type, nullability, distribution and sort key of each column; no row when there is no table."""
    return (
        "SELECT column_name, data_type, is_nullable, distkey, sortkey FROM svv_redshift_columns"
        f" WHERE database_name = {literal(database.lower())} AND schema_name = {literal(schema.lower())}"
        f" AND table_name = {literal(table.lower())} ORDER BY ordinal_position"
    )


def primary_key_query(schema: str, table: str) -> str:
    """The columns of the primary key."""
    return (
        "SELECT a.attname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
        " JOIN pg_namespace n ON n.oid = t.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey)"
        f" WHERE c.contype = 'p' AND n.nspname = {literal(schema.lower())} AND t.relname = {literal(table.lower())}"
        " ORDER BY a.attnum"
    )


def option(text: str) -> str:
    """One of commandOptions, checked: words, numbers, strings, names, parentheses, and nothing else.

    Raises   Rejected naming the option and where it stops making sense
    """
    return " ".join(_tokens(text))


def says(options: Sequence[str], *words: str) -> bool:
    """Whether any of the options has one of the words outside of strings."""
    return any(token.upper() in words for text in options for token in _tokens(text))


def _tokens(text: str) -> Iterator[str]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise Rejected("read commandOptions", f"{text!r} stops making sense at {text[at:].strip()!r}")
        yield found[1]
        at = found.end()


def authority(role: str | None, options: Sequence[str]) -> tuple[str, ...]:
    """Under which role the warehouse reads and writes storage, unless the options say it.

    role  ARN of a role that is attached to the cluster; None is the cluster's default role
    """
    if says(options, *_AUTHORITY):
        return ()
    return ("IAM_ROLE default",) if role is None else (f"IAM_ROLE {literal(role)}",)


def copy(source: str, options: Sequence[str]) -> str:
    """COPY into the staging table. `source` is an `s3://` or `dynamodb://` address."""
    return " ".join([f"COPY {STAGING} FROM {literal(source)}", *options])


def unload(query: str, target: str, options: Sequence[str]) -> str:
    """UNLOAD of a query's rows to keys that begin with the `s3://` address."""
    return " ".join([f"UNLOAD ({literal(query)}) TO {literal(target)}", *options])


def select_all(target: Target) -> str:
    """All rows of a table."""
    return f"SELECT {_names(target)} FROM {target.sql}"


def query_group(queue: str | None) -> tuple[str, ...]:
    """The statement that assigns the following ones to a queue; none without one."""
    return () if queue is None else (f"SET query_group TO {literal(queue)}",)


def load(target: Target, fill: str, mode: InsertMode, transform: str | None) -> tuple[str, ...]:
    """The statements of one load, to be run as one transaction; the last one inserts.

    fill       fills the staging table, which has the target's columns
    transform  a SELECT over `staging` whose columns are the target's, in their order
    Raises     Rejected when the mode needs keys that the target does not have
    """
    if mode.matches and not target.match:
        raise Rejected(
            "plan load",
            f"{mode.value} into {target.sql}, which has neither primary, sort nor distribution key: "
            "name columns in primaryKeys, or use TRUNCATE or APPEND",
        )
    incoming = STAGING if transform is None else _TRANSFORMED
    made = [f"CREATE TEMP TABLE {STAGING} (LIKE {target.sql})", fill]
    if transform is not None:
        made += [
            f"CREATE TEMP TABLE {_TRANSFORMED} (LIKE {target.sql})",
            f"INSERT INTO {_TRANSFORMED} ({_names(target)}) {one_select(transform)}",
        ]
    return (*made, *_merged(target, incoming, mode))


def one_select(text: str) -> str:
    """The one SELECT that a text is. Raises Rejected for anything else."""
    found = statements(text, Spelling.REDSHIFT)
    if len(found) != 1 or not re.match(r"(?is)(\s|\(|--[^\n]*\n|/\*.*?\*/)*(select|with)\b", found[0]):
        raise Rejected("read transformSql", f"one SELECT expected, {text.strip()[:80]!r} given")
    return found[0]


def _merged(target: Target, incoming: str, mode: InsertMode) -> Iterator[str]:
    names = _names(target)
    match mode:
        case InsertMode.APPEND:
            yield f"INSERT INTO {target.sql} ({names}) SELECT {names} FROM {incoming}"
        case InsertMode.TRUNCATE:
            # TRUNCATE would commit what came before it.
            yield f"DELETE FROM {target.sql}"
            yield f"INSERT INTO {target.sql} ({names}) SELECT {names} FROM {incoming}"
        case InsertMode.KEEP_EXISTING:
            there = f"EXISTS (SELECT 1 FROM {target.sql} AS existing WHERE {_same('existing', 'incoming', target)})"
            rows, wanted = _distinct(target, incoming)
            yield f"INSERT INTO {target.sql} ({names}) SELECT {names} FROM {rows} AS incoming WHERE {wanted}NOT {there}"
        case InsertMode.OVERWRITE_EXISTING:
            same = _same(target.sql, "incoming", target)
            yield f"DELETE FROM {target.sql} WHERE EXISTS (SELECT 1 FROM {incoming} AS incoming WHERE {same})"
            rows, wanted = _distinct(target, incoming)
            where = f" WHERE {wanted.removesuffix(' AND ')}" if wanted else ""
            yield f"INSERT INTO {target.sql} ({names}) SELECT {names} FROM {rows} AS incoming{where}"


def _distinct(target: Target, incoming: str) -> tuple[str, str]:
    """What to select from, and a condition with AND behind it, so that one row of each key is left.

    Only where there is a primary key: a sort key alone does not tell rows apart. Which of several rows is kept depends
    on nothing but their values, so that a repeated load keeps the same.
    """
    if not target.primary:
        return incoming, ""
    keys = ", ".join(map(identifier, target.match))
    rest = [item.name for item in target.columns if item.name not in target.match and item.type not in _UNORDERED]
    order = ", ".join(map(identifier, rest)) or keys
    rank = f"ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY {order}) AS {_RANK}"
    nulls = "".join(f" OR {identifier(item.name)} IS NULL" for item in _nullable_keys(target))
    return f"(SELECT {_names(target)}, {rank} FROM {incoming})", f"({_RANK} = 1{nulls}) AND "


def _nullable_keys(target: Target) -> Iterator[Column]:
    return (item for item in target.columns if item.name in target.match and item.nullable)


def _same(one: str, other: str, target: Target) -> str:
    return " AND ".join(f"{one}.{identifier(key)} = {other}.{identifier(key)}" for key in target.match)


def _names(target: Target) -> str:
    return ", ".join(identifier(item.name) for item in target.columns)
