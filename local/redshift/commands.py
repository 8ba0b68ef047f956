"""COPY and UNLOAD as values. Must not know how they are carried out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from local.redshift.tables import joined_name
from local.redshift.words import closing, name, string, words

_FLAGS = frozenset(
    {
        "MANIFEST",
        "GZIP",
        "BZIP2",
        "CSV",
        "ESCAPE",
        "EMPTYASNULL",
        "BLANKSASNULL",
        "IGNOREBLANKLINES",
        "REMOVEQUOTES",
        "TRUNCATECOLUMNS",
        "TRIMBLANKS",
        "FILLRECORD",
        "ADDQUOTES",
        "HEADER",
        "ALLOWOVERWRITE",
        "CLEANPATH",
        "ACCEPTANYDATE",
        "ROUNDEC",
    }
)
_VALUED = frozenset(
    {
        "IAM_ROLE",
        "CREDENTIALS",
        "ACCESS_KEY_ID",
        "SECRET_ACCESS_KEY",
        "SESSION_TOKEN",
        "REGION",
        "DELIMITER",
        "IGNOREHEADER",
        "NULL",
        "DATEFORMAT",
        "TIMEFORMAT",
        "MAXERROR",
        "COMPUPDATE",
        "STATUPDATE",
        "READRATIO",
        "QUOTE",
        "FORMAT",
        "JSON",
        "COMPROWS",
        "EXTENSION",
    }
)
_BARE = frozenset({"VERBOSE"})
_OPTIONAL = frozenset({"PARALLEL", "ACCEPTINVCHARS"})
"""Options whose value may be missing."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`table` is SQL text; `columns` are empty for all; options by upper-case name, flags with an empty value."""

    table: str
    columns: tuple[str, ...]
    source: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unload:
    """The query's rows go to keys that begin with `target`."""

    query: str
    target: str
    options: Mapping[str, str]


def command(sql: str) -> Copy | Unload | None:
    """Read a COPY or UNLOAD; None for any other statement. Raises ValueError, naming an option nobody knows."""
    parts = words(sql)
    match parts[0].upper() if parts else "":
        case "COPY":
            return _copy(parts)
        case "UNLOAD":
            return _unload(parts)
        case _:
            return None


def _copy(parts: Sequence[str]) -> Copy:
    start = [part.upper() for part in parts].index("FROM")
    named = list(parts[1:start])
    columns: tuple[str, ...] = ()
    if "(" in named:
        opening = named.index("(")
        columns = tuple(name(part) for part in named[opening + 1 : -1] if part != ",")
        named = named[:opening]
    return Copy(joined_name(named), columns, string(parts[start + 1]), dict(_options(parts[start + 2 :])))


def _unload(parts: Sequence[str]) -> Unload:
    close = closing(parts, 1)
    if parts[close + 1].upper() != "TO":
        raise ValueError(f"TO expected behind the query, {parts[close + 1]} given")
    return Unload(string(parts[2]), string(parts[close + 2]), dict(_options(parts[close + 3 :])))


def _options(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(parts):
        word = parts[at].upper()
        at += 1
        if word in _BARE:
            continue
        if word not in _FLAGS | _VALUED | _OPTIONAL:
            raise ValueError(f"the embedded Redshift cannot imitate the option {parts[at - 1]}")
        at += parts[at : at + 1] != [] and parts[at].upper() == "AS"
        value, at = _value(parts, at, word)
        yield word, value
        if word == "FORMAT" and at < len(parts) and parts[at].startswith("'"):
            yield value.upper(), string(parts[at])
            at += 1


def _value(parts: Sequence[str], at: int, word: str) -> tuple[str, int]:
    if word in _FLAGS:
        return "", at
    if at >= len(parts):
        if word in _OPTIONAL:
            return "", at
        raise ValueError(f"{word} needs a value")
    if parts[at].startswith("'"):
        return string(parts[at]), at + 1
    if word in _OPTIONAL and parts[at].upper() not in ("ON", "OFF", "TRUE", "FALSE"):
        return "", at
    return parts[at], at + 1
