"""Expressions in the context of one object: EvaluateExpression, and DescribeObjects with values filled in.

Secrets stay masked: whoever may ask for an expression need not be who may read passwords.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.definition.inherit import effective
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.definition.parameters import parameter_values
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.expression.evaluate import evaluate
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.run.assemble import Blueprint, instance_scene
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Missing
from chalicelib.service.access import Caller
from chalicelib.service.backlog import with_events
from chalicelib.service.blueprints import blueprint_of
from chalicelib.service.object_fields import View
from chalicelib.service.secrets import mask_text
from chalicelib.service.views import Found, find_objects, load_view, shown_object


@dataclass(frozen=True, slots=True)
class EvaluateExpression:
    """Any text with expressions in it, seen from one object."""

    pipeline_id: PipelineId
    object_id: str
    expression: str


def evaluate_expression(request: EvaluateExpression, caller: Caller, ports: Ports) -> str:
    """The text with its expressions replaced; several results, of a list, are joined by commas.

    Raises   InvalidRequest for an unknown object, ExpressionError
    """
    view = load_view(caller, request.pipeline_id, ports)
    found = find_objects([request.object_id], view, ports.store).get(request.object_id)
    if found is None:
        raise InvalidRequest(f"objectId: pipeline {view.pipeline_id} has no object {request.object_id}")
    scene, name = Evaluator(view, ports).scene(found)
    return mask_text(",".join(evaluate(request.expression, scene.linked(name))))


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Scenes of one pipeline's objects."""

    view: View
    ports: Ports

    def shown(self, found: Found) -> PipelineObject:
        """The object as it is shown, expressions evaluated; a component as written, since it has no interval.

        Raises   ExpressionError, InvalidRequest when the definition of an old instance is gone
        """
        item = shown_object(found, self.view)
        if found.instance is None:
            return item
        written = self._instance_scene(found.instance).evaluated(found.instance.id)
        texts = [each for each in written.fields if isinstance(each.value, str)]
        own = {each.key for each in texts}
        return replace(item, fields=(*texts, *(each for each in item.fields if each.key not in own)))

    def scene(self, found: Found) -> tuple[Scene, str]:
        """What the object's expressions see, and the id under which it stands there."""
        if found.instance is None:
            view = self.view
            runtime = {found.id: {"@pipelineId": view.pipeline_id, "@sphere": "COMPONENT"}}
            definition = view.latest if found.id in view.latest.by_id() else view.definition
            return Scene(effective(definition), parameter_values(definition), runtime), found.id
        return self._instance_scene(found.instance), found.instance.id

    def source_of(self, instance: Instance) -> Blueprint | None:
        """The definition that the instance was made from, or the active one where that is gone; None without either.

        Raises   InvalidRequest before the engine has heard of the pipeline
        """
        state = self.view.state
        if state is None:
            raise InvalidRequest(f"Pipeline {self.view.pipeline_id} is still activating; ask again in a moment")
        for version in (instance.version, self.view.version):
            try:
                source = blueprint_of(self.view.pipeline_id, version, state.first_activation, self.ports)
            except Missing:
                continue  # an ended instance outlives its version, which is dropped when nothing live needs it
            if instance.component in source.objects:
                return with_events(source, instance, self.ports)
        return None

    def owner_of(self, instance: Instance) -> Instance | None:
        """The instance that a precondition guards."""
        if instance.owner is None:
            return None
        found = find_objects([instance.owner], self.view, self.ports.store).get(instance.owner)
        return found.instance if found is not None else None

    def _instance_scene(self, instance: Instance) -> Scene:
        source = self.source_of(instance)
        if source is None:
            raise InvalidRequest(f"The definition that {instance.id} was made from is no longer kept")
        return instance_scene(source, instance, self.owner_of(instance))
