"""Definitions of pipelines: put, get, validate. Owns their versions; the language itself is the domain's."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

from chalicelib.domain.definition.model import Definition, Findings
from chalicelib.domain.definition.validate import validate
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import PipelineRecord
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.finished import refuse_finished
from chalicelib.service.record import change_record
from chalicelib.service.secrets import mask_definition, seal_definition, unmask_definition

MOST_LISTED = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Version(Enum):
    """Which definition: the last saved or the last activated."""

    LATEST = "latest"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class PutDefinition:
    """A whole definition, to replace the latest one or to be judged as if it did."""

    pipeline_id: PipelineId
    definition: Definition


@dataclass(frozen=True, slots=True)
class GetDefinition:
    """Read one version."""

    pipeline_id: PipelineId
    version: Version = Version.LATEST


def get_definition(request: GetDefinition, caller: Caller, ports: Ports) -> Definition:
    """The stored version with secrets masked; an empty definition when none was saved yet.

    Raises   InvalidRequest when `active` is asked of a pipeline that was never activated
    """
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    number = record.latest if request.version is Version.LATEST else record.active
    if request.version is Version.ACTIVE and number == 0:
        raise InvalidRequest("version: the pipeline was never activated, so it has no active definition; use latest")
    return mask_definition(stored_definition(record, number, ports) or Definition())


def stored_definition(record: PipelineRecord, version: int, ports: Ports) -> Definition | None:
    """A version with its secrets sealed, or None; version 0 is none."""
    return ports.store.definition(record.pipeline_id, version) if version else None


def save_definition(record: PipelineRecord, definition: Definition, ports: Ports, *, activate: bool) -> PipelineRecord:
    """Store as a new latest version, and as the active one when asked; forget the version nobody can need any more.

    A version is numbered by its time, in microseconds: two requests that race write two versions, and the later wins.
    The old active version is not touched: live instances read their fields from it until the engine lets go of it.
    """
    version = max(record.latest + 1, record.active + 1, (ports.clock.now() - _EPOCH) // _MICROSECOND)
    ports.store.put_definition(record.pipeline_id, version, definition)

    def promoted(current: PipelineRecord) -> PipelineRecord:
        active = max(current.active, version) if activate else current.active
        return replace(current, latest=max(current.latest, version), active=active)

    saved = change_record(ports.store, record, promoted)
    if record.latest not in (0, record.active):
        ports.store.delete_definition(record.pipeline_id, record.latest)
    return saved


def put_definition(request: PutDefinition, caller: Caller, ports: Ports) -> Findings:
    """Save as the latest version, also with errors: they only forbid activation.

    Raises   InvalidRequest when a fault is fatal, or the pipeline is FINISHED; nothing is saved then
    """
    record, definition, findings = _judged(request, caller, ports)
    if findings.fatal:
        raise InvalidRequest(
            "The definition could not be saved because of FATAL errors; ValidatePipelineDefinition lists all others. "
            + "; ".join(findings.fatal[:MOST_LISTED])
        )
    sealed = seal_definition(definition, record.pipeline_id, ports.sealer)
    save_definition(record, sealed, ports, activate=False)
    return findings


def validate_definition(request: PutDefinition, caller: Caller, ports: Ports) -> Findings:
    """What put_definition would find; fatal faults are the pipeline's own errors here. Saves nothing."""
    record, _, findings = _judged(request, caller, ports)
    if not findings.fatal:
        return findings
    return replace(findings, errors={record.pipeline_id: findings.fatal, **findings.errors})


def _judged(request: PutDefinition, caller: Caller, ports: Ports) -> tuple[PipelineRecord, Definition, Findings]:
    """The record, the definition with masked secrets filled in, and what is wrong with it."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    active = stored_definition(record, record.active, ports)
    refuse_finished(record, active, ports)
    latest = active if record.latest == record.active else stored_definition(record, record.latest, ports)
    definition = unmask_definition(request.definition, latest, record.pipeline_id, ports.sealer)
    return record, definition, validate(definition, limits=ports.limits, now=ports.clock.now(), previous=active)
