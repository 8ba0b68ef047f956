"""Tokens to a statement: precedence climbing over OR, AND, NOT, comparison, sum, product, sign, member.

Source  "AWS IoT SQL reference": SELECT, FROM, WHERE, Literals, Case statements, JSON extensions, Nested object queries
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from typing import TypeVar

from local.iot.sql.faults import SqlFault
from local.iot.sql.functions import ELSEWHERE, FUNCTIONS
from local.iot.sql.lexer import Token, tokens
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
from local.iot.sql.values import UNDEFINED, Value

T = TypeVar("T")
DEEPEST = 50
CASTS = frozenset(
    ("string", "nvarchar", "text", "ntext", "varchar", "int", "integer", "double", "decimal", "bool", "boolean")
)
_BINDING = {
    "OR": 1,
    "AND": 2,
    **dict.fromkeys(("=", "<>", "!=", "<", "<=", ">", ">="), 4),
    **dict.fromkeys("+-", 5),
    **dict.fromkeys("*/%", 6),
}
_NOT, _SIGN = 3, 7
_CONSTANTS: dict[str, Value] = {"TRUE": True, "FALSE": False, "NULL": None, "UNDEFINED": UNDEFINED}
_RESERVED = frozenset(("SELECT", "FROM", "WHERE", "AS", "AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "END"))


@lru_cache(maxsize=256)
def read(text: str) -> Statement:
    """The statement of a rule. Raises SqlFault."""
    return _Parser(text).statement()


@lru_cache(maxsize=256)
def read_expression(text: str) -> Node:
    """One expression, as a substitution template holds it. Raises SqlFault."""
    return _Parser(text).alone()


class _Parser:
    """One pass over the tokens; a token is looked at before it is taken."""

    def __init__(self, text: str) -> None:
        self._tokens: Iterator[Token] = tokens(text)
        self._next = next(self._tokens)
        self._depth = 0

    def statement(self) -> Statement:
        items, bare = self._selected()
        topics = None
        if self._takes("FROM"):
            topics = self._string("a topic filter in quotes")
        query = Query(items, bare, self._condition())
        self._end()
        return Statement(query, topics)

    def alone(self) -> Node:
        node = self._expression()
        self._end()
        return node

    def _selected(self) -> tuple[tuple[Item, ...], bool]:
        self._expect("SELECT")
        if self._is_bare():
            return (Item(self._item_node(), ()),), True
        return tuple(self._list(self._item)), False

    def _is_bare(self) -> bool:
        """Take VALUE, unless it is a key of that name: what follows says which."""
        token = self._next
        if not self._takes("VALUE"):
            return False
        word, sign = self._next.word(), self._sign()
        if self._next.kind in ("number", "string") or sign in ("(", "[", "{", "*") or (word and word not in _RESERVED):
            return True
        self._tokens = chain((self._next,), self._tokens)
        self._next = token
        return False

    def _condition(self) -> Node | None:
        return self._expression() if self._takes("WHERE") else None

    def _item(self) -> Item:
        column = self._next.column
        node = self._item_node()
        if self._takes("AS"):
            return Item(node, self._alias())
        match node:
            case Whole():
                return Item(node, ())
            case Name(name) | Member(_, name):
                return Item(node, (name,))
            case Call(function, _):
                return Item(node, (function,))
        raise SqlFault("what is selected here needs a name: … AS name", column)

    def _item_node(self) -> Node:
        return Whole() if self._takes("*") else self._expression()

    def _alias(self) -> tuple[str, ...]:
        if self._next.kind == "string":
            return (self._string("a name"),)
        path = [self._name()]
        while self._takes("."):
            path.append(self._name())
        return tuple(path)

    def _expression(self, binding: int = 0) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise SqlFault(f"the statement is nested deeper than {DEEPEST} levels", self._next.column)
        left = self._prefix()
        while _BINDING.get(self._next.word() or self._sign(), 0) > binding:
            operator = self._take().text.upper()
            right = self._expression(_BINDING[operator])
            left = Binary("<>" if operator == "!=" else operator, left, right)
        self._depth -= 1
        return left

    def _prefix(self) -> Node:
        if self._takes("NOT"):
            return Unary("NOT", self._expression(_NOT))
        if self._takes("-"):
            return Unary("-", self._expression(_SIGN))
        node = self._primary()
        links = 0
        while self._takes("."):
            links += 1
            if links > DEEPEST:
                raise SqlFault(f"a path has at most {DEEPEST} dots", self._next.column)
            node = Member(node, self._name())
        return node

    def _primary(self) -> Node:
        token = self._next
        if token.kind in ("number", "string"):
            return Literal(self._take().value)
        if token.kind == "name":
            return self._named()
        match token.text:
            case "(":
                return self._group()
            case "[":
                return Array(self._enclosed("[", "]", self._expression))
            case "{":
                return Object(self._enclosed("{", "}", self._member))
        raise self._unexpected("a value")

    def _named(self) -> Node:
        token, word = self._next, self._next.word()
        if word in _RESERVED:
            raise self._unexpected("a value")
        self._take()
        if word == "CASE":
            return self._case()
        if word in _CONSTANTS:
            return Literal(_CONSTANTS[word])
        if self._sign() == "(":
            return self._cast() if word == "CAST" else self._call(token)
        return Name(token.text)

    def _group(self) -> Node:
        self._expect("(")
        node = self._nested() if self._next.word() == "SELECT" else self._expression()
        self._expect(")")
        return node

    def _nested(self) -> Nested:
        items, bare = self._selected()
        self._expect("FROM")
        source = self._expression(_SIGN)
        return Nested(Query(items, bare, self._condition()), source)

    def _call(self, token: Token) -> Call:
        name = token.text.lower()
        if name in ELSEWHERE:
            raise SqlFault(f"{name} asks another service, which the embedded rules do not do", token.column)
        if name not in FUNCTIONS:
            raise SqlFault(f"there is no function {token.text}", token.column)
        return Call(name, self._enclosed("(", ")", self._item_node))

    def _cast(self) -> Cast:
        self._expect("(")
        operand = self._expression()
        self._expect("AS")
        column = self._next.column
        kind = self._name().lower()
        if kind not in CASTS:
            raise SqlFault(f"there is no type {kind} to cast to", column)
        self._expect(")")
        return Cast(operand, kind)

    def _case(self) -> Case:
        subject = self._expression()
        branches: list[tuple[Node, Node]] = []
        while self._takes("WHEN"):
            wanted = self._expression()
            self._expect("THEN")
            branches.append((wanted, self._expression()))
        if not branches:
            raise self._unexpected("WHEN")
        otherwise = self._expression() if self._takes("ELSE") else Literal(UNDEFINED)
        self._expect("END")
        return Case(subject, tuple(branches), otherwise)

    def _member(self) -> tuple[str, Node]:
        key = self._string("a key in quotes")
        self._expect(":")
        return key, self._expression()

    def _enclosed(self, opening: str, closing: str, one: Callable[[], T]) -> tuple[T, ...]:
        self._expect(opening)
        if self._takes(closing):
            return ()
        found = self._list(one)
        self._expect(closing)
        return tuple(found)

    def _list(self, one: Callable[[], T]) -> list[T]:
        found = [one()]
        while self._takes(","):
            found.append(one())
        return found

    def _sign(self) -> str:
        return self._next.text if self._next.kind == "sign" else ""

    def _name(self) -> str:
        if self._next.kind != "name":
            raise self._unexpected("a name")
        return self._take().text

    def _string(self, what: str) -> str:
        if self._next.kind != "string":
            raise self._unexpected(what)
        return str(self._take().value)

    def _takes(self, wanted: str) -> bool:
        if wanted != (self._next.word() or self._sign()):
            return False
        self._take()
        return True

    def _expect(self, wanted: str) -> None:
        if not self._takes(wanted):
            raise self._unexpected(wanted)

    def _end(self) -> None:
        if self._next.kind != "end":
            raise self._unexpected("the end")

    def _take(self) -> Token:
        token = self._next
        if token.kind == "end":
            raise self._unexpected("more")
        self._next = next(self._tokens)
        return token

    def _unexpected(self, wanted: str) -> SqlFault:
        found = "the end" if self._next.kind == "end" else repr(self._next.text[:40])
        return SqlFault(f"expected {wanted}, found {found}", self._next.column)
