"""Trees to values: looks names up in a scope, applies operators and functions, maps them over lists.

A text may reach fields whose texts are expressions themselves; those are evaluated where they stand, each in the scope
of the object that owns it, all within one budget.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import assert_never

from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.bounds import BOUNDS, Bounds
from chalicelib.domain.expression.check import apply, check, check_member, function_of, meant
from chalicelib.domain.expression.fault import fault, in_field
from chalicelib.domain.expression.functions import Function, Type, number, type_of
from chalicelib.domain.expression.nodes import Binary, Call, Literal, Member, Name, Negate, Node
from chalicelib.domain.expression.numerals import calculate, negate, written
from chalicelib.domain.expression.parser import OPENING, parse
from chalicelib.domain.expression.values import ExpressionValue, Formula, Linked
from chalicelib.domain.values import render_time

__all__ = ["check", "evaluate", "string_of"]


def evaluate(text: str, scope: Linked, bounds: Bounds = BOUNDS) -> tuple[str, ...]:
    """`text` with every `#{…}` replaced by its value in `scope`; the rest, `${…}` included, is copied.

    Returns  one string; when a list is involved, one for each of its elements, in order; none for an empty list
    Raises   ExpressionError
    """
    if OPENING not in text:
        return (text,)
    value = _Evaluation(bounds).text(text, scope)
    return tuple(string_of(item) for item in _items(value))


def string_of(value: ExpressionValue) -> str:
    """A scalar as text: a DateTime as `yyyy-MM-ddTHH:mm:ss`, an object as its id."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return written(value)
    if isinstance(value, datetime):
        return render_time(value)
    if isinstance(value, tuple | Formula):
        raise TypeError(f"{value!r} is no scalar")
    return value.id


