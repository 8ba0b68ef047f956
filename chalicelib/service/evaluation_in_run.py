"""A text or a field of a definition's object, as it would come out in a run that is there already.

An object that has no instance of its own is seen from one that has:

1. its own instance in the run
2. an instance of an object that inherits from it, since that is who evaluates what it says
3. the instance nearest to it along references, `node` being that one: so are actions, formats and databases evaluated
4. any instance of the run, for what nothing refers to

Nothing is told that getInstance would hide: secret fields, and whatever holds a secret, come out as the mask.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.definition.inherit import parent_of
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import ExpressionError, InvalidRequest, ObjectNotFound
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import InstanceId, PipelineId, Ref
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller
from chalicelib.service.evaluation import Evaluator
from chalicelib.service.object_fields import View
from chalicelib.service.runs import instances_of_run
from chalicelib.service.secrets import mask_text, mask_tokens
from chalicelib.service.views import Found, find_objects, load_view

MOST_VALUES = 100
LONGEST_VALUE = 10_240
_NO_FIELD = "text"
"""Where a text stands that no field is named for: a name that nothing treats in a way of its own."""


@dataclass(frozen=True, slots=True)
class EvaluateInRun:
    """What an object's text comes to.

    run, instance  one of them: the run's id, or an instance of it to see everything from
    object_id      of the definition
    field, text    the text as if it stood in the field; without a text what the field has; without a field any text
    """

    pipeline_id: PipelineId
    object_id: str
    run: str | None = None
    instance: InstanceId | None = None
    field: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What came of it.

    seen_from  the instance whose interval and runtime fields were used
    values     one; several for a list; none for an empty list. Cut after MOST_VALUES, each after LONGEST_VALUE
    cut        whether there was more
    error      why there is no value
    """

    seen_from: InstanceId
    values: tuple[str, ...] = ()
    cut: bool = False
    error: str | None = None


def evaluate_in_run(request: EvaluateInRun, caller: Caller, ports: Ports) -> Evaluated:
    """Evaluate as the engine would, within its bounds.

    Raises   ObjectNotFound when there is no such run or instance, InvalidRequest when the request names none or two of
             them, or neither field nor text, or the definition of an old run is gone
    """
    view = load_view(caller, request.pipeline_id, ports)
    _refuse_halves(request)
    instances = _instances(request, view, ports)
    evaluator = Evaluator(view, ports)
    source = evaluator.source_of(instances[0])
    if source is None:
        raise InvalidRequest(f"The definition that {instances[0].id} was made from is no longer kept")
    objects = source.objects
    if request.object_id not in objects:
        return Evaluated(instances[0].id, error=f"The definition that this run goes by has no {request.object_id}.")
    seat, place = _seat(request.object_id, instances, objects)
    scene, _ = evaluator.scene(Found(seat.id, instance=seat))
    seen = scene if place == seat.id else replace(scene, node=scene.node or seat.id)
    try:
        fields = tuple(_evaluated(request, seen, place))
    except ExpressionError as error:
        return Evaluated(seat.id, error=mask_text(str(error)))
    return _shown(seat.id, place, fields)


def _refuse_halves(request: EvaluateInRun) -> None:
    if (request.run is None) == (request.instance is None):
        raise InvalidRequest("runId: give either runId or instanceId")
    if request.field is None and request.text is None:
        raise InvalidRequest("text: give a text, a field, or both")


def _instances(request: EvaluateInRun, view: View, ports: Ports) -> Sequence[Instance]:
    if request.instance is not None:
        found = find_objects([request.instance], view, ports.store).get(request.instance)
        if found is None or found.instance is None:
            raise ObjectNotFound(view.pipeline_id, f"instance {request.instance[:300]}")
        return [found.instance]
    run = request.run or ""
    instances = instances_of_run(view.pipeline_id, run, view.state, ports)
    if not instances:
        raise ObjectNotFound(view.pipeline_id, f"run {run[:64]}")
    return instances


def _seat(object_id: str, instances: Sequence[Instance], objects: Mapping[str, PipelineObject]) -> tuple[Instance, str]:
    """The instance to look from, and the id under which the object stands in its scene."""
    by_component: dict[str, Instance] = {}
    for each in instances:
        by_component.setdefault(each.component, each)
    if object_id in by_component:
        return by_component[object_id], by_component[object_id].id
    for name, instance in by_component.items():
        if object_id in _line(name, objects):
            return instance, instance.id
    near = (by_component[name] for name in _towards(object_id, objects) if name in by_component)
    return next(near, instances[0]), object_id


def _line(name: str, objects: Mapping[str, PipelineObject]) -> Iterator[str]:
    """The object and all it inherits from; the nearest first."""
    seen: set[str] = set()
    above: str | None = name
    while above is not None and above not in seen:
        yield above
        seen.add(above)
        above = parent_of(objects, above)


def _towards(object_id: str, objects: Mapping[str, PipelineObject]) -> Iterator[str]:
    """Objects from which references lead to the object, the nearest first."""
    referring: dict[str, list[str]] = {}
    for each in objects.values():
        for target in _targets(each.fields):
            referring.setdefault(target, []).append(each.id)
    seen = {object_id: None}
    level = [object_id]
    while level:
        found = dict.fromkeys(each for name in level for each in referring.get(name, ()) if each not in seen)
        yield from found
        seen |= found
        level = list(found)


def _targets(fields: Iterable[Field]) -> Iterator[str]:
    return (each.value.id for each in fields if isinstance(each.value, Ref) and each.key != "parent")


def _evaluated(request: EvaluateInRun, scene: Scene, place: str) -> Iterator[Field]:
    if request.text is not None:
        yield from scene.evaluated_field(place, Field(request.field or _NO_FIELD, request.text))
        return
    written = scene.object(place)
    for each in written.fields if written is not None else ():
        if each.key == request.field:
            yield from scene.evaluated_field(place, each)


def _shown(seat: InstanceId, place: str, fields: tuple[Field, ...]) -> Evaluated:
    masked = mask_tokens(PipelineObject(place, place, fields[:MOST_VALUES])).fields
    texts = [each.value.id if isinstance(each.value, Ref) else each.value for each in masked]
    cut = len(fields) > MOST_VALUES or any(len(text) > LONGEST_VALUE for text in texts)
    return Evaluated(seat, tuple(text[:LONGEST_VALUE] for text in texts), cut)
