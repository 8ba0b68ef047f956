"""What steers the engine, read from a definition: effective objects, their kinds, and fields as values.

Such a field may hold expressions over parameters and other fields, not over runtime fields: there is no instance yet.
"""

from collections.abc import Iterator

from chalicelib.domain.definition.catalog import Category, object_type
from chalicelib.domain.definition.inherit import effective
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.definition.parameters import parameter_values
from chalicelib.domain.errors import ExpressionError, InvalidRequest
from chalicelib.domain.expression.evaluate import evaluate
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.run.plan import Kind
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import ComponentId, UtcTime, parse_time

_KINDS = {
    Category.ACTIVITY: Kind.ACTIVITY,
    Category.DATANODE: Kind.DATANODE,
    Category.RESOURCE: Kind.RESOURCE,
    Category.PRECONDITION: Kind.PRECONDITION,
}
_MACHINES = frozenset({"Ec2Resource", "EmrCluster"})


class Source:
    """The effective objects, and their steering fields as values."""

    def __init__(self, definition: Definition, limits: Limits) -> None:
        self.objects = effective(definition)
        self.limits = limits
        self._scene = Scene(self.objects, parameter_values(definition), {})
        self.kinds = {name: kind for name, item in self.objects.items() if (kind := _kind_of(item)) is not None}

    def text(self, item: PipelineObject, key: str) -> str | None:
        """A field with its expressions evaluated; None when absent. Raises InvalidRequest."""
        written = item.text(key)
        if written is None or "#{" not in written:
            return written
        try:
            values = evaluate(written, self._scene.linked(item.id))
        except ExpressionError as error:
            raise InvalidRequest(f"{item.id}: '{key}' must not depend on run-time fields: {error}") from error
        return values[-1] if values else None

    def period(self, item: PipelineObject, key: str) -> Period | None:
        """A Period field. Raises InvalidRequest naming object, field, what was given and what was expected."""
        written = self.text(item, key)
        if written is None:
            return None
        try:
            return Period.parse(written)
        except ValueError as error:
            raise InvalidRequest(f"{item.id}: '{key}': {error}") from error

    def number(self, item: PipelineObject, key: str, otherwise: int) -> int:
        """An Integer field, or `otherwise` when absent. Raises InvalidRequest."""
        written = self.text(item, key)
        if written is None:
            return otherwise
        try:
            return int(written)
        except ValueError as error:
            raise InvalidRequest(f"{item.id}: '{key}' is {written!r}: expected a whole number") from error

    def times(self, item: PipelineObject, key: str) -> Iterator[UtcTime]:
        """Every time of a DateTime field without expressions. Raises InvalidRequest."""
        for written in item.texts(key):
            try:
                yield parse_time(written)
            except ValueError as error:
                raise InvalidRequest(f"{item.id}: '{key}' is {written!r}: expected YYYY-MM-DDTHH:MM:SS") from error

    def runnable(self, item: PipelineObject, key: str) -> tuple[ComponentId, ...]:
        """The activities, data nodes and resources that a reference field points at."""
        return tuple(
            ComponentId(name)
            for name in item.refs(key)
            if name in self.kinds and self.kinds[name] is not Kind.PRECONDITION
        )

    def of_kind(self, *kinds: Kind) -> Iterator[PipelineObject]:
        """Objects of these kinds, in definition order."""
        return (item for name, item in self.objects.items() if self.kinds.get(name) in kinds)


def _kind_of(item: PipelineObject) -> Kind | None:
    found = object_type(item.type) if item.type else None
    if found is None or (found.category is Category.RESOURCE and found.name not in _MACHINES):
        return None
    return _KINDS.get(found.category)
