"""Tokens to a tree, by top-down operator precedence (Pratt, "Top Down Operator Precedence", 1973).

lowest   + -        left to right
         * /        left to right
         - (sign)
         ^          right to left
highest  .          left to right
"""

import re
from functools import lru_cache

from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.bounds import BOUNDS
from chalicelib.domain.expression.fault import fault
from chalicelib.domain.expression.lexer import Kind, Token, tokens
from chalicelib.domain.expression.nodes import Binary, Call, Literal, Member, Name, Negate, Node, Template

OPENING = "#{"
BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 30, ".": 40}
SIGN_BINDING = 25
_CACHED_LENGTH = 512
_BLANK_COMMA = re.compile(r"\s*,\s*")


def parse(text: str) -> Template:
    """The pieces of a text; what is outside `#{…}`, `${…}` included, is copied as it is.

    Raises  ExpressionError for an expression that cannot be read, or a text beyond the bounds
    """
    return _cached(text) if len(text) <= _CACHED_LENGTH else _parse(text)


def _parse(text: str) -> Template:
    pieces: list[str | Node] = []
    at = count = 0
    while (opening := text.find(OPENING, at)) >= 0:
        if opening > at:
            pieces.append(text[at:opening])
        count += 1
        if count > BOUNDS.expressions:
            raise fault(text, opening, f"a text has at most {BOUNDS.expressions} expressions")
        node, at = _Parser(text, opening).whole()
        pieces.append(node)
    if at < len(text):
        pieces.append(text[at:])
    return Template(tuple(pieces), _reads_as_list(pieces))


_cached = lru_cache(maxsize=1024)(_parse)
# Small on purpose: the tree of a long text is about a hundred times its size.


def _reads_as_list(pieces: list[str | Node]) -> bool:
    if len(pieces) < 3 or len(pieces) % 2 == 0:
        return False
    outer = isinstance(pieces[0], str) and isinstance(pieces[-1], str)
    if not outer or str(pieces[0]).strip() != "[" or str(pieces[-1]).strip() != "]":
        return False
    between = pieces[2:-1:2]
    return all(isinstance(piece, str) and _BLANK_COMMA.fullmatch(piece) for piece in between)


class _Parser:
    """Reads the one expression that opens at `opening`. It looks one token ahead and never back."""

    def __init__(self, text: str, opening: int) -> None:
        self._text = text
        self._opening = opening
        self._tokens = tokens(text, opening + len(OPENING))
        self._next = next(self._tokens)
        self._depth = 0
        self._links = 0

    def whole(self) -> tuple[Node, int]:
        """The expression, and where the text goes on after its `}`."""
        node = self._expression(0)
        if self._next.text != "}" or self._next.kind is not Kind.SIGN:
            raise self._unexpected("an operator or '}'")
        return node, self._next.end

    def _expression(self, binding: int) -> Node:
        self._depth += 1
        if self._depth > BOUNDS.depth:
            raise fault(self._text, self._next.column, f"the expression is nested deeper than {BOUNDS.depth} levels")
        left = self._prefix()
        while self._next.kind is Kind.SIGN and BINDING.get(self._next.text, 0) > binding:
            left = self._infix(left)
        self._depth -= 1
        return left

    def _prefix(self) -> Node:
        token = self._next
        if token.kind is Kind.NUMBER or token.kind is Kind.STRING:
            self._advance()
            return Literal(token.value, token.column)
        if token.kind is Kind.NAME:
            return self._name()
        match token.text:
            case "-":
                self._advance()
                return Negate(self._expression(SIGN_BINDING), token.column)
            case "*":
                return Name(self._field_name(), token.column)
            case "(":
                return self._group(")")
            case "#{":
                return self._group("}")
        raise self._unexpected("a value")

    def _name(self) -> Node:
        token = self._advance()
        if self._next.text != "(" or self._next.kind is not Kind.SIGN:
            return Name(token.text, token.column)
        return Call(token.text, self._arguments(), token.column)

    def _group(self, closing: str) -> Node:
        self._advance()
        node = self._expression(0)
        self._expect(closing)
        return node

    def _infix(self, left: Node) -> Node:
        operator = self._advance()
        if operator.text == ".":
            return self._link(left)
        binding = BINDING[operator.text]
        right = self._expression(binding - 1 if operator.text == "^" else binding)
        return Binary(operator.text, left, right, operator.column)

    def _link(self, target: Node) -> Node:
        self._links += 1
        token = self._next
        if self._links > BOUNDS.depth:
            raise fault(self._text, token.column, f"an expression has at most {BOUNDS.depth} dots")
        name = self._field_name()
        if token.kind is Kind.NAME and self._next.text == "(" and self._next.kind is Kind.SIGN:
            return Call(name, (target, *self._arguments()), token.column)
        return Member(target, name, token.column)

    def _field_name(self) -> str:
        token = self._advance()
        if token.kind is Kind.NAME:
            return token.text
        if token.text == "*" and self._next.kind is Kind.NAME and self._next.column == token.end:
            return "*" + self._advance().text
        raise self._unexpected("a name", token)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(")
        arguments: list[Node] = []
        while self._next.text != ")" or self._next.kind is not Kind.SIGN:
            if arguments:
                self._expect(",")
            arguments.append(self._expression(0))
        self._advance()
        return tuple(arguments)

    def _expect(self, sign: str) -> None:
        if self._next.kind is not Kind.SIGN or self._next.text != sign:
            raise self._unexpected(f"'{sign}'")
        self._advance()

    def _advance(self) -> Token:
        token = self._next
        if token.kind is Kind.END:
            raise self._unexpected("more")
        if token.end - self._opening > BOUNDS.length:
            raise fault(self._text, self._opening, f"an expression is at most {BOUNDS.length} characters long")
        self._next = next(self._tokens)
        return token

    def _unexpected(self, expected: str, token: Token | None = None) -> ExpressionError:
        token = token or self._next
        if token.kind is Kind.END:
            return fault(self._text, self._opening, "this expression has no end: its closing '}' is missing")
        return fault(self._text, token.column, f"expected {expected}, found {token.text[:40]!r}")
