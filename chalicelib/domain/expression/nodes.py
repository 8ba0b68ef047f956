"""The tree of an expression. Columns point into the text it was read from and do not take part in comparison."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Literal:
    """A number or a string. 1 and 1.0 are different literals: one is an integer."""

    value: int | float | str
    column: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the object, `node`, `parent` or a parameter; `@…` is a runtime field, `*…` a secret."""

    name: str
    column: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name`: a field of the object that target refers to."""

    target: "Node"
    name: str
    column: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`; the method form `first.function(rest)` reads as the same."""

    function: str
    arguments: tuple["Node", ...]
    column: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negate:
    """`-operand`."""

    operand: "Node"
    column: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`. A chain of `+` is as deep as it is long: walk `left` in a loop, never by recursion.

    column  the operator's
    """

    operator: str
    left: "Node"
    right: "Node"
    column: int = field(default=0, compare=False, repr=False)


Node = Literal | Name | Member | Call | Negate | Binary


@dataclass(frozen=True, slots=True)
class Template:
    """A whole text: plain pieces, none empty, and expressions.

    is_list  it reads `[#{…}, #{…}]`: lists in it become one list
    """

    pieces: tuple[str | Node, ...]
    is_list: bool = False


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in no particular order."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case Member():
                waiting.append(node.target)
            case Call():
                waiting.extend(node.arguments)
            case Negate():
                waiting.append(node.operand)
            case Binary():
                waiting += (node.left, node.right)
            case Literal() | Name():
                pass