def _items(value: ExpressionValue) -> tuple[ExpressionValue, ...]:
    return value if isinstance(value, tuple) else (value,)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The text being evaluated (for messages) and the object whose names it uses."""

    text: str
    scope: Linked


class _Evaluation:
    """One call of `evaluate`: what it may still spend, and the fields it is inside of."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._steps = bounds.steps
        self._characters = bounds.characters
        self._depth = 0
        self._inside: list[tuple[str, str]] = []

    def text(self, text: str, scope: Linked) -> ExpressionValue:
        """A text's value: that of its only expression, of any type, or else a string, or a tuple of them."""
        template = parse(text)
        frame = _Frame(text, scope)
        values = [piece if isinstance(piece, str) else self._value(piece, frame) for piece in template.pieces]
        if len(values) == 1:
            return values[0]
        if template.is_list and any(isinstance(value, tuple) for value in values):
            return tuple(item for value in values[1::2] for item in _items(value))
        return self._mapped(self._joined(frame), values, frame)

    def _joined(self, frame: _Frame) -> Callable[..., ExpressionValue]:
        def join(*pieces: ExpressionValue) -> str:
            strings = [string_of(piece) for piece in pieces]
            self._spend(frame, 0, characters=sum(map(len, strings)))
            return "".join(strings)

        return join

    def _value(self, node: Node, frame: _Frame) -> ExpressionValue:
        self._spend(frame, node.column)
        self._depth += 1
        if self._depth > self._bounds.depth:
            raise fault(frame.text, node.column, f"evaluation is nested deeper than {self._bounds.depth} levels")
        value = self._of(node, frame)
        self._depth -= 1
        return value

    def _of(self, node: Node, frame: _Frame) -> ExpressionValue:
        match node:
            case Literal():
                return node.value
            case Name():
                return self._field(frame.scope, node, frame)
            case Member():
                return self._member(node, frame)
            case Call():
                return self._call(node, frame)
            case Negate():
                operand = self._value(node.operand, frame)
                return self._mapped(lambda value: negate(number(value)), [operand], frame, node)
            case Binary():
                return self._binary(node, frame)
        assert_never(node)

    def _binary(self, node: Binary, frame: _Frame) -> ExpressionValue:
        spine = [node]
        while isinstance(spine[-1].left, Binary):
            spine.append(spine[-1].left)
        value = self._value(spine[-1].left, frame)
        for item in reversed(spine):
            right = self._value(item.right, frame)
            value = self._mapped(self._operation(item, frame), [value, right], frame, item)
        return value

    def _operation(self, node: Binary, frame: _Frame) -> Callable[..., ExpressionValue]:
        def operate(left: ExpressionValue, right: ExpressionValue) -> ExpressionValue:
            if node.operator != "+" or not (isinstance(left, str) or isinstance(right, str)):
                return calculate(node.operator, number(left), number(right))
            strings = (string_of(left), string_of(right))
            self._spend(frame, node.column, characters=len(strings[0]) + len(strings[1]))
            return strings[0] + strings[1]

        return operate

    def _call(self, node: Call, frame: _Frame) -> ExpressionValue:
        function = function_of(node, frame.text)
        arguments = [self._value(argument, frame) for argument in node.arguments]
        return self._mapped(self._calling(function, node, frame), arguments, frame, node)

    def _calling(self, function: Function, node: Call, frame: _Frame) -> Callable[..., ExpressionValue]:
        def call(*scalars: ExpressionValue) -> ExpressionValue:
            result = function.call(scalars)
            if isinstance(result, str):
                self._spend(frame, node.column, characters=len(result))
            return result

        return call

    def _member(self, node: Member, frame: _Frame) -> ExpressionValue:
        check_member(node, frame.text)
        target = self._value(node.target, frame)
        found = [self._field(self._object(item, node, frame), node, frame) for item in _items(target)]
        return found[0] if len(found) == 1 else tuple(item for value in found for item in _items(value))

    def _object(self, value: ExpressionValue, node: Member, frame: _Frame) -> Linked:
        if type_of(value) is not Type.OBJECT or isinstance(value, tuple | Formula | str | int | float | datetime):
            raise fault(frame.text, node.column, f"{node.name} is asked of a {type_of(value).value}, not of an object")
        return value

    def _field(self, owner: Linked, node: Name | Member, frame: _Frame) -> ExpressionValue:
        found = owner.field(node.name)
        if found is None:
            raise fault(frame.text, node.column, _missing(owner, node.name))
        return self._settled(found, node, frame)

    def _settled(self, value: ExpressionValue, node: Name | Member, frame: _Frame) -> ExpressionValue:
        """A field's value with no formula and no list within a list; a list of one is its element."""
        if isinstance(value, Formula):
            return self._formula(value, node, frame)
        if not isinstance(value, tuple):
            return value
        self._spend(frame, node.column, steps=len(value))
        settled = tuple(item for member in value for item in _items(self._settled(member, node, frame)))
        return settled[0] if len(settled) == 1 else settled

    def _formula(self, formula: Formula, node: Name | Member, frame: _Frame) -> ExpressionValue:
        place = (formula.scope.id, formula.key)
        if place in self._inside:
            raise fault(frame.text, node.column, f"{formula.key} of {formula.scope.id} depends on itself")
        self._inside.append(place)
        try:
            value = self.text(formula.text, formula.scope)
        except ExpressionError as error:
            raise in_field(error, formula.key, formula.scope.id) from None
        self._inside.pop()
        return value

    def _mapped(
        self,
        function: Callable[..., ExpressionValue],
        operands: Sequence[ExpressionValue],
        frame: _Frame,
        node: Node | None = None,
    ) -> ExpressionValue:
        """`function` of scalars; of lists, one result for every combination, the last list changing fastest."""
        column = node.column if node else 0
        if not any(isinstance(operand, tuple) for operand in operands):
            return apply(function, operands, frame.text, column)
        count = 1
        for operand in operands:
            count *= len(_items(operand))
            self._spend(frame, column, steps=count)
        return tuple(
            apply(function, scalars, frame.text, column)
            for scalars in product(*(_items(operand) for operand in operands))
        )

    def _spend(self, frame: _Frame, column: int, *, steps: int = 1, characters: int = 0) -> None:
        self._steps -= steps
        self._characters -= characters
        if self._steps < 0:
            raise fault(frame.text, column, f"evaluation takes more than {self._bounds.steps} steps")
        if self._characters < 0:
            raise fault(frame.text, column, f"evaluation makes more than {self._bounds.characters} characters")


def _missing(owner: Linked, name: str) -> str:
    return f"{owner.id} has no field {name}{meant(name, owner.names())}"
