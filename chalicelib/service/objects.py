"""Objects of a pipeline, by id: describe components, instances and attempts; set their status."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.events import StatusSet
from chalicelib.domain.run.status import Command, PipelineStatus
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.control import publish
from chalicelib.service.evaluation import Evaluator
from chalicelib.service.finished import is_on_demand
from chalicelib.service.object_fields import View
from chalicelib.service.secrets import mask_tokens
from chalicelib.service.views import Found, find_objects, judged, load_view, shown_object, view_of

DESCRIBED_AT_ONCE = 100
_IDS_PER_EVENT = 100
_OF_COMPONENTS = (Command.PAUSE, Command.RESUME)


@dataclass(frozen=True, slots=True)
class DescribeObjects:
    """Objects in the order of the ids, all in one answer."""

    pipeline_id: PipelineId
    object_ids: tuple[str, ...]
    evaluate_expressions: bool = False
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class SetStatus:
    """An order for components or for instances, not for a mix."""

    pipeline_id: PipelineId
    object_ids: tuple[str, ...]
    status: str


def describe_objects(request: DescribeObjects, caller: Caller, ports: Ports) -> Sequence[PipelineObject]:
    """Every object asked for.

    Raises   InvalidRequest for more than 100 ids, for a marker, as no answer has one, or naming every id that is no
             object of the pipeline;
             ExpressionError for a field that cannot be evaluated
    """
    if request.marker:
        raise InvalidRequest("marker: DescribeObjects answers all at once and gives no marker; leave it out")
    if len(request.object_ids) > DESCRIBED_AT_ONCE:
        raise InvalidRequest(
            f"objectIds: expected at most {DESCRIBED_AT_ONCE} ids in one call, got {len(request.object_ids)}"
        )
    view = load_view(caller, request.pipeline_id, ports)
    targets = _all_found(request.object_ids, view, ports)
    if any(found.component is not None for found in targets):
        view = judged(view, ports)
    if request.evaluate_expressions:
        evaluator = Evaluator(view, ports)
        return [mask_tokens(evaluator.shown(found)) for found in targets]
    return [mask_tokens(shown_object(found, view)) for found in targets]


def set_status(request: SetStatus, caller: Caller, ports: Ports) -> None:
    """Check the order and tell the engine, which carries it out in its own time.

    Raises   InvalidRequest for an unknown command or id, a mix of spheres, a command that is not for that sphere, for
             pipelines that never ran or are FINISHED, and for RERUN while the pipeline is stopped
    """
    events, _ = judged_order(request, caller, ports)
    publish(ports.sender, request.pipeline_id, [(event.id, event) for event in events])


def judged_order(request: SetStatus, caller: Caller, ports: Ports) -> tuple[Sequence[StatusSet], View]:
    """The order as the engine would be told it, and the pipeline it was checked against. Raises as set_status."""
    command = _command(request.status)
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    view = view_of(record, ports)
    _check_running(command, view)
    targets = _all_found(request.object_ids, view, ports)
    _check_targets(command, targets)
    _check_active(targets, view)
    ids, now = tuple(dict.fromkeys(request.object_ids)), ports.clock.now()
    parts = [ids[start : start + _IDS_PER_EVENT] for start in range(0, len(ids), _IDS_PER_EVENT)]
    return [StatusSet(ports.ids.fresh(), now, command, part) for part in parts], view


def _all_found(ids: Sequence[str], view: View, ports: Ports) -> Sequence[Found]:
    known = find_objects(ids, view, ports.store)
    unknown = [text for text in ids if text not in known]
    if unknown:
        listed = ", ".join(unknown[:10]) + (f" and {len(unknown) - 10} more" if len(unknown) > 10 else "")
        raise InvalidRequest(f"objectIds: pipeline {view.pipeline_id} has no object {listed}; see QueryObjects")
    return [known[text] for text in ids]


def _command(text: str) -> Command:
    found = Command.__members__.get(text.upper())
    if found is None:
        raise InvalidRequest(f"status: expected one of {', '.join(Command.__members__)}, got {text[:64]!r}")
    return found


def _check_active(targets: Sequence[Found], view: View) -> None:
    drafts = [found.id for found in targets if found.component is not None and found.id not in view.effective]
    if drafts:
        raise InvalidRequest(f"objectIds: {drafts[0]} is not active yet; activate the pipeline first")


def _check_running(command: Command, view: View) -> None:
    if view.status is PipelineStatus.PENDING:
        raise InvalidRequest(f"Pipeline {view.pipeline_id} was never activated, so nothing has a status to set")
    if command is Command.RERUN and view.status in (PipelineStatus.INACTIVE, PipelineStatus.DEACTIVATING):
        raise InvalidRequest(
            f"Pipeline {view.pipeline_id} is {view.status.value}, so nothing can be run again; activate it first"
        )
    if view.status is PipelineStatus.FINISHED and not is_on_demand(view.effective):
        raise InvalidRequest(
            f"Pipeline {view.pipeline_id} is FINISHED: the status of its objects cannot be set any more"
        )


def _check_targets(command: Command, targets: Sequence[Found]) -> None:
    if not targets:
        raise InvalidRequest("objectIds: expected at least one id")
    attempts = [found.id for found in targets if found.attempt is not None]
    if attempts:
        raise InvalidRequest(f"objectIds: {attempts[0]} is an attempt; name its instance instead")
    components = [found.id for found in targets if found.instance is None]
    if components and len(components) != len(targets):
        raise InvalidRequest("objectIds: expected components only or instances only, got both; send two calls")
    if bool(components) != (command in _OF_COMPONENTS):
        kind = "a component" if components else "an instance"
        raise InvalidRequest(f"status: {command.value} is not for {kind}, and {targets[0].id} is one")
