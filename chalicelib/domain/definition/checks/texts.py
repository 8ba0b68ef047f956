"""What a text with expressions is, as far as that is known before anything runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.evaluate import check, evaluate
from chalicelib.domain.expression.nodes import Name, walk
from chalicelib.domain.expression.parser import parse
from chalicelib.domain.expression.values import ExpressionValue


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


def read_text(text: str, parameters: Mapping[str, tuple[str, ...]]) -> Text:
    """Read a text that has expressions."""
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
    return _settled(text, names, parameters)


def _settled(text: str, names: frozenset[str], parameters: Mapping[str, tuple[str, ...]]) -> Text:
    if not names <= parameters.keys() or any("#{" in value for name in names for value in parameters[name]):
        return Text(None, names)
    try:
        return Text(None, names, evaluate(text, _Parameters(parameters)))
    except ExpressionError as fault:
        return Text(fault, names)
