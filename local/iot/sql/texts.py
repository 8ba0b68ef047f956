"""Functions of Strings. Other types are converted by the standard rules; Null and Undefined give Undefined.

Regular expressions are Java's in the service and Python's here: the common part of both.
Source  "Functions", the tables of each
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable

from local.iot.sql.values import UNDEFINED, NotJson, Value, parse, to_int, to_text

Function = Callable[..., Value]
_BLANKS = " \t\n\r\f\v"
_WIDEST = 1000
_GROUP = re.compile(r"\\(.)|\$(\d+)|\$", re.DOTALL)


def _of_texts(act: Callable[..., Value]) -> Function:
    def function(*values: Value) -> Value:
        texts = [to_text(value) for value in values]
        return UNDEFINED if None in texts else act(*texts)

    return function


def _searching(act: Callable[..., Value]) -> Function:
    """`act(compiled, text, …)`; Undefined when the second argument is no regular expression."""

    def function(text: str, pattern: str, *rest: str) -> Value:
        try:
            compiled = re.compile(pattern)
        except re.error:
            return UNDEFINED
        return act(compiled, text, *rest)

    return _of_texts(function)


def _matches(pattern: re.Pattern[str], text: str) -> Value:
    return pattern.search(text) is not None


def _found(pattern: re.Pattern[str], text: str) -> Value:
    found = pattern.search(text)
    return UNDEFINED if found is None else found[0]


def _replaced(pattern: re.Pattern[str], text: str, written: str) -> Value:
    """Java's replacement: `$1` is a group, a backslash makes the next character plain."""
    groups = [int(found[2]) for found in _GROUP.finditer(written) if found[1] is None and found[2] is not None]
    lone = any(found[0] == "$" for found in _GROUP.finditer(written))
    if lone or any(group > pattern.groups for group in groups):
        return UNDEFINED

    def one(match: re.Match[str]) -> str:
        return _GROUP.sub(lambda part: part[1] or match[int(part[2])] or "", written)

    return pattern.sub(one, text)


def _hash(name: str) -> Function:
    return _of_texts(lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest())


def _pad(act: Callable[[str, str], str]) -> Function:
    """Adds so many blanks, 0 to 1000, as its second argument says: not up to a width."""

    def function(value: Value, count: Value) -> Value:
        text, wanted = to_text(value), to_int(count)
        if text is None or wanted is None:
            return UNDEFINED
        return act(text, " " * min(max(wanted, 0), _WIDEST))

    return function


def _substring(value: Value, start: Value, end: Value = UNDEFINED) -> Value:
    text, first = to_text(value), to_int(start)
    last = None if end is UNDEFINED else to_int(end)
    if text is None or first is None or (end is not UNDEFINED and last is None):
        return UNDEFINED
    return text[max(first, 0) : None if last is None else max(last, 0)]


def _concat(*values: Value) -> Value:
    """Arrays make an array; otherwise a String. One argument comes back as it is."""
    if len(values) == 1:
        return values[0]
    if any(isinstance(value, list) for value in values):
        return [item for value in values for item in (value if isinstance(value, list) else [value])]
    if not any(isinstance(value, str) for value in values):
        return UNDEFINED
    texts = [to_text(value) for value in values]
    return "".join(text for text in texts if text is not None) if None not in texts else UNDEFINED


def _chr(value: Value) -> Value:
    code = to_int(value)
    return chr(code) if code is not None and 0 <= code < 128 else UNDEFINED


def _indexof(text: str, part: str) -> Value:
    at = text.find(part)
    return UNDEFINED if at < 0 else at


def _get(value: Value, key: Value) -> Value:
    if isinstance(value, dict):
        return value.get(key, UNDEFINED) if isinstance(key, str) else UNDEFINED
    at = to_int(key)
    if not isinstance(value, (list, str)) or at is None or not 0 <= at < len(value):
        return UNDEFINED
    return value[at]


def encode(content: bytes, scheme: Value) -> Value:
    """The bytes in base64, the only scheme there is."""
    return base64.b64encode(content).decode() if scheme == "base64" else UNDEFINED


def _encode(value: Value, scheme: Value) -> Value:
    text = to_text(value)
    return UNDEFINED if text is None else encode(text.encode(), scheme)


def _decode(value: Value, scheme: Value) -> Value:
    """A JSON document becomes addressable, other text a String; null when it cannot be decoded."""
    text = to_text(value)
    if text is None or scheme != "base64":
        return UNDEFINED
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return _document(content)


def _document(content: bytes) -> Value:
    try:
        return parse(content)
    except NotJson:
        return to_text(content)


def _transform(mode: Value, extra: Value, items: Value) -> Value:
    if mode != "enrichArray" or not isinstance(extra, dict) or not isinstance(items, list):
        return UNDEFINED
    enriched = [{**item, **extra} for item in items if isinstance(item, dict)]
    return list[Value](enriched) if len(enriched) == len(items) else UNDEFINED


def _is_null(value: Value) -> Value:
    return value is None


def _is_undefined(value: Value) -> Value:
    return value is UNDEFINED


FUNCTIONS: dict[str, tuple[range, Function]] = {
    "chr": (range(1, 2), _chr),
    "concat": (range(1, 1000), _concat),
    "decode": (range(2, 3), _decode),
    "encode": (range(2, 3), _encode),
    "endswith": (range(2, 3), _of_texts(str.endswith)),
    "get": (range(2, 3), _get),
    "indexof": (range(2, 3), _of_texts(_indexof)),
    "isnull": (range(1, 2), _is_null),
    "isundefined": (range(1, 2), _is_undefined),
    "length": (range(1, 2), _of_texts(len)),
    "lower": (range(1, 2), _of_texts(str.lower)),
    "lpad": (range(2, 3), _pad(lambda text, blanks: blanks + text)),
    "ltrim": (range(1, 2), _of_texts(lambda text: text.lstrip(_BLANKS))),
    "md5": (range(1, 2), _hash("md5")),
    "numbytes": (range(1, 2), _of_texts(lambda text: len(text.encode()))),
    "regexp_matches": (range(2, 3), _searching(_matches)),
    "regexp_replace": (range(3, 4), _searching(_replaced)),
    "regexp_substr": (range(2, 3), _searching(_found)),
    "replace": (range(3, 4), _of_texts(str.replace)),
    "rpad": (range(2, 3), _pad(lambda text, blanks: text + blanks)),
    "rtrim": (range(1, 2), _of_texts(lambda text: text.rstrip(_BLANKS))),
    "sha1": (range(1, 2), _hash("sha1")),
    "sha224": (range(1, 2), _hash("sha224")),
    "sha256": (range(1, 2), _hash("sha256")),
    "sha384": (range(1, 2), _hash("sha384")),
    "sha512": (range(1, 2), _hash("sha512")),
    "startswith": (range(2, 3), _of_texts(str.startswith)),
    "substring": (range(2, 4), _substring),
    "transform": (range(3, 4), _transform),
    "trim": (range(1, 2), _of_texts(lambda text: text.strip(_BLANKS))),
    "upper": (range(1, 2), _of_texts(str.upper)),
}
"""Name to how many arguments it takes, and what it does."""
