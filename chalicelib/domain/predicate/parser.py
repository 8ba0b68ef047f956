"""A predicate's text to a condition on items.

or        and (OR and)*
and       not (AND not)*
not       NOT not | test
test      sum [compare sum | IS [NOT] NULL | [NOT] IN (sum, …) | [NOT] BETWEEN sum AND sum | [NOT] LIKE sum]
sum       operand ((+ | -) operand)*
operand   (or) | text | number | TRUE | FALSE | NULL | column | unix_timestamp(…) | CAST(or AS type)
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from chalicelib.domain.predicate.lexer import BadPredicate, Kind, Token, tokens
from chalicelib.domain.predicate.values import (
    Operand,
    Record,
    Value,
    attribute,
    is_in,
    is_like,
    is_pattern,
    number,
    order,
    reader_of,
    total,
    truth,
    unix_time,
)

_DEEPEST = 60
_KEYWORDS = frozenset({"AND", "OR", "NOT", "IS", "IN", "BETWEEN", "LIKE", "AS", "CAST"})
_CONSTANTS: Mapping[str, Value] = {"TRUE": True, "FALSE": False, "NULL": None}
_COMPARE: Mapping[str, Callable[[int], bool]] = {
    "=": lambda found: found == 0,
    "==": lambda found: found == 0,
    "<>": lambda found: found != 0,
    "!=": lambda found: found != 0,
    "<": lambda found: found < 0,
    "<=": lambda found: found <= 0,
    ">": lambda found: found > 0,
    ">=": lambda found: found >= 0,
}
_TIME = "yyyy-MM-dd HH:mm:ss"


def compile_predicate(text: str, columns: Mapping[str, str]) -> Callable[[Record], bool]:
    """A condition: whether the predicate is true of an item; NULL is not.

    columns  declared types by name. With none declared, every attribute is a column of its own type.
    Raises   BadPredicate naming the place, and the column when one is not declared
    """
    condition = _Parser(text, columns).whole()
    return lambda record: truth(condition(record)) is True


class _Parser:
    def __init__(self, text: str, columns: Mapping[str, str]) -> None:
        self._text = text
        self._columns = columns
        self._tokens = list(tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Operand:
        """All of the text."""
        found = self._or()
        if self._next.kind is not Kind.END:
            raise self._bad(f"'{self._next.value}' cannot stand here")
        return found

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _bad(self, reason: str, token: Token | None = None) -> BadPredicate:
        return BadPredicate(self._text, (token or self._next).at, reason)

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind is not Kind.END
        return token

    def _took(self, *words: str) -> bool:
        found = self._next.says(*words)
        self._at += found
        return found

    def _expect(self, word: str) -> None:
        if not self._took(word):
            raise self._bad(f"{word} was expected")

    def _or(self) -> Operand:
        parts = [self._and()]
        while self._took("OR"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else _any(parts)

    def _and(self) -> Operand:
        parts = [self._not()]
        while self._took("AND"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else _all(parts)

    def _not(self) -> Operand:
        negations = 0
        while self._took("NOT", "!"):
            negations += 1
        test = self._test()
        if not negations:
            return test
        return _negated(test) if negations % 2 else _negated(_negated(test))

    def _test(self) -> Operand:
        left = self._sum()
        if self._next.says(*_COMPARE):
            return _compared(_COMPARE[self._take().value], left, self._sum())
        if self._took("<=>"):
            return _same(left, self._sum())
        if self._took("IS"):
            negated = self._took("NOT")
            self._expect("NULL")
            return lambda record: (left(record) is None) is not negated
        negated = self._took("NOT")
        test = self._listed(left, negated)
        return _negated(test) if negated else test

    def _listed(self, left: Operand, negated: bool) -> Operand:
        """The tests that NOT may stand before."""
        if self._took("IN"):
            options = self._arguments()
            return lambda record: is_in(left(record), [option(record) for option in options])
        if self._took("BETWEEN"):
            low = self._sum()
            self._expect("AND")
            return _all([_compared(_COMPARE[">="], left, low), _compared(_COMPARE["<="], left, self._sum())])
        if self._took("LIKE"):
            pattern = self._sum()
            return lambda record: is_like(left(record), pattern(record))
        if negated:
            raise self._bad("IN, BETWEEN or LIKE was expected")
        return left

    def _arguments(self) -> list[Operand]:
        self._expect("(")
        found = [self._sum()]
        while self._took(","):
            found.append(self._sum())
        self._expect(")")
        return found

    def _sum(self) -> Operand:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._bad("it is nested too deeply")
        terms = [(1, self._operand())]
        while self._next.says("+", "-"):
            terms.append((-1 if self._take().value == "-" else 1, self._operand()))
        self._depth -= 1
        return terms[0][1] if len(terms) == 1 else _summed(terms)

    def _operand(self) -> Operand:
        token = self._take()
        if token.says("("):
            inner = self._or()
            self._expect(")")
            return inner
        if token.says("-", "+") and self._next.kind is Kind.NUMBER:
            return _constant(number(token.value + self._take().value))
        if token.kind is Kind.NUMBER:
            return _constant(number(token.value))
        if token.kind is Kind.TEXT:
            return _constant(token.value)
        return self._named(token)

    def _named(self, token: Token) -> Operand:
        if token.kind is Kind.NAME:
            return self._column(token)
        word = token.value.upper()
        if token.kind is not Kind.WORD or (word in _KEYWORDS and word != "CAST"):
            raise self._bad(f"a value was expected, not '{token.value or 'the end'}'", token)
        if word in _CONSTANTS:
            return _constant(_CONSTANTS[word])
        if self._next.says("("):
            return self._function(token)
        return self._column(token)

    def _function(self, token: Token) -> Operand:
        match token.value.upper():
            case "CAST":
                return self._cast()
            case "UNIX_TIMESTAMP":
                return self._unix_time()
            case _:
                raise self._bad(f"the function {token.value} is not known; unix_timestamp and cast are", token)

    def _cast(self) -> Operand:
        self._expect("(")
        inner = self._or()
        self._expect("AS")
        kind = self._take()
        reader = reader_of(kind.value)
        if reader is None:
            raise self._bad(f"nothing can be cast to {kind.value}", kind)
        self._expect(")")
        is_number = isinstance(reader(Decimal(0)), Decimal)
        return lambda record: _cast_number(inner(record)) if is_number else reader(inner(record))

    def _unix_time(self) -> Operand:
        self._expect("(")
        moment = self._sum()
        pattern = _TIME
        if self._took(","):
            token = self._take()
            if token.kind is not Kind.TEXT or not is_pattern(token.value):
                raise self._bad("a date pattern of y, M, d, H, m and s was expected", token)
            pattern = token.value
        self._expect(")")
        return lambda record: unix_time(moment(record), pattern)

    def _column(self, token: Token) -> Operand:
        name = token.value
        if not self._columns:
            return lambda record: attribute(record, name)
        declared = next((found for found in self._columns if found.lower() == name.lower()), None)
        if declared is None:
            known = ", ".join(self._columns)
            raise self._bad(f"the column '{name}' is not declared by the data format, which has {known}", token)
        reader = reader_of(self._columns[declared])
        if reader is None:
            raise self._bad(f"the column '{name}' is a {self._columns[declared]}: nothing compares with it", token)
        return lambda record: reader(attribute(record, declared))


def _cast_number(value: Value) -> Value:
    return total([(1, value)])


def _constant(value: Value) -> Operand:
    return lambda _: value


def _summed(terms: Sequence[tuple[int, Operand]]) -> Operand:
    return lambda record: total([(sign, term(record)) for sign, term in terms])


def _compared(holds: Callable[[int], bool], left: Operand, right: Operand) -> Operand:
    def compared(record: Record) -> bool | None:
        found = order(left(record), right(record))
        return None if found is None else holds(found)

    return compared


def _same(left: Operand, right: Operand) -> Operand:
    def same(record: Record) -> bool:
        a, b = left(record), right(record)
        return a is b if a is None or b is None else order(a, b) == 0

    return same


def _negated(test: Operand) -> Operand:
    def negated(record: Record) -> bool | None:
        found = truth(test(record))
        return None if found is None else not found

    return negated


def _all(parts: Sequence[Operand]) -> Operand:
    def all_hold(record: Record) -> bool | None:
        found = [truth(part(record)) for part in parts]
        return False if False in found else None if None in found else True

    return all_hold


def _any(parts: Sequence[Operand]) -> Operand:
    def any_holds(record: Record) -> bool | None:
        found = [truth(part(record)) for part in parts]
        return True if True in found else None if None in found else False

    return any_holds
