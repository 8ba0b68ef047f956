"""Frozen values to JSON-ready ones and back, driven by their annotations.

Dataclass      object of its fields, defaults left out
Union of them  the same with the class name under `$`
Enum           its value;  UTC time: whole microseconds since 1970;  timedelta: microseconds
tuple, Mapping array, object
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Plain = Any
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_Code = tuple[Callable[[Any], Plain], Callable[[Plain], Any]]


def to_plain(kind: type[T], value: T) -> Plain:
    """`value` as dicts, lists, strings, numbers and None."""
    return _code(kind)[0](value)


def from_plain(kind: type[T], plain: Plain) -> T:
    """The value that `to_plain` was given. Raises KeyError, TypeError or ValueError for anything it did not make."""
    decoded: T = _code(kind)[1](plain)
    return decoded


def _same(value: Any) -> Any:
    return value


def _make_code(kind: Any) -> _Code:
    kind = getattr(kind, "__supertype__", kind)
    origin = get_origin(kind)
    if origin is Union or origin is types.UnionType:
        return _union(get_args(kind))
    if origin is tuple:
        return _tuple(get_args(kind))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(get_args(kind)[0], get_args(kind)[1])
    return _scalar(kind)


_code: Callable[[Any], _Code] = cache(_make_code)


def _scalar(kind: Any) -> _Code:
    if kind is datetime:
        return (lambda moment: (moment - _EPOCH) // _TICK), (lambda plain: _EPOCH + timedelta(microseconds=plain))
    if kind is timedelta:
        return (lambda length: length // _TICK), (lambda plain: timedelta(microseconds=plain))
    if is_dataclass(kind):
        return _dataclass(kind)
    if issubclass(kind, Enum):
        return attrgetter("value"), kind
    if kind in (str, int, float, bool):
        return _same, kind
    raise TypeError(f"{kind!r} has no plain form")


def _tuple(items: tuple[Any, ...]) -> _Code:
    if len(items) == 2 and items[1] is Ellipsis:
        encode, decode = _code(items[0])
        return (lambda values: [encode(value) for value in values]), (
            lambda plain: tuple(decode(item) for item in plain)
        )
    codes = [_code(item) for item in items]
    return (
        lambda values: [code[0](value) for code, value in zip(codes, values, strict=True)],
        lambda plain: tuple(code[1](item) for code, item in zip(codes, plain, strict=True)),
    )


def _mapping(key: Any, item: Any) -> _Code:
    encode_key, decode_key = _code(key)
    encode, decode = _code(item)
    if getattr(key, "__supertype__", key) is int:
        encode_key, decode_key = str, int
    return (
        lambda values: {encode_key(name): encode(value) for name, value in values.items()},
        lambda plain: {decode_key(name): decode(value) for name, value in plain.items()},
    )


def _union(members: tuple[Any, ...]) -> _Code:
    some = [member for member in members if member is not type(None)]
    if len(some) == 1:
        encode, decode = _code(some[0])
        return (
            lambda value: None if value is None else encode(value),
            lambda plain: None if plain is None else decode(plain),
        )
    strings = [member for member in some if member is str]
    classes: dict[str, Any] = {
        member.__name__: member for member in some if isinstance(member, type) and member is not str
    }
    if len(strings) + len(classes) != len(some) or not all(is_dataclass(member) for member in classes.values()):
        raise TypeError(f"{members!r} has no plain form")

    def encode_tagged(value: Any) -> Plain:
        if value is None or isinstance(value, str):
            return value
        return {"$": type(value).__name__, **_code(type(value))[0](value)}

    def decode_tagged(plain: Plain) -> Any:
        if plain is None or isinstance(plain, str):
            return plain
        return _code(classes[plain["$"]])[1](plain)

    return encode_tagged, decode_tagged


def _dataclass(kind: Any) -> _Code:
    hints = get_type_hints(kind)
    members = [(member.name, _default(member), *_code(hints[member.name])) for member in fields(kind)]

    def encode(value: Any) -> Plain:
        plain = {}
        for name, default, code, _ in members:
            item = getattr(value, name)
            if item is not default and item != default:
                plain[name] = code(item)
        return plain

    def decode(plain: Plain) -> Any:
        return kind(**{name: code(plain[name]) for name, _, _, code in members if name in plain})

    return encode, decode


def _default(member: "Field[Any]") -> Any:
    if member.default_factory is not MISSING:
        return member.default_factory()
    return member.default
