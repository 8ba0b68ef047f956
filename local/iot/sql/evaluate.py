"""A statement and a message to what the actions are given. WHERE comes first and sees no alias.

Evaluation has no errors: whatever is missing or of the wrong type is Undefined, left out of the result, and not true.
"""

from dataclasses import dataclass
from typing import assert_never

from local.iot.sql import numbers, texts
from local.iot.sql.functions import call
from local.iot.sql.message import Message
from local.iot.sql.nodes import (
    Array,
    Binary,
    Call,
    Case,
    Cast,
    Item,
    Literal,
    Member,
    Name,
    Nested,
    Node,
    Object,
    Query,
    Statement,
    Unary,
    Whole,
)
from local.iot.sql.operators import binary, equal, inverted, negated
from local.iot.sql.values import UNDEFINED, Value, member, render, to_text

_TEXT_KINDS = frozenset(("string", "nvarchar", "text", "ntext", "varchar"))


@dataclass(frozen=True, slots=True)
class Selected:
    """What a statement selected; bytes are a payload that is not JSON, as it came."""

    value: Value

    def payload(self) -> bytes:
        """What an action sends: JSON, or the bytes as they came. Undefined alone is nothing at all."""
        return self.value if isinstance(self.value, bytes) else render(self.value).encode()


def select(statement: Statement, message: Message) -> Selected | None:
    """What is selected; None when WHERE is not true."""
    found = _Scene(message, message.content).query(statement.query)
    return None if found is _NO_MATCH else Selected(found)


def evaluate(node: Node, message: Message) -> Value:
    """One expression of a substitution template, against the message as it came."""
    return _Scene(message, message.content).value(node)


class _NoMatch(list[Value]):
    """WHERE was not true."""


_NO_MATCH = _NoMatch()


class _Scene:
    """Where names are looked up: the payload, or the item a nested SELECT is at."""

    def __init__(self, message: Message, content: Value) -> None:
        self._message = message
        self._content = content

    def query(self, query: Query) -> Value:
        if query.where is not None and self.value(query.where) is not True:
            return _NO_MATCH
        if query.bare:
            return self.value(query.items[0].node)
        if len(query.items) == 1 and not query.items[0].path:
            return self._content
        return self._members(query.items)

    def _members(self, items: tuple[Item, ...]) -> Value:
        made: dict[str, Value] = {}
        for item in items:
            if item.path:
                _place(made, item.path, self.value(item.node))
            else:
                made.update(_spread(self._content))
        return made

    def value(self, node: Node) -> Value:
        match node:
            case Literal(value):
                return value
            case Whole():
                return self._content
            case Name(name):
                return member(self._content, name)
            case Member(target, name):
                return member(self.value(target), name)
            case Unary() | Binary():
                return self._operation(node)
            case _:
                return self._made(node)

    def _operation(self, node: Unary | Binary) -> Value:
        if isinstance(node, Binary):
            return binary(node.operator, self.value(node.left), self.value(node.right))
        operand = self.value(node.operand)
        return negated(operand) if node.operator == "-" else inverted(operand)

    def _made(self, node: Call | Cast | Case | Array | Object | Nested) -> Value:
        match node:
            case Call():
                return self._call(node)
            case Cast(operand, kind):
                return _cast(self.value(operand), kind)
            case Case():
                return self._case(node)
            case Array(items):
                return [self.value(item) for item in items]
            case Object(members):
                return {key: self.value(item) for key, item in members}
            case Nested(query, source):
                return self._nested(query, self.value(source))
            case _:
                assert_never(node)

    def _call(self, node: Call) -> Value:
        if node.function == "encode" and node.arguments[:1] == (Whole(),) and len(node.arguments) == 2:
            return texts.encode(self._message.payload, self.value(node.arguments[1]))
        return call(node.function, [self.value(argument) for argument in node.arguments], self._message)

    def _case(self, node: Case) -> Value:
        subject = self.value(node.subject)
        if subject is UNDEFINED:
            return UNDEFINED
        for wanted, result in node.branches:
            if equal(subject, self.value(wanted)) is True:
                return self.value(result)
        return self.value(node.otherwise)

    def _nested(self, query: Query, source: Value) -> Value:
        """An array gives an array of results; an object the one result, or Undefined when its WHERE is not true."""
        if isinstance(source, list):
            found = [_Scene(self._message, item).query(query) for item in source]
            return [one for one in found if one is not _NO_MATCH and one is not UNDEFINED]
        if not isinstance(source, dict):
            return UNDEFINED
        one = _Scene(self._message, source).query(query)
        return UNDEFINED if one is _NO_MATCH else one


def _cast(value: Value, kind: str) -> Value:
    if kind not in _TEXT_KINDS:
        return numbers.cast(value, kind)
    text = to_text(value)
    return UNDEFINED if text is None else text


def _spread(content: Value) -> dict[str, Value]:
    """What `*` adds beside other items. The key of a payload that is no object is ours: the guide names none."""
    if isinstance(content, dict):
        return content
    if content == b"":
        return {}
    return {"payload": texts.encode(content, "base64") if isinstance(content, bytes) else content}


def _place(made: dict[str, Value], path: tuple[str, ...], value: Value) -> None:
    """Put `value` at `path`, making the objects on the way; an alias `a.b` so writes into `a`."""
    at = made
    for key in path[:-1]:
        inner = at.get(key)
        fresh: dict[str, Value] = dict(inner) if isinstance(inner, dict) else {}
        at[key] = fresh
        at = fresh
    at[path[-1]] = value
