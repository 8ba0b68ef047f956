"""Versions of a definition: written, then made the pipeline's latest or active one. Must not know who asks, or why.

A version is numbered by its time, in microseconds: two requests that race write two versions, and the later wins.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.definition.model import Definition
from chalicelib.domain.errors import Stale
from chalicelib.domain.run.state import PipelineState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import PipelineRecord, SavedVersion
from chalicelib.service.access import Caller
from chalicelib.service.pipeline_fields import live_state
from chalicelib.service.record import change_record, check_fresh

KEPT_VERSIONS = 100
"""How many versions a pipeline keeps beside those that its live instances need."""

_FORGOTTEN_AT_ONCE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def write_version(
    record: PipelineRecord, definition: Definition, caller: Caller, ports: Ports, *, activate: bool
) -> int:
    """Store a definition, which nothing goes by before `promote`; the number of its version."""
    now = ports.clock.now()
    version = max(record.latest + 1, record.active + 1, (now - _EPOCH) // _MICROSECOND)
    saved = SavedVersion(version, now, caller.user, activate)
    ports.store.put_definition(record.pipeline_id, version, definition, saved)
    return version


def promote(
    record: PipelineRecord, version: int, ports: Ports, *, activate: bool, revisions: frozenset[int] | None = None
) -> PipelineRecord:
    """Make it the latest version, and the active one when asked, unless a later one is; repeatable.

    Forgets versions that are too many.
    revisions  what the latest version must still be one of when the new one takes its place
    Raises     Stale when it is not; the new one is forgotten then
    """

    def promoted(current: PipelineRecord) -> PipelineRecord:
        check_fresh(current.latest, revisions)
        active = max(current.active, version) if activate else current.active
        return replace(current, latest=max(current.latest, version), active=active)

    try:
        saved = change_record(ports.store, record, promoted)
    except Stale:
        ports.store.delete_definition(record.pipeline_id, version)
        raise
    _forget_oldest(saved, ports)
    return saved


def _forget_oldest(record: PipelineRecord, ports: Ports) -> None:
    """Forget listed versions past the newest, a few at a time, but none that instances are still read with."""
    listed = ports.store.versions(record.pipeline_id, None, KEPT_VERSIONS + _FORGOTTEN_AT_ONCE).items
    if len(listed) <= KEPT_VERSIONS:
        return
    state = live_state(ports.store, record.pipeline_id)
    needed = {record.latest, record.active} | (versions_of(state) if state is not None else set())
    for old in listed[KEPT_VERSIONS:]:
        if old.version not in needed:
            ports.store.delete_definition(record.pipeline_id, old.version)


def versions_of(state: PipelineState) -> frozenset[int]:
    """The definition versions that the state is read with."""
    return frozenset({state.definition_version, *(instance.version for instance in state.instances.values())})
