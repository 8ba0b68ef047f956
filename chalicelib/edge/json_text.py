"""JSON as callers send it: RFC 8259 in UTF-8. What is wrong with it is said in the words of the format.

Python reads more (NaN, Infinity) and says other things (of its codecs and its recursion); neither is the caller's
business.
"""

import json
from collections.abc import Mapping
from math import isinf
from typing import Any

MOST_DIGITS = 4_000
"""Of one number. Python reads no more than 4,300 unless told."""
KINDS: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


class NotJson(ValueError):
    """A text that is not what it has to be; says what is wrong with it, and where."""


def parsed(body: str | bytes) -> Any:
    """The value that a body is. Raises NotJson."""
    try:
        return json.loads(_text(body), parse_constant=_refused, parse_int=_whole, parse_float=_broken)
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise NotJson("it is nested too deeply") from error


def kind(value: Any) -> str:
    """What a JSON value is, in words."""
    return KINDS[type(value)]


def _text(body: str | bytes) -> str:
    if isinstance(body, str):
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is no UTF-8") from error


def _refused(constant: str) -> None:
    raise NotJson(f"{constant} is not a JSON number")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise NotJson(f"a number has {len(digits)} digits, and {MOST_DIGITS} at most are read")
    return int(digits)


def _broken(text: str) -> float:
    found = float(text)
    if isinf(found):
        raise NotJson(f"the number {text[:40]} is larger than any that is read")
    return found
