"""A pipeline definition as plain values: objects, parameters and parameter values.

The two encodings (the JSON file and the API's `fields` lists) both decode to these. Order is kept everywhere, because
the service returns what it was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.values import Ref

Value = str | Ref


@dataclass(frozen=True, slots=True)
class Field:
    """One `key`/value pair; a multi-valued field is the same key several times, in order."""

    key: str
    value: Value


@dataclass(frozen=True, slots=True)
class PipelineObject:
    """An object of a definition (a component) or, with runtime fields, an instance or attempt."""

    id: str
    name: str
    fields: tuple[Field, ...]

    def values(self, key: str) -> tuple[Value, ...]:
        """Every value of the field, in order; empty when the object does not have it."""
        return tuple(item.value for item in self.fields if item.key == key)

    def text(self, key: str) -> str | None:
        """The last string value of the field, or None."""
        found = [item.value for item in self.fields if item.key == key and isinstance(item.value, str)]
        return found[-1] if found else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Every string value of the field, in order."""
        return tuple(item.value for item in self.fields if item.key == key and isinstance(item.value, str))

    def refs(self, key: str) -> tuple[str, ...]:
        """The ids that the field's references point at, in order."""
        return tuple(item.value.id for item in self.fields if item.key == key and isinstance(item.value, Ref))

    @property
    def type(self) -> str | None:
        """The object's type; None for Default and for pure parents."""
        return self.text("type")


@dataclass(frozen=True, slots=True)
class ParameterAttribute:
    """One attribute of a parameter; an array attribute is the same key several times."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class ParameterObject:
    """A declared parameter: its id (`myX`, or `*myX` for a secret) and attributes."""

    id: str
    attributes: tuple[ParameterAttribute, ...]


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A value for a parameter; an array is the same id several times, in order."""

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything `PutPipelineDefinition` stores as one version."""

    objects: tuple[PipelineObject, ...] = ()
    parameters: tuple[ParameterObject, ...] = ()
    values: tuple[ParameterValue, ...] = ()

    def by_id(self) -> Mapping[str, PipelineObject]:
        """Objects by id, as written: no inheritance applied."""
        return {item.id: item for item in self.objects}


@dataclass(frozen=True, slots=True)
class Findings:
    """What validation found, per object id, in the service's form (`CODE: sentence`).

    fatal     sentences that forbid storing the definition at all
    errors    stored, but cannot be activated
    warnings  never block
    """

    fatal: tuple[str, ...] = ()
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
