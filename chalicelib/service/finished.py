"""What may no longer be done to a pipeline whose schedule is over."""

from collections.abc import Mapping

from chalicelib.domain.definition.inherit import DEFAULT, effective
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.errors import NotPossible
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import PipelineRecord
from chalicelib.service.pipeline_fields import live_state, shown_status


def is_on_demand(objects: Mapping[str, PipelineObject]) -> bool:
    """Whether the pipeline of these effective objects runs once per activation; such a one is never over."""
    default = objects.get(DEFAULT)
    return default is not None and (default.text("scheduleType") or "").strip().lower() == "ondemand"


def refuse_finished(record: PipelineRecord, active: Definition | None, ports: Ports) -> None:
    """Raise NotPossible when every interval of the pipeline's schedule has run."""
    if active is None or is_on_demand(effective(active)):
        return
    if shown_status(record, live_state(ports.store, record.pipeline_id)) is PipelineStatus.FINISHED:
        raise NotPossible(
            f"Pipeline {record.pipeline_id} is FINISHED: its schedule is over and it cannot be changed or run again. "
            "Create a new pipeline with this definition and a new schedule"
        )
