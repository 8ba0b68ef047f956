"""One pipeline at a glance: its record, and how it stands by the engine's live state."""

from dataclasses import dataclass

from chalicelib.domain.run.state import PipelineState
from chalicelib.domain.run.status import Health, PipelineStatus
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import PipelineRecord
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.pipeline_fields import health, live_state, shown_status


@dataclass(frozen=True, slots=True)
class Overview:
    """A pipeline and its standing; `state` is None before the engine first heard of it."""

    record: PipelineRecord
    status: PipelineStatus
    health: Health
    state: PipelineState | None

    @property
    def latest_run(self) -> UtcTime | None:
        """When one of its instances last started."""
        known = [part.latest_run for part in self.state.components.values()] if self.state else []
        return max((moment for moment in known if moment is not None), default=None)


def pipeline_overview(pipeline_id: PipelineId, caller: Caller, ports: Ports) -> Overview:
    """The caller's pipeline. Raises PipelineNotFound, PipelineDeleted."""
    return overview(live_pipeline(ports.store, caller, pipeline_id), ports)


def overview(record: PipelineRecord, ports: Ports) -> Overview:
    """How a pipeline stands; reads its live state when it was ever activated."""
    state = live_state(ports.store, record.pipeline_id) if record.active else None
    return Overview(record, shown_status(record, state), health(state) if state else Health.NONE, state)
