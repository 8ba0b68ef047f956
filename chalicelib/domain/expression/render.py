"""A tree back to text. `parse(render(tree)) == tree` for every tree that `parse` can make."""

from typing import assert_never

from chalicelib.domain.expression.nodes import Binary, Call, Literal, Member, Name, Negate, Node, Template
from chalicelib.domain.expression.parser import BINDING, SIGN_BINDING

_ATOM = 100


def render(template: Template) -> str:
    """The text of a template, with no blanks but those around operators."""
    return "".join(piece if isinstance(piece, str) else f"#{{{render_node(piece)}}}" for piece in template.pieces)


def render_node(node: Node) -> str:
    """The text of one expression, without its `#{` and `}`."""
    match node:
        case Literal():
            return _literal(node.value)
        case Name():
            return node.name
        case Member():
            return f"{_inside(node.target, BINDING['.'])}.{node.name}"
        case Call():
            return f"{node.function}({', '.join(map(render_node, node.arguments))})"
        case Negate():
            return f"-{_inside(node.operand, SIGN_BINDING + 1)}"
        case Binary():
            return _binary(node)
    assert_never(node)


def _literal(value: int | float | str) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    # 1e+22 and 5e-324 are decimals to the lexer too.
    return repr(value)


def _binary(node: Binary) -> str:
    spine: list[Binary] = []
    left: Node = node
    while isinstance(left, Binary) and (not spine or _leans_left(left, spine[-1])):
        spine.append(left)
        left = left.left
    last = spine[-1]
    parts = [_inside(left, BINDING[last.operator] + (last.operator == "^"))]
    for item in reversed(spine):
        binding = BINDING[item.operator] + (item.operator != "^")
        parts.append(f" {item.operator} {_inside(item.right, binding)}")
    return "".join(parts)


def _leans_left(child: Binary, owner: Binary) -> bool:
    """Whether `child` is read as the left operand of `owner` without parentheses."""
    return owner.operator != "^" and BINDING[child.operator] >= BINDING[owner.operator]


def _inside(node: Node, binding: int) -> str:
    written = render_node(node)
    return written if _binding(node) >= binding else f"({written})"


def _binding(node: Node) -> int:
    match node:
        case Binary():
            return BINDING[node.operator]
        case Negate():
            return SIGN_BINDING
        case _:
            return _ATOM
