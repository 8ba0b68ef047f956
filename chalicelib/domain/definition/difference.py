"""What turns one definition into another: object by object and field by field, in the order of the newer one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.definition.model import Definition, Value

Values = tuple[Value, ...]
Fields = Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's values; none where it is not there."""

    key: str
    before: Values
    after: Values


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is in both and differs."""

    id: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Differences of one part of a definition, by id."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Differences of the three parts. A parameter value's one field is `value`."""

    objects: Part
    parameters: Part
    values: Part

    @property
    def empty(self) -> bool:
        """Whether the two definitions say the same."""
        parts = (self.objects, self.parameters, self.values)
        return not any(part.added or part.removed or part.changed for part in parts)


def difference(before: Definition, after: Definition) -> Difference:
    """What `after` changed. The order of objects and fields says nothing; that of one field's values does."""
    return Difference(
        _part(_objects(before), _objects(after)),
        _part(_parameters(before), _parameters(after)),
        _part(_values(before), _values(after)),
    )


def _part(before: Mapping[str, Fields], after: Mapping[str, Fields]) -> Part:
    both = [(each, _changes(before[each], after[each])) for each in after if each in before]
    return Part(
        added=tuple(each for each in after if each not in before),
        removed=tuple(each for each in before if each not in after),
        changed=tuple(Change(each, fields) for each, fields in both if fields),
    )


def _changes(before: Fields, after: Fields) -> tuple[FieldChange, ...]:
    keys = [*after, *(key for key in before if key not in after)]
    found = (FieldChange(key, before.get(key, ()), after.get(key, ())) for key in keys)
    return tuple(each for each in found if each.before != each.after)


def _objects(definition: Definition) -> Mapping[str, Fields]:
    return {
        item.id: {"name": (item.name,)} | _gathered([(field.key, field.value) for field in item.fields])
        for item in definition.objects
    }


def _parameters(definition: Definition) -> Mapping[str, Fields]:
    return {item.id: _gathered([(each.key, each.value) for each in item.attributes]) for item in definition.parameters}


def _values(definition: Definition) -> Mapping[str, Fields]:
    return {
        key: {"value": found} for key, found in _gathered([(each.id, each.value) for each in definition.values]).items()
    }


def _gathered(pairs: Sequence[tuple[str, Value]]) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for key, value in pairs:
        found[key] = (*found.get(key, ()), value)
    return found
