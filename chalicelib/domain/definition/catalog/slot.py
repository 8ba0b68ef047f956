"""What a field of an object type is: the vocabulary in which the catalogue's annotations are written.

Owns the shape of the catalogue, not its contents, and knows nothing of definitions or findings.
Source: developer guide, "Pipeline object reference".
"""

import types
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass
from datetime import datetime
from enum import Enum
from inspect import get_annotations
from typing import Annotated, Literal, TypeVar, Union, dataclass_transform, get_args, get_origin

from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import Ref


class Kind(Enum):
    """The service's slot types."""

    STRING = "String"
    INTEGER = "Integer"
    DOUBLE = "Double"
    BOOLEAN = "Boolean"
    PERIOD = "Period"
    DATE_TIME = "DateTime"
    ENUMERATION = "Enumeration"
    REFERENCE = "Reference"


class Group(Enum):
    """When a field must or may be given, and by whom."""

    REQUIRED = "required"
    REQUIRED_ONE_OF = "required_one_of"
    INVOCATION = "invocation"
    OPTIONAL = "optional"
    RUNTIME = "runtime"
    SYSTEM = "system"


class Category(Enum):
    """The service's families of object types; `@activity` in a reference target means any of the family."""

    ACTIVITY = "activity"
    DATANODE = "datanode"
    PRECONDITION = "precondition"
    DATABASE = "database"
    DATAFORMAT = "dataformat"
    RESOURCE = "resource"
    ACTION = "action"
    SCHEDULE = "schedule"
    UTILITY = "utility"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an annotation says about a field beyond its Python type.

    says         one line for people
    wire         the field's name where it is not the attribute's in camel case
    group        where it does not follow from the default: a field without one is required
    to           reference targets: type names, `@category`, or `*`
    one_of       name of the group of which one must be given
    excludes     fields that must not be given beside it
    requires     fields that must be given beside it
    any_case     values of an enumeration are read in any case
    listed       values of an open enumeration: known ones, others are accepted
    specials     words accepted in place of a value of the kind
    least, most  bounds of a number, included; of a count of characters for `longest`
    above, below bounds of a number, not included
    """

    says: str
    wire: str = ""
    group: Group | None = None
    to: tuple[str, ...] = ()
    one_of: str = ""
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    any_case: bool = False
    listed: tuple[str, ...] | None = None
    specials: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    longest: int | None = None
    most_values: int | None = None
    secret: bool = False
    deprecated: bool = False
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One field of an object type, derived from an annotation.

    name       as the service spells it
    attribute  as the typed class spells it
    choices    values of an enumeration; empty when any is accepted
    default    what the field means when absent, as text; None when the service names none
    """

    name: str
    attribute: str
    kind: Kind
    group: Group
    multiple: bool
    choices: tuple[str, ...]
    default: str | None
    facts: Facts

    @property
    def settable(self) -> bool:
        """Whether an author may write it."""
        return self.group not in (Group.RUNTIME, Group.SYSTEM)


T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def catalogued(owner: type[T]) -> type[T]:
    """Make a slotted dataclass of a catalogue class; `Component` makes and freezes its instances.

    Nothing is generated: methods generated for some fifty classes made importing the catalogue four times as slow,
    and every cold start pays for it.
    """
    return dataclass(slots=True, kw_only=True, eq=False, repr=False, init=False)(owner)


_KINDS: dict[object, Kind] = {
    str: Kind.STRING,
    int: Kind.INTEGER,
    float: Kind.DOUBLE,
    bool: Kind.BOOLEAN,
    Period: Kind.PERIOD,
    datetime: Kind.DATE_TIME,
    Ref: Kind.REFERENCE,
}


def slots_of(owner: type) -> Iterator[Slot]:
    """Every slot of a catalogue class, inherited ones first; a redeclared one keeps the place of the first."""
    annotations: dict[str, object] = {}
    for each in reversed(owner.__mro__):
        annotations.update(get_annotations(each))
    members: dict[str, Field[object]] = getattr(owner, "__dataclass_fields__", {})
    for attribute, annotation in annotations.items():
        if get_origin(annotation) is Annotated:
            yield _slot(attribute, annotation, members[attribute])


def _slot(attribute: str, annotation: object, member: "Field[object]") -> Slot:
    written, facts = get_args(annotation)
    kind, choices, multiple = _kind(written)
    if facts.listed is not None:
        kind, choices = Kind.ENUMERATION, ()
    return Slot(
        name=facts.wire or camel(attribute),
        attribute=attribute,
        kind=kind,
        group=facts.group or _group(facts, member),
        multiple=multiple and facts.most_values != 1,
        choices=choices,
        default=_default(member),
        facts=facts,
    )


def _kind(written: object) -> tuple[Kind, tuple[str, ...], bool]:
    if get_origin(written) in (Union, types.UnionType):
        written = next(part for part in get_args(written) if part is not types.NoneType)
    if get_origin(written) is tuple:
        kind, choices, _ = _kind(get_args(written)[0])
        return kind, choices, True
    if get_origin(written) is Literal:
        return Kind.ENUMERATION, get_args(written), False
    return _KINDS[written], (), False


def _group(facts: Facts, member: "Field[object]") -> Group:
    if facts.one_of:
        return Group.REQUIRED_ONE_OF
    return Group.REQUIRED if member.default is MISSING else Group.OPTIONAL


def _default(member: "Field[object]") -> str | None:
    if member.default is MISSING or member.default is None or member.default == ():
        return None
    if isinstance(member.default, bool):
        return str(member.default).lower()
    if isinstance(member.default, tuple):
        return ", ".join(str(item) for item in member.default)
    return str(member.default)


def camel(attribute: str) -> str:
    """`runs_on` as the service writes it: `runsOn`."""
    first, *rest = attribute.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
