"""Versions of a pipeline's definition: listed, read by name, compared."""

import re
from dataclasses import dataclass

from chalicelib.domain.definition.difference import Difference, difference
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.errors import InvalidRequest, ObjectNotFound
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.store import Page, PipelineRecord, SavedVersion
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.secrets import mask_definition


@dataclass(frozen=True, slots=True)
class ListVersions:
    """The newest first."""

    pipeline_id: PipelineId
    marker: str | None = None
    limit: int = 25


@dataclass(frozen=True, slots=True)
class VersionName:
    """`latest`, `active` or a number."""

    pipeline_id: PipelineId
    name: str = "latest"


@dataclass(frozen=True, slots=True)
class Versions:
    """A page of versions, and the record that says which of them is the latest and which the active."""

    record: PipelineRecord
    page: Page[SavedVersion]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A definition with its secrets masked, and its version's number."""

    version: int
    definition: Definition


@dataclass(frozen=True, slots=True)
class Compared:
    """What turns one version into another."""

    before: int
    after: int
    difference: Difference


def list_versions(request: ListVersions, caller: Caller, ports: Ports) -> Versions:
    """The versions that are kept. Raises InvalidRequest for a marker of another listing."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    try:
        page = ports.store.versions(request.pipeline_id, request.marker, request.limit)
    except Rejected as error:
        raise InvalidRequest("cursor: not one of this listing; start again without one") from error
    return Versions(record, page)


def read_version(request: VersionName, caller: Caller, ports: Ports) -> Numbered:
    """One version, to be shown. Raises ObjectNotFound when the pipeline has, or keeps, none of that name."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    number, definition = _named(record, request.name, ports)
    return Numbered(number, mask_definition(definition))


def sealed_version(record: PipelineRecord, name: str, ports: Ports) -> Definition:
    """One version with its secrets sealed for its pipeline. Raises ObjectNotFound as read_version does."""
    return _named(record, name, ports)[1]


def compare_versions(pipeline_id: PipelineId, before: str, after: str, caller: Caller, ports: Ports) -> Compared:
    """What changed between two versions, secrets masked: whether a secret changed is not told.

    Raises   ObjectNotFound when one is not kept
    """
    record = live_pipeline(ports.store, caller, pipeline_id)
    (old, was), (new, now) = _named(record, before, ports), _named(record, after, ports)
    return Compared(old, new, difference(mask_definition(was), mask_definition(now)))


def _named(record: PipelineRecord, name: str, ports: Ports) -> tuple[int, Definition]:
    number = {"latest": record.latest, "active": record.active}.get(name)
    if number is None:
        number = int(name) if re.fullmatch(r"[0-9]{1,18}", name) else 0
    definition = ports.store.definition(record.pipeline_id, number) if number else None
    if definition is None:
        raise ObjectNotFound(record.pipeline_id, f"definition {name[:64]}")
    return number, definition
