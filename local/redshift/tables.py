"""CREATE TABLE as Redshift has it, made into PostgreSQL's: keys are written down and not enforced, the rest dropped.

Dropped without effect: DISTSTYLE, ENCODE, BACKUP, INTERLEAVED, UNIQUE, FOREIGN KEY, REFERENCES.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from local.redshift.words import closing, name, split, words

_TYPES = {
    "SUPER": ["jsonb"],
    "VARBYTE": ["bytea"],
    "NVARCHAR": ["varchar"],
    "BPCHAR": ["varchar", "(", "256", ")"],
    "TEXT": ["varchar", "(", "256", ")"],
}
_UNKNOWN = frozenset({"HLLSKETCH", "GEOMETRY", "GEOGRAPHY"})
_CONSTRAINTS = frozenset({"PRIMARY", "UNIQUE", "FOREIGN", "CONSTRAINT"})
_LONGEST = "65535"
_KEYS = {"DISTKEY": "distribution", "SORTKEY": "sort", "PRIMARY": "primary"}
_LENGTHS = {"DISTKEY": 1, "SORTKEY": 1, "PRIMARY": 2, "UNIQUE": 1, "ENCODE": 2}
"""Attributes of a column that PostgreSQL is not told of, and how many words they have."""


@dataclass(slots=True)
class Keys:
    """Columns of a table's keys, in order."""

    primary: list[str] = field(default_factory=list)
    distribution: list[str] = field(default_factory=list)
    sort: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewTable:
    """A CREATE TABLE for PostgreSQL, the table's name as SQL text, and its keys."""

    sql: str
    table: str
    keys: Keys


def new_table(sql: str) -> NewTable | None:
    """Read a CREATE TABLE; None for any other statement. Raises ValueError for what cannot be imitated, by name."""
    parts = words(sql)
    start = _name_at(parts)
    if start is None:
        return None
    end = start + 3 if parts[start + 1 : start + 2] == ["."] else start + 1
    table, keys = joined_name(parts[start:end]), Keys()
    head = [*parts[:start], table]
    if end < len(parts) and parts[end] == "(":
        close = closing(parts, end)
        columns = [made for item in split(parts[end + 1 : close]) if (made := _item(item, keys))]
        body = ["(", *_commas(columns), ")"]
        rest = _attributes(parts[close + 1 :], keys)
    else:
        body, rest = [], _attributes(parts[end:], keys)
    return NewTable(" ".join([*head, *body, *rest]), table, keys)


def joined_name(parts: Sequence[str]) -> str:
    """A table's name, folded to lower case, as SQL text."""
    return ".".join('"' + name(part).replace('"', '""') + '"' for part in parts if part != ".")


def _name_at(parts: Sequence[str]) -> int | None:
    upper = [part.upper() for part in parts[:8]]
    if upper[:1] != ["CREATE"]:
        return None
    at = 1
    while upper[at : at + 1] and upper[at] in ("LOCAL", "TEMP", "TEMPORARY"):
        at += 1
    if upper[at : at + 1] != ["TABLE"]:
        return None
    return at + 4 if upper[at + 1 : at + 4] == ["IF", "NOT", "EXISTS"] else at + 1


def _commas(columns: Sequence[Sequence[str]]) -> list[str]:
    return [part for number, column in enumerate(columns) for part in ([","] * bool(number) + list(column))]


def _item(item: Sequence[str], keys: Keys) -> list[str]:
    """A column or LIKE; empty for a constraint of the table, whose primary key is noted."""
    first = item[0].upper()
    if first == "LIKE":
        return list(item)
    if first not in _CONSTRAINTS:
        return _column(item, keys)
    upper = [part.upper() for part in item]
    if "PRIMARY" in upper:
        start = item.index("(")
        keys.primary += [name(part) for part in item[start + 1 : closing(item, start)] if part != ","]
    return []


def _column(item: Sequence[str], keys: Keys) -> list[str]:
    column = name(item[0])
    made = [f'"{column}"', *_type(item)]
    at = 1 + _type_length(item)
    while at < len(item):
        at, kept = _attribute(item, at, column, keys)
        made += kept
    return made


def _type_length(item: Sequence[str]) -> int:
    return closing(item, 2) if len(item) > 2 and item[2] == "(" else 1


def _type(item: Sequence[str]) -> list[str]:
    kind = item[1].upper()
    if kind in _UNKNOWN:
        raise ValueError(f"the embedded Redshift cannot imitate the type {kind}")
    size = list(item[2 : 1 + _type_length(item)])
    if [part.upper() for part in size] == ["(", "MAX", ")"]:
        size = ["(", _LONGEST, ")"]
    mapped = _TYPES.get(kind, [item[1]])
    return mapped if "(" in mapped and not size else [mapped[0], *size]


def _attribute(item: Sequence[str], at: int, column: str, keys: Keys) -> tuple[int, list[str]]:
    """Where the next attribute begins, and what PostgreSQL is told of this one."""
    word = item[at].upper()
    if word in _KEYS:
        getattr(keys, _KEYS[word]).append(column)
    if word in _LENGTHS:
        return at + _LENGTHS[word], ["NOT", "NULL"] if word == "PRIMARY" else []
    if word == "REFERENCES":
        end = at + 2
        return (closing(item, end) + 1 if item[end : end + 1] == ["("] else end), []
    if word in ("IDENTITY", "GENERATED"):
        start = [part.upper() for part in item].index("IDENTITY") + 1
        when = "ALWAYS" if word == "IDENTITY" else "BY DEFAULT"
        return closing(item, start) + 1, _identity(when, item[start:])
    return at + 1, [item[at]]


def _identity(when: str, sizes: Sequence[str]) -> list[str]:
    return [f"GENERATED {when} AS IDENTITY (START WITH {sizes[1]} INCREMENT BY {sizes[3]} MINVALUE 0)"]


def _attributes(parts: Sequence[str], keys: Keys) -> list[str]:
    """What stands behind the columns: read up to AS, kept from there on."""
    at = 0
    while at < len(parts):
        word = parts[at].upper()
        if word in ("AS", "ON"):
            return list(parts[at:])
        at = _table_attribute(parts, at, word, keys)
    return []


def _table_attribute(parts: Sequence[str], at: int, word: str, keys: Keys) -> int:
    if word in ("COMPOUND", "INTERLEAVED"):
        return at + 1
    if word in ("DISTKEY", "SORTKEY") and parts[at + 1 : at + 2] == ["("]:
        close = closing(parts, at + 1)
        found = keys.distribution if word == "DISTKEY" else keys.sort
        found += [name(part) for part in parts[at + 2 : close] if part != ","]
        return close + 1
    if word in ("DISTSTYLE", "BACKUP", "ENCODE", "SORTKEY"):
        return at + 2
    raise ValueError(f"the embedded Redshift cannot imitate {' '.join(parts[at:])} of CREATE TABLE")
