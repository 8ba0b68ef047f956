"""A definition made ready for checking: everything several checks need, worked out once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from chalicelib.domain.definition.catalog import Category, ObjectType, Slot, object_type
from chalicelib.domain.definition.checks.texts import Text, evaluated_text, read_text
from chalicelib.domain.definition.inherit import DEFAULT, Given, Lineage, effective, lineages
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition, PipelineObject, Value
from chalicelib.domain.definition.parameters import Parameter, declared, parameter_values
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.values import Ref, UtcTime

_MOST_SETTLED = 5000
"""Texts whose parameters are filled in for checking their kind; with the bounds of each, this bounds the time."""

STEERING = frozenset(
    {
        "actionOnResourceFailure",
        "actionOnTaskFailure",
        "attemptTimeout",
        "batchSize",
        "batchWindow",
        "bucket",
        "endDateTime",
        "failureAndRerunMode",
        "initTimeout",
        "lateAfterTimeout",
        "maxActiveInstances",
        "maximumRetries",
        "maximumSize",
        "minimumSize",
        "occurrences",
        "period",
        "placement",
        "preconditionTimeout",
        "prefix",
        "reportProgressTimeout",
        "retryDelay",
        "scheduleType",
        "startAt",
        "streamName",
        "suffix",
        "terminateAfter",
        "workerGroup",
    }
)
"""Fields that are read before anything runs."""

SCHEDULED = (Category.ACTIVITY, Category.DATANODE, Category.RESOURCE)


@dataclass(frozen=True, slots=True)
class Place:
    """One field of one typed object with its slot; None when the type does not know the field."""

    item: str
    key: str
    given: Given
    slot: Slot | None

    @property
    def own(self) -> bool:
        """Whether the object itself gives the field."""
        return self.given.by == self.item

    @property
    def values(self) -> tuple[Value, ...]:
        """Every value, in order."""
        return tuple(field.value for field in self.given.fields)

    @property
    def inherited(self) -> str:
        """What a sentence adds when the field is listed under the object that gives it."""
        return "" if self.own else f" (inherited by '{self.item[:80]}')"


@dataclass(frozen=True)
class Draft:
    """The definition, its circumstances, and what follows from both."""

    definition: Definition
    limits: Limits
    now: UtcTime

    @cached_property
    def objects(self) -> Mapping[str, PipelineObject]:
        """Objects as written, by id."""
        return self.definition.by_id()

    @cached_property
    def lineages(self) -> Mapping[str, Lineage]:
        """Fields with inherited ones, by id."""
        return lineages(self.definition)

    @cached_property
    def types(self) -> Mapping[str, ObjectType]:
        """The catalogue's entries of the objects that have a known type, by id."""
        named = {each: self.values(each, "type") for each in self.objects}
        found = {each: object_type(names[-1]) for each, names in named.items() if names and isinstance(names[-1], str)}
        return {each: known for each, known in found.items() if known is not None}

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """Values by parameter id, defaults included."""
        return parameter_values(self.definition)

    @cached_property
    def declared(self) -> Mapping[str, Parameter]:
        """Declarations by parameter id."""
        return declared(self.definition)

    @cached_property
    def expressions(self) -> tuple[str, ...]:
        """Every different text of an object that has expressions, in order."""
        written = dict.fromkeys(field.value for item in self.objects.values() for field in item.fields)
        return tuple(text for text in written if isinstance(text, str) and "#{" in text)

    @cached_property
    def texts(self) -> Mapping[str, Text]:
        """What those texts are; empty when there is more to read than allowed, which is a finding."""
        if sum(map(len, self.expressions)) > self.limits.expression_characters:
            return {}
        return {
            text: read_text(text, self.parameters, settle=index < _MOST_SETTLED)
            for index, text in enumerate(self.expressions)
        }

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every field of every typed object, inherited ones included."""
        return tuple(
            Place(item, key, given, known.slots.get(key))
            for item, known in self.types.items()
            for key, given in self.lineages[item].items()
        )

    @cached_property
    def on_demand(self) -> bool:
        """Whether the pipeline runs once for each activation."""
        return (self.text(DEFAULT, "scheduleType") or "").lower() == "ondemand"

    def values(self, item: str, key: str) -> tuple[Value, ...]:
        """Values of a field, inherited or own; empty when the object or the field is not there."""
        given = self.lineages.get(item, {}).get(key)
        return tuple(field.value for field in given.fields) if given else ()

    def text(self, item: str, key: str) -> str | None:
        """The last text of a field, its expressions evaluated; None when they need more than the definition."""
        found = [value for value in self.values(item, key) if isinstance(value, str)]
        if not found or "#{" not in found[-1]:
            return found[-1] if found else None
        if (item, key) not in self._evaluated:
            self._evaluated[item, key] = evaluated_text(found[-1], self._scene.linked(item))
        return self._evaluated[item, key]

    @cached_property
    def _evaluated(self) -> dict[tuple[str, str], str | None]:
        return {}

    @cached_property
    def _scene(self) -> Scene:
        return Scene(effective(self.definition), self.parameters, {})

    def refs(self, item: str, key: str) -> Iterator[str]:
        """Ids a field refers to, existing ones only."""
        found = (value.id for value in self.values(item, key) if isinstance(value, Ref))
        return (each for each in found if each in self.objects)

    def settled(self, text: str) -> tuple[str, ...]:
        """The text with its parameters filled in; nothing when that takes more than parameters."""
        if "#{" not in text:
            return (text,)
        return self.texts[text].settled if text in self.texts else ()

    def of(self, *categories: Category) -> Iterator[str]:
        """Ids of the objects of these categories."""
        return (each for each, known in self.types.items() if known.category in categories)

    def scheduled(self) -> Iterator[str]:
        """Ids of the objects that run on a schedule."""
        return (each for each in self.of(*SCHEDULED) if "schedule" in self.types[each].slots)
