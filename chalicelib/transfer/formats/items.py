"""Items of DynamoDB tables as lines of text, as the EMR tools write them, and every spelling that they ever read.

Written   `{"name":{"s":"x"},…}`: an item a line, type keys with a small first letter, numbers as text, binary as base64
Read      also with type keys in any case, `{"Item":{…}}` around it as native exports have it, and the older Hive form
          `name ETX value STX name ETX value`
Source    awslabs/emr-dynamodb-connector; Amazon DynamoDB developer guide, "DynamoDB table export output format"
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from typing import TypeVar

from chalicelib.ports.tables import Attribute, Change, Deletion, Item
from chalicelib.transfer.formats.faults import BadRecord

T = TypeVar("T")

_LONGEST = 16 * 1024 * 1024
"""Bytes of a line. An item of 400 KB, all of control characters or of nulls in a list, has less than half of it."""

_STX, _ETX = "\x02", "\x03"
_WRAPPER = "Item"


def encode_item(item: Item) -> str:
    """The item's line, without its end."""
    return "{" + ",".join([_name_text(name) + _attribute(value) for name, value in item.items()]) + "}"


def decode_item(line: str) -> Item:
    """The item of a line in any spelling. Raises ValueError that tells what is wrong, and of which attribute."""
    found = json.loads(_mended(line), parse_float=str, parse_int=str, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("a JSON object was expected")  # noqa: TRY004  # one kind of fault for all of a line's content
    return _read_map(_unwrapped(found))


def read_items(content: Iterable[bytes], file: str, after: int = 0) -> Iterator[tuple[int, Item]]:
    """The items of a file with their line numbers, from 1; empty lines are left out.

    after   lines to pass over
    Raises  BadRecord for a line that is no item
    """
    for number, line in enumerate(_lines(content, file), 1):
        if number > after and line:
            yield number, _decoded(decode_item, line, file, number)


def decode_change(line: str) -> Change:
    """The change of a line of a native incremental export. Raises ValueError that tells what is wrong."""
    found = json.loads(line, parse_float=str, parse_int=str, parse_constant=_no_number)
    if not isinstance(found, dict) or not isinstance(found.get("Keys"), dict):
        raise ValueError("an object with 'Keys' was expected, as incremental exports have it")  # noqa: TRY004  # as above
    image = found.get("NewImage")
    return Deletion(_read_map(found["Keys"])) if image is None else _read_nested(image)


def read_changes(content: Iterable[bytes], file: str, after: int = 0) -> Iterator[tuple[int, Change]]:
    """The changes of a file of a native incremental export, as `read_items` reads items."""
    for number, line in enumerate(_lines(content, file), 1):
        if number > after and line:
            yield number, _decoded(decode_change, line, file, number)


def _decoded(decode: Callable[[str], T], line: bytes, file: str, number: int) -> T:
    try:
        return decode(line.decode())
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise BadRecord(file, number, None, str(error)) from error


def _lines(content: Iterable[bytes], file: str) -> Iterator[bytes]:
    number, rest = 0, b""
    for piece in content:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            number += 1
            yield line.strip(b"\r ")
        if len(rest) > _LONGEST:
            raise BadRecord(file, number + 1, None, f"the line is longer than {_LONGEST} bytes")
    if rest:
        yield rest.strip(b"\r ")


def _text(value: object) -> str:
    """As Gson writes it: besides what JSON demands, the two line separators that JavaScript does not like."""
    text = encode_basestring(value)  # type: ignore[arg-type]  # a text, or it raises TypeError
    return text if text.isascii() else text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@lru_cache(maxsize=512)
def _name_text(name: str) -> str:
    """A table's items have much the same names."""
    return _text(name) + ":"


def _attribute(attribute: Attribute) -> str:
    ((kind, value),) = attribute.items()
    begin, write = _WRITERS[kind]
    return begin + write(value) + "}"


def _number(value: object) -> str:
    return f'"{value}"'


def _binary(value: object) -> str:
    return f'"{base64.b64encode(_bytes(value)).decode()}"'


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def _flag(value: object) -> str:
    return "true" if value else "false"


def _list(write: Callable[..., str]) -> Callable[..., str]:
    return lambda values: "[" + ",".join(map(write, values)) + "]"


_WRITERS: Mapping[str, tuple[str, Callable[..., str]]] = {
    "S": ('{"s":', _text),
    "N": ('{"n":', _number),
    "B": ('{"b":', _binary),
    "SS": ('{"sS":', _list(_text)),
    "NS": ('{"nS":', _list(_number)),
    "BS": ('{"bS":', _list(_binary)),
    "M": ('{"m":', encode_item),
    "L": ('{"l":', _list(_attribute)),
    "BOOL": ('{"bOOL":', _flag),
    "NULL": ('{"nULL":', _flag),
}


def _mended(line: str) -> str:
    """The Hive form put between quotes and braces; anything else as it is."""
    text = line.strip(" \t\r\n\ufeff")
    if text.startswith("{") or not text:
        return text or "{}"
    pairs = [field.partition(_ETX) for field in text.split(_STX)]
    if not all(mark for _, mark, _ in pairs):
        raise ValueError("neither a JSON object nor names and values with control characters between them")
    return "{" + ",".join(f"{_name(name)}:{value}" for name, _, value in pairs) + "}"


def _name(written: str) -> str:
    return written if written.startswith('"') and written.endswith('"') and len(written) > 1 else _text(written)


def _unwrapped(found: dict[str, object]) -> dict[str, object]:
    """What is inside `{"Item":…}`. An attribute may have that name, too: names and types take turns, so that at the
    innermost value only one of the two readings can be right."""
    inside = found.get(_WRAPPER)
    if len(found) != 1 or not isinstance(inside, dict):
        return found
    try:
        _read(_WRAPPER, inside)
    except ValueError:
        return inside
    return found


def _read_map(found: dict[str, object]) -> Item:
    return {name: _read(name, value) for name, value in found.items()}


def _read(name: str, written: object) -> Attribute:
    """One attribute; the first type key that is known counts, as with the EMR tools."""
    for key, value in written.items() if isinstance(written, dict) else ():
        kind = _KINDS.get(key.upper())
        if kind is not None:
            try:
                return {kind: _READERS[kind](value)}
            except ValueError as error:
                raise ValueError(f"attribute '{name}': {error}") from error
    raise ValueError(f"attribute '{name}' has no value of a type that DynamoDB knows")


_KINDS = {**{kind: kind for kind in _WRITERS}, "NULLVALUE": "NULL"}


def _read_text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("a text was expected")


def _read_binary(value: object) -> bytes:
    try:
        return base64.b64decode(_read_text(value), validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64: {error}") from error


def _read_flag(value: object) -> bool:
    found = (
        {True: True, False: False, "true": True, "false": False}.get(value) if isinstance(value, bool | str) else None
    )
    if found is None:
        raise ValueError("true or false was expected")
    return found


def _read_list(read: Callable[[object], object], least: int) -> Callable[[object], object]:
    def read_all(value: object) -> list[object]:
        if not isinstance(value, list) or len(value) < least:
            raise ValueError("a list was expected" if not least else "a list of at least one value was expected")
        return [read(each) for each in value]

    return read_all


def _read_nested(value: object) -> Item:
    if not isinstance(value, dict):
        raise ValueError("an object was expected")  # noqa: TRY004  # see decode_item
    return _read_map(value)


_READERS: Mapping[str, Callable[[object], object]] = {
    "S": _read_text,
    "N": _read_text,
    "B": _read_binary,
    "SS": _read_list(_read_text, 1),
    "NS": _read_list(_read_text, 1),
    "BS": _read_list(_read_binary, 1),
    "M": _read_nested,
    "L": _read_list(lambda value: _read("[]", value), 0),
    "BOOL": _read_flag,
    "NULL": _read_flag,
}


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no JSON")
