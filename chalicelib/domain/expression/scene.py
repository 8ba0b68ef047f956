"""The objects an expression can reach: one pipeline's effective objects with their runtime fields and parameters.

Owns the order in which a name is looked up; evaluation itself is evaluate.py's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.evaluate import evaluate
from chalicelib.domain.expression.fault import in_field
from chalicelib.domain.expression.parser import OPENING
from chalicelib.domain.expression.values import ExpressionValue, Formula, Linked
from chalicelib.domain.values import Ref

VERBATIM = frozenset({"id", "name", "type", "sphere"})
"""Fields never evaluated; nor are references and runtime fields. Source: developer guide, "Expressions"."""

_INSTANCE = re.compile(r"@(?P<component>.+?)_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:_Attempt=\d+)?")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the expressions of a pipeline's objects see.

    objects     effective objects (inheritance applied) by id. An instance or attempt that is not among them is seen
                as its component under its own id
    parameters  values by parameter id, `my…` or `*my…`; several for an array
    runtime     runtime fields by object id, names with their `@`; never evaluated. `@id` needs none: it is the id
    node        id of the object that refers to the action or precondition being evaluated; None for all others
    """

    objects: Mapping[str, PipelineObject]
    parameters: Mapping[str, tuple[str, ...]]
    runtime: Mapping[str, Mapping[str, ExpressionValue]]
    node: str | None = None

    def linked(self, object_id: str) -> Linked:
        """The scope of an object: its fields, then `node`, then parameters; `parent` is its component."""
        return _Scope(self, object_id)

    def evaluated(self, object_id: str) -> PipelineObject:
        """The object with every text field evaluated, a field once per string; empty lists leave no field.

        Raises  KeyError when there is no such object, ExpressionError
        """
        written = self.object(object_id)
        if written is None:
            raise KeyError(object_id)
        fields = tuple(result for item in written.fields for result in self.evaluated_field(object_id, item))
        return PipelineObject(object_id, written.name, fields)

    def object(self, object_id: str) -> PipelineObject | None:
        """The object, or for an instance the component it was made of."""
        return self.objects.get(object_id) or self.objects.get(component_of(object_id))

    def evaluated_field(self, object_id: str, item: Field) -> tuple[Field, ...]:
        """One field of the object, evaluated as `evaluated` does. Raises ExpressionError."""
        if isinstance(item.value, Ref) or OPENING not in item.value or _is_verbatim(item.key):
            return (item,)
        try:
            texts = evaluate(item.value, _Scope(self, object_id, item.key))
        except ExpressionError as error:
            raise in_field(error, item.key, object_id) from None
        return tuple(Field(item.key, text) for text in texts)


def component_of(object_id: str) -> str:
    """The component id within an instance or attempt id; any other id as it is."""
    found = _INSTANCE.fullmatch(object_id)
    return found["component"] if found else object_id


def _is_verbatim(key: str) -> bool:
    return key in VERBATIM or key.startswith("@")


@dataclass(frozen=True, slots=True)
class _Object:
    """An object as seen through a reference: its fields only."""

    scene: Scene
    id: str

    def field(self, name: str) -> ExpressionValue | None:
        if name == "parent":
            return _Object(self.scene, component_of(self.id))
        found = self._runtime(name) if name.startswith("@") else None
        return found if found is not None else self._defined(name)

    def names(self) -> Iterable[str]:
        written = self.scene.object(self.id)
        fields = {field.key for field in written.fields} if written else set()
        return {"id", "name", "parent", "@id", *fields, *self.scene.runtime.get(self.id, ())}

    def _runtime(self, name: str) -> ExpressionValue | None:
        found = self.scene.runtime.get(self.id, {}).get(name)
        return self.id if found is None and name == "@id" else found

    def _defined(self, name: str) -> ExpressionValue | None:
        if name == "id":
            return self.id
        written = self.scene.object(self.id)
        if written is None:
            return None
        if name == "name":
            return written.name
        values = tuple(self._value(name, value) for value in written.values(name))
        return values or None

    def _value(self, name: str, value: str | Ref) -> ExpressionValue:
        if isinstance(value, Ref):
            return _Object(self.scene, value.id)
        if OPENING not in value or _is_verbatim(name):
            return value
        return Formula(name, value, _Scope(self.scene, self.id, name))


@dataclass(frozen=True, slots=True)
class _Scope:
    """An object as its own expressions see it: its fields, then `node` and the parameters.

    inside  the field whose text is evaluated: its own name in there means the parameter, if there is one
    """

    scene: Scene
    id: str
    inside: str = ""

    def field(self, name: str) -> ExpressionValue | None:
        if name == self.inside and name in self.scene.parameters:
            return self._parameter(name)
        found = _Object(self.scene, self.id).field(name)
        if found is not None:
            return found
        if name == "node" and self.scene.node not in (None, self.id):
            return _Object(self.scene, str(self.scene.node))
        if name == "trigger":
            return self._trigger()
        return self._parameter(name)

    def _trigger(self) -> ExpressionValue | None:
        """The trigger that Default refers to: every object of a run sees the events that started it."""
        default = self.scene.objects.get("Default")
        named = default.refs("trigger") if default is not None else ()
        return _Object(self.scene, named[0]) if named else None

    def names(self) -> Iterable[str]:
        node = () if self.scene.node is None else ("node",)
        return {*_Object(self.scene, self.id).names(), *node, *self.scene.parameters}

    def _parameter(self, name: str) -> ExpressionValue | None:
        values = self.scene.parameters.get(name)
        if values is None and self.inside.startswith("*"):
            # A published sample (LoadTsvFilesInS3ToRedshift) leaves the * out; only a secret field may do so.
            name = f"*{name}"
            values = self.scene.parameters.get(name)
        if values is None or name.startswith("*"):
            return values
        return tuple(Formula(f"parameter {name}", value, self) if OPENING in value else value for value in values)
