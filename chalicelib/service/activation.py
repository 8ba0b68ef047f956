"""Starting and stopping pipelines: what is checked and stored before the engine hears of it, and what follows.

    check ── topic rule ── version written ──► Activated sent ──► listen ── version made the active one
              ▲          ▲                    ▲                ▲
      refused here:   killed up to here: nobody reads     killed from here on: whoever advances the
      nothing was     the version, the pipeline is        pipeline does the rest (arming.follow)
      changed         what it was; activate it again

An activation that is sent has happened, as its caller may have died without an answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from chalicelib.domain.definition.model import Definition, Findings, ParameterValue
from chalicelib.domain.definition.validate import activation_findings, validate
from chalicelib.domain.errors import InvalidDefinition, NotPossible
from chalicelib.domain.run.events import Activated, Deactivated
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import PipelineRecord
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.arming import arm, disarm, prepare
from chalicelib.service.control import publish
from chalicelib.service.definitions import MOST_LISTED, stored_definition
from chalicelib.service.finished import refuse_finished
from chalicelib.service.pipeline_fields import live_state
from chalicelib.service.secrets import seal_definition, unmask_definition, unseal_definition
from chalicelib.service.versions import promote, write_version


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

    Raises   InvalidDefinition when it has errors, NotPossible when there is none, or the pipeline is FINISHED
    """
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    latest = stored_definition(record, record.latest, ports)
    if latest is None:
        raise NotPossible(
            f"Pipeline {record.pipeline_id} has no definition; save one with PutPipelineDefinition, then activate it"
        )
    active = latest if record.latest == record.active else stored_definition(record, record.active, ports)
    refuse_finished(record, active, ports)
    opened = unseal_definition(latest, record.pipeline_id, ports.sealer)
    given = unmask_definition(Definition(values=request.parameter_values), latest, record.pipeline_id, ports.sealer)
    _refuse_errors(record, with_values(opened, given.values), active, ports, request.start_timestamp)
    sealed = seal_definition(given, record.pipeline_id, ports.sealer)
    prepare(record.pipeline_id, with_values(opened, given.values), ports)
    version = write_version(record, with_values(latest, sealed.values), caller, ports, activate=True)
    event = Activated(ports.ids.fresh(), ports.clock.now(), version, request.start_timestamp)
    publish(ports.sender, record.pipeline_id, [(event.id, event)])
    arm(record.pipeline_id, with_values(opened, given.values), ports, active)
    promote(record, version, ports, activate=True)


def deactivate_pipeline(request: DeactivatePipeline, caller: Caller, ports: Ports) -> None:
    """Tell the engine to stop. Raises NotPossible for a pipeline that was never activated."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    if record.active == 0:
        raise NotPossible(f"Pipeline {record.pipeline_id} is PENDING: it was never activated, so nothing runs")
    disarm(record.pipeline_id, stored_definition(record, record.active, ports), ports)
    event = Deactivated(ports.ids.fresh(), ports.clock.now(), request.cancel_active)
    publish(ports.sender, record.pipeline_id, [(event.id, event)])


def _refuse_errors(
    record: PipelineRecord, definition: Definition, active: Definition | None, ports: Ports, start: UtcTime | None
) -> None:
    """Whoever says where to start does not run the past by accident, so `start` counts as a first activation."""
    state = live_state(ports.store, record.pipeline_id) if record.active else None
    now = ports.clock.now()
    found = (
        validate(definition, limits=ports.limits, now=now, previous=active),
        activation_findings(
            definition, limits=ports.limits, now=now, first_activation=state.first_activation if state else start
        ),
    )
    sentences = [sentence for findings in found for sentence in _sentences(findings)]
    if sentences:
        unique = list(dict.fromkeys(sentences))
        more = f"; and {len(unique) - MOST_LISTED} more" if len(unique) > MOST_LISTED else ""
        raise InvalidDefinition(
            f"Pipeline {record.pipeline_id} cannot be activated until its definition has no errors. "
            + "; ".join(unique[:MOST_LISTED])
            + more,
            _errors(record.pipeline_id, found),
            stored=True,
        )


def _errors(pipeline_id: PipelineId, found: Iterable[Findings]) -> Mapping[str, tuple[str, ...]]:
    """Every sentence by what it is about, once."""
    gathered: dict[str, dict[str, None]] = {}
    for findings in found:
        for owner, sentences in ({pipeline_id: findings.fatal} | dict(findings.errors)).items():
            gathered.setdefault(owner, {}).update(dict.fromkeys(sentences))
    return {owner: tuple(sentences) for owner, sentences in gathered.items() if sentences}


def _sentences(findings: Findings) -> Iterator[str]:
    yield from findings.fatal
    for owner, errors in findings.errors.items():
        yield from (f"{owner}: {error}" for error in errors)


def with_values(definition: Definition, values: tuple[ParameterValue, ...]) -> Definition:
    """The definition with every parameter in `values` set anew and the others as they were."""
    given = frozenset(value.id for value in values)
    kept = tuple(value for value in definition.values if value.id not in given)
    return replace(definition, values=(*kept, *values))
