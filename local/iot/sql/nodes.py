"""What a statement is made of once read. Knows no values but literals."""

from dataclasses import dataclass
from typing import TypeAlias

from local.iot.sql.values import Value


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, string, Boolean, null or undefined."""

    value: Value


@dataclass(frozen=True, slots=True)
class Whole:
    """`*`: the whole payload."""


@dataclass(frozen=True, slots=True)
class Name:
    """A key of the payload, or of the item a nested SELECT is at."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name`."""

    target: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` or `NOT x`."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`; operators in upper case."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`, the name in lower case."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """`cast(operand AS kind)`, the kind in lower case."""

    operand: "Node"
    kind: str


@dataclass(frozen=True, slots=True)
class Case:
    """`CASE subject WHEN … THEN … ELSE … END`; without ELSE `otherwise` is the literal Undefined."""

    subject: "Node"
    branches: tuple[tuple["Node", "Node"], ...]
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Array:
    """`[a, b]`."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Object:
    """`{"key": a}`."""

    members: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing selected, and where it goes: a path of keys, empty for `*`."""

    node: "Node"
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT without its FROM. `bare` is SELECT VALUE: the one item is the result itself."""

    items: tuple[Item, ...]
    bare: bool
    where: "Node | None"


@dataclass(frozen=True, slots=True)
class Nested:
    """`(SELECT … FROM source WHERE …)` over the items of an array, or one object."""

    query: Query
    source: "Node"


Node: TypeAlias = Literal | Whole | Name | Member | Unary | Binary | Call | Cast | Case | Array | Object | Nested


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole rule: `topics` is its filter, None when it has no FROM (Basic Ingest only)."""

    query: Query
    topics: str | None
