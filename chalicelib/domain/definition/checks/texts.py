"""What a text with expressions is, as far as that is known before anything runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.bounds import Bounds
from chalicelib.domain.expression.evaluate import check, evaluate
from chalicelib.domain.expression.nodes import Name, walk
from chalicelib.domain.expression.parser import parse
from chalicelib.domain.expression.values import ExpressionValue, Linked

_SOON = Bounds(steps=2000, characters=100_000)
_SHORT = 200
"""Characters of a text and its parameters up to which running out of bounds is the text's own fault."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text, read.

    fault    why it cannot be read; None when it can
    names    what it looks up on its own object, or as a parameter
    settled  its value where parameters alone decide it, else empty
    """

    fault: ExpressionError | None
    names: frozenset[str] = frozenset()
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Parameters:
    """A scope in which there is nothing but parameters."""

    values: Mapping[str, tuple[str, ...]]

    @property
    def id(self) -> str:
        return ""

    def field(self, name: str) -> ExpressionValue | None:
        return self.values.get(name)

    def names(self) -> Iterable[str]:
        return self.values


def read_text(text: str, parameters: Mapping[str, tuple[str, ...]], *, settle: bool) -> Text:
    """Read a text that has expressions; `settle` asks for its value too."""
    try:
        check(text)
    except ExpressionError as fault:
        return Text(fault)
    names = frozenset(
        node.name
        for piece in parse(text).pieces
        if not isinstance(piece, str)
        for node in walk(piece)
        if isinstance(node, Name)
    )
    return _settled(text, names, parameters) if settle else Text(None, names)


def evaluated_text(text: str, scope: Linked) -> str | None:
    """The last value of a text in the scope of an object without runtime fields; None when it needs those."""
    try:
        found = evaluate(text, scope, _SOON)
    except ExpressionError:
        return None
    return found[-1] if found else None


def _settled(text: str, names: frozenset[str], parameters: Mapping[str, tuple[str, ...]]) -> Text:
    if not names <= parameters.keys() or any("#{" in value for name in names for value in parameters[name]):
        return Text(None, names)
    try:
        return Text(None, names, evaluate(text, _Parameters(parameters), _SOON))
    except ExpressionError as fault:
        return Text(None if _is_long(text, parameters, names) else fault, names)


def _is_long(text: str, parameters: Mapping[str, tuple[str, ...]], names: frozenset[str]) -> bool:
    """Whether the text may be fine and only takes longer than checking should."""
    sizes = [len(parameters[name]) + sum(map(len, parameters[name])) for name in names]
    return len(text) + sum(sizes) > _SHORT
