"""What DescribePipelines shows of a pipeline, field by field, and which state it is in.

Source: service model, "DescribePipelines"; console columns for the run times.
"""

from collections.abc import Iterator

from chalicelib.domain.definition.model import Field
from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.run.state import PipelineState
from chalicelib.domain.run.status import Health, PipelineStatus
from chalicelib.domain.values import PipelineId, UtcTime, render_time
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import PipelineRecord, StateStore
from chalicelib.service.schedule_fields import schedule_fields


def live_state(store: StateStore, pipeline_id: PipelineId) -> PipelineState | None:
    """The newest committed state; None before the engine first heard of the pipeline and after it forgot it."""
    stored = store.load_state(pipeline_id)
    return None if stored is None else decode_state(stored.payload)


def shown_status(record: PipelineRecord, state: PipelineState | None) -> PipelineStatus:
    """`@pipelineState`: the engine's, unless an activation is still on its way to it."""
    if record.deleted_at is not None:
        return PipelineStatus.DELETING
    if record.active == 0:
        return PipelineStatus.PENDING
    if state is None or state.definition_version < record.active:
        return PipelineStatus.ACTIVATING
    return state.status


def pipeline_fields(record: PipelineRecord, ports: Ports) -> tuple[Field, ...]:
    """Every field that has a value, in order of key."""
    state = live_state(ports.store, record.pipeline_id) if record.active else None
    fields = list(_record_fields(record, shown_status(record, state)))
    if state is not None:
        fields += [*_state_fields(state), *schedule_fields(state, ports)]
    return tuple(sorted(fields, key=lambda field: field.key))


def health(state: PipelineState) -> Health:
    """ERROR as soon as one component is in error; HEALTHY needs at least one success."""
    found = {part.health for part in state.components.values()}
    return next((worst for worst in (Health.ERROR, Health.HEALTHY) if worst in found), Health.NONE)


def _record_fields(record: PipelineRecord, status: PipelineStatus) -> Iterator[Field]:
    yield Field("@id", record.pipeline_id)
    yield Field("@sphere", "PIPELINE")
    yield Field("@pipelineState", status.value)
    yield Field("@creationTime", render_time(record.created))
    yield Field("@accountId", record.owner)
    yield Field("@userId", record.user_id)
    yield Field("@version", str(max(record.active, record.latest)))
    yield Field("name", record.name)
    yield Field("uniqueId", record.unique_id)
    yield Field("pipelineCreator", record.user_id)
    if record.description:
        yield Field("description", record.description)


def _state_fields(state: PipelineState) -> Iterator[Field]:
    yield Field("@healthStatus", health(state).value)
    yield Field("@firstActivationTime", render_time(state.first_activation))
    yield Field("@lastActivationTime", render_time(state.activated_at))
    if state.deactivated_at is not None:
        yield Field("@lastDeactivationTime", render_time(state.deactivated_at))
    yield from _newest("@latestRunTime", [part.latest_run for part in state.components.values()])
    yield from _newest("@healthStatusUpdatedTime", [part.health_at for part in state.components.values()])


def _newest(key: str, moments: list[UtcTime | None]) -> Iterator[Field]:
    known = [moment for moment in moments if moment is not None]
    if known:
        yield Field(key, render_time(max(known)))
