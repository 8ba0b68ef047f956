"""Inheritance: what each object is once its parents and Default are applied.

1. An object takes over the fields of its `parent`; one without a `parent` takes over those of the object `Default`.
2. Its own fields win, as a whole: a field given once hides all inherited values of that field.
3. `parent` itself, and the names of objects, are not inherited.
4. Inherited fields that the type does not know, or may not have, are dropped; user fields `my…` are kept.
5. What is dropped from a parent still reaches its children: they may be of a type that knows it.

Source: developer guide, "Writing pipeline definitions", and its examples for rule 4.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.definition.catalog import ObjectType, object_type
from chalicelib.domain.definition.model import Definition, Field, PipelineObject

DEFAULT = "Default"
MOST_FIELDS = 1000
"""Inheritance stops adding fields to an object here, so that a long chain of parents stays small."""

_USER_FIELD = re.compile(r"my[A-Z_]")


@dataclass(frozen=True, slots=True)
class Given:
    """Every value of one field, and the object that gives it."""

    by: str
    fields: tuple[Field, ...]


Lineage = Mapping[str, Given]
"""An object's fields by name, own ones first."""


def is_user_field(key: str) -> bool:
    """Whether the name is in the author's part of the namespace: `my`, then a capital letter or `_`."""
    return _USER_FIELD.match(key) is not None


def effective(definition: Definition) -> Mapping[str, PipelineObject]:
    """Every object by id with inherited fields, own ones first. A circular parent adds nothing."""
    objects = definition.by_id()
    return {
        each: PipelineObject(
            each, objects[each].name, tuple(field for given in found.values() for field in given.fields)
        )
        for each, found in lineages(definition).items()
    }


def lineages(definition: Definition) -> Mapping[str, Lineage]:
    """Every object's fields by id, each with the object that gives it."""
    objects = definition.by_id()
    pools: dict[str, dict[str, Given]] = {}
    for each in objects:
        _fill(objects, each, pools)
    return {each: _known(each, pool) for each, pool in pools.items()}


def parent_of(objects: Mapping[str, PipelineObject], item: str) -> str | None:
    """The object it inherits from; None for Default and where the parent does not exist."""
    parent = next(iter(objects[item].refs("parent")), None if item == DEFAULT else DEFAULT)
    return parent if parent in objects else None


def _fill(objects: Mapping[str, PipelineObject], item: str, pools: dict[str, dict[str, Given]]) -> None:
    # Walks up with a list, not by recursion: a chain of parents may be as long as the definition.
    climbed: dict[str, None] = {}
    above: str | None = item
    while above is not None and above not in pools and above not in climbed:
        climbed[above] = None
        above = parent_of(objects, above)
    for each in reversed(climbed):
        parent = parent_of(objects, each)
        pools[each] = _merged(objects[each], pools.get(parent, {}) if parent else {})


def _merged(item: PipelineObject, inherited: Lineage) -> dict[str, Given]:
    own: dict[str, list[Field]] = {}
    for field in item.fields:
        own.setdefault(field.key, []).append(field)
    pool = {key: Given(item.id, tuple(fields)) for key, fields in own.items()}
    for key, given in inherited.items():
        if len(pool) >= MOST_FIELDS:
            break
        if key != "parent":
            pool.setdefault(key, given)
    return pool


def _known(item: str, pool: Lineage) -> Lineage:
    named = pool["type"].fields[-1].value if "type" in pool else None
    known = object_type(named) if isinstance(named, str) else None
    if known is None:
        return pool
    return {key: given for key, given in pool.items() if given.by == item or _takes(known, key)}


def _takes(known: ObjectType, key: str) -> bool:
    slot = known.slots.get(key)
    return key == "type" or is_user_field(key) or (slot is not None and not slot.facts.forbidden)
