"""What COPY reads, as rows of text. Must not know where it comes from or goes.

Source: Redshift Database Developer Guide, "Data format parameters", "Data conversion parameters".
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is loaded, and whether it holds text: an empty field is NULL to all others."""

    name: str
    is_text: bool


@dataclass(unsafe_hash=True)
class BadLine(Exception):
    """A record that fits no row, in the words of stl_load_errors."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def rows(content: str, fields: Sequence[Field], options: Mapping[str, str]) -> Iterator[tuple[int, Row | BadLine]]:
    """Records with their line or number, from 1: a row of as many values as there are fields, or what is wrong."""
    if _json(options) is not None:
        yield from ((number, _of_json(found, fields)) for number, found in enumerate(_objects(content), 1))
        return
    records = _quoted(content, options) if _is_csv(options) else _delimited(content, options)
    for number, record in enumerate(records, 1):
        if number <= int(options.get("IGNOREHEADER", "0")) or _is_blank(record, fields, options):
            continue
        yield number, _fitted(number, record, fields, options)


def _json(options: Mapping[str, str]) -> str | None:
    given = options.get("JSON")
    if options.get("FORMAT", "").upper() == "JSON" and given is None:
        return "auto"
    if given is not None and given.lower() not in ("auto", "auto ignorecase"):
        raise ValueError(f"the embedded Redshift cannot imitate JSON '{given}', only 'auto'")
    return given


def _is_csv(options: Mapping[str, str]) -> bool:
    given = options.get("FORMAT", "").upper()
    if given not in ("", "CSV", "JSON"):
        raise ValueError(f"the embedded Redshift cannot imitate FORMAT {given}")
    return "CSV" in options or given == "CSV"


def _objects(content: str) -> Iterator[Mapping[str, object]]:
    decoder, at = json.JSONDecoder(), 0
    while match := re.compile(r"\s*(?=\S)").match(content, at):
        found, at = decoder.raw_decode(content, match.end())
        yield from found if isinstance(found, list) else [found]


def _of_json(found: Mapping[str, object], fields: Sequence[Field]) -> Row:
    given = {key.lower(): value for key, value in found.items()}
    return tuple(_json_text(given.get(item.name)) for item in fields)


def _json_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _quoted(content: str, options: Mapping[str, str]) -> Iterator[Row]:
    null = options.get("NULL", "\\N")
    reader = csv.reader(
        io.StringIO(content), delimiter=options.get("DELIMITER", ","), quotechar=options.get("QUOTE", '"')
    )
    return (tuple(None if value == null else value for value in record) for record in reader)


def _delimited(content: str, options: Mapping[str, str]) -> Iterator[Row]:
    delimiter, null = options.get("DELIMITER", "|"), options.get("NULL", "\\N")
    escape = "ESCAPE" in options
    ends = re.escape(delimiter) + "|\n"
    token = re.compile(rf"((?:\\.|(?!{ends}).)*)({ends}|\Z)" if escape else rf"(.*?)({ends}|\Z)", re.DOTALL)
    record: list[str | None] = []
    for match in token.finditer(content):
        if match.end() == len(content) and not match[0] and not record:
            return
        record.append(None if match[1] == null else _value(match[1], options, escape=escape))
        if match[2] != delimiter:
            yield tuple(record)
            record = []
        if match.end() == len(content) and not match[2]:
            return


def _value(text: str, options: Mapping[str, str], *, escape: bool) -> str:
    plain = re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL) if escape else text
    if "REMOVEQUOTES" in options and len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "'\"":
        return plain[1:-1]
    return plain


def _is_blank(record: Row, fields: Sequence[Field], options: Mapping[str, str]) -> bool:
    blank = record in ((), ("",))
    return blank and ("IGNOREBLANKLINES" in options or (_is_csv(options) and len(fields) > 1))


def _fitted(number: int, record: Row, fields: Sequence[Field], options: Mapping[str, str]) -> Row | BadLine:
    if len(record) > len(fields):
        return BadLine(number, "Extra column(s) found")
    if len(record) < len(fields) and "FILLRECORD" not in options:
        return BadLine(number, f"Delimiter not found: {len(record)} of {len(fields)} columns")
    missing = [None] * (len(fields) - len(record))
    return tuple(_converted(value, item, options) for value, item in zip([*record, *missing], fields, strict=True))


def _converted(value: str | None, item: Field, options: Mapping[str, str]) -> str | None:
    if value is None:
        return None
    text = value.rstrip(" ") if "TRIMBLANKS" in options and item.is_text else value
    nothing = (not text and ("EMPTYASNULL" in options or not item.is_text)) or (
        not text.strip() and bool(text) and "BLANKSASNULL" in options
    )
    return None if nothing else text
