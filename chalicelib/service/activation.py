"""Starting and stopping pipelines: what is checked and stored before the engine hears of it."""

from dataclasses import dataclass, replace

from chalicelib.domain.definition.model import Definition, ParameterValue
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.events import Activated, Deactivated
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.control import publish
from chalicelib.service.definitions import save_definition, stored_definition
from chalicelib.service.secrets import seal_definition


@dataclass(frozen=True, slots=True)
class ActivatePipeline:
    """`parameter_values` replace the definition's by id; `start_timestamp` is where a schedule resumes."""

    pipeline_id: PipelineId
    parameter_values: tuple[ParameterValue, ...] = ()
    start_timestamp: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class DeactivatePipeline:
    """`cancel_active` false lets running objects end."""

    pipeline_id: PipelineId
    cancel_active: bool = True


def activate_pipeline(request: ActivatePipeline, caller: Caller, ports: Ports) -> None:
    """Make the latest definition, with the values given now, the active version and tell the engine.

    Raises   InvalidRequest when there is no definition
    """
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    latest = stored_definition(record, record.latest, ports)
    if latest is None:
        raise InvalidRequest(
            f"Pipeline {record.pipeline_id} has no definition; save one with PutPipelineDefinition, then activate it"
        )
    given = seal_definition(Definition(values=request.parameter_values), latest, record.pipeline_id, ports.sealer)
    merged = with_values(latest, given.values)
    saved = save_definition(record, merged, ports, activate=True)
    event = Activated(ports.ids.fresh(), ports.clock.now(), saved.active, request.start_timestamp)
    publish(ports.sender, record.pipeline_id, [(event.id, event)])


def deactivate_pipeline(request: DeactivatePipeline, caller: Caller, ports: Ports) -> None:
    """Tell the engine to stop. Raises InvalidRequest for a pipeline that was never activated."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    if record.active == 0:
        raise InvalidRequest(f"Pipeline {record.pipeline_id} is PENDING: it was never activated, so nothing runs")
    event = Deactivated(ports.ids.fresh(), ports.clock.now(), request.cancel_active)
    publish(ports.sender, record.pipeline_id, [(event.id, event)])


def with_values(definition: Definition, values: tuple[ParameterValue, ...]) -> Definition:
    """The definition with every parameter in `values` set anew and the others as they were."""
    given = frozenset(value.id for value in values)
    kept = tuple(value for value in definition.values if value.id not in given)
    return replace(definition, values=(*kept, *values))
