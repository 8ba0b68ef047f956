"""What can be said of a text before there are objects: its syntax, its functions, its literal arguments."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

from chalicelib.domain.expression.fault import fault
from chalicelib.domain.expression.functions import FUNCTIONS, Function, Type
from chalicelib.domain.expression.nodes import Call, Literal, Member, Name, Node, walk
from chalicelib.domain.expression.parser import OPENING, parse
from chalicelib.domain.expression.values import ExpressionValue

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def check(text: str) -> None:
    """Find what is wrong with a text whatever the objects are: syntax, unknown functions, impossible arguments.

    Raises  ExpressionError for the leftmost such fault of the first expression that has one
    """
    if OPENING not in text:
        return
    for piece in parse(text).pieces:
        if not isinstance(piece, str):
            for node in sorted(walk(piece), key=lambda node: node.column):
                _check_node(node, text)


def function_of(call: Call, text: str) -> Function:
    """The function that is called. Raises ExpressionError when there is none, or not with so many arguments."""
    function = FUNCTIONS.get(call.function)
    if function is None:
        raise fault(text, call.column, f"there is no function {call.function}{meant(call.function, FUNCTIONS)}")
    if len(function.parameters) != len(call.arguments):
        wanted = ", ".join(kind.value for kind in function.parameters)
        raise fault(text, call.column, f"{call.function} takes ({wanted}), found {len(call.arguments)} arguments")
    return function


def check_member(node: Member, text: str) -> None:
    """Raises ExpressionError for a runtime field behind more than one reference.

    Source  developer guide, "Expressions": transitive references reach fields of the definition only
    """
    if node.name.startswith("@") and _is_transitive(node):
        reason = "cannot be reached through more than one reference; only fields of the definition can"
        raise fault(text, node.column, f"runtime field {node.name} {reason}")


def meant(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the known names that are close, or nothing."""
    close = get_close_matches(name, sorted(set(known)), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def apply(
    function: Callable[..., ExpressionValue], arguments: Sequence[ExpressionValue], text: str, column: int
) -> ExpressionValue:
    """`function(*arguments)`; when they have no result, an ExpressionError at `column`."""
    try:
        return function(*arguments)
    except ValueError as error:
        raise fault(text, column, str(error)) from error
    except OverflowError as error:
        raise fault(text, column, "the result is out of range") from error


def _check_node(node: Node, text: str) -> None:
    if isinstance(node, Member):
        check_member(node, text)
    elif isinstance(node, Call):
        _try_literals(node, function_of(node, text), text)


def _try_literals(call: Call, function: Function, text: str) -> None:
    """Call the function on its literal arguments, with some DateTime for one that is not literal."""
    arguments: list[ExpressionValue] = []
    for argument, kind in zip(call.arguments, function.parameters, strict=True):
        if isinstance(argument, Literal):
            arguments.append(argument.value)
        elif kind is Type.DATE_TIME:
            arguments.append(_ANY_TIME)
        else:
            return
    apply(lambda *given: function.call(given), arguments, text, call.column)


def _is_transitive(node: Member) -> bool:
    """Whether more than one reference is followed. `parent` is the object's own component: no reference."""
    hops = 0
    target = node.target
    while isinstance(target, Member):
        hops += target.name != "parent"
        target = target.target
    return hops + (isinstance(target, Name) and target.name != "parent") > 1
