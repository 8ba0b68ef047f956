"""Definitions of pipelines: put, get, validate. The language itself is the domain's."""

from dataclasses import dataclass, replace
from enum import Enum

from chalicelib.domain.definition.model import Definition, Findings
from chalicelib.domain.definition.validate import validate
from chalicelib.domain.errors import InvalidDefinition, InvalidRequest
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import PipelineRecord
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.finished import refuse_finished
from chalicelib.service.record import check_fresh
from chalicelib.service.secrets import mask_definition, seal_definition, unmask_definition
from chalicelib.service.versions import promote, write_version

MOST_LISTED = 50


class Version(Enum):
    """Which definition: the last saved or the last activated."""

    LATEST = "latest"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class PutDefinition:
    """A whole definition, to replace the latest one or to be judged as if it did.

    revisions  the latest version must be one of these; None is any
    """

    pipeline_id: PipelineId
    definition: Definition
    revisions: frozenset[int] | None = None


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


def put_definition(request: PutDefinition, caller: Caller, ports: Ports) -> Findings:
    """Save as the latest version, also with errors: they only forbid activation.

    Raises   InvalidDefinition when a fault is fatal, NotPossible when the pipeline is FINISHED, Stale when another
             version is the latest meanwhile; nothing is saved then
    """
    record, definition, findings = _judged(request, caller, ports)
    check_fresh(record.latest, request.revisions)
    refuse_fatal(findings, record.pipeline_id)
    sealed = seal_definition(definition, record.pipeline_id, ports.sealer)
    version = write_version(record, sealed, caller, ports, activate=False)
    promote(record, version, ports, activate=False, revisions=request.revisions)
    return findings


def refuse_fatal(findings: Findings, subject: str) -> None:
    """Raises InvalidDefinition when the definition cannot be saved; its fatal faults are then those of `subject`."""
    if findings.fatal:
        raise InvalidDefinition(
            "The definition could not be saved because of FATAL errors; ValidatePipelineDefinition lists all others. "
            + "; ".join(findings.fatal[:MOST_LISTED]),
            {subject: findings.fatal},
        )


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
