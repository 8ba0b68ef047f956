"""Pipelines as things: create, describe, list, tag, delete. What runs inside them is not known here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.definition.model import Field
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.events import Deleted
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Full, Rejected
from chalicelib.ports.store import Page, PipelineRecord
from chalicelib.service.access import (
    Caller,
    born_tags,
    check_retagging,
    known_pipeline,
    live_pipeline,
    visible,
)
from chalicelib.service.arming import disarm
from chalicelib.service.control import publish
from chalicelib.service.definitions import stored_definition
from chalicelib.service.pipeline_fields import pipeline_fields
from chalicelib.service.record import change_record, check_fresh

DESCRIBED_AT_ONCE = 25
LISTED_AT_ONCE = 100
MOST_TAGS = 10


@dataclass(frozen=True, slots=True)
class CreatePipeline:
    """`unique_id` makes a repeated request create nothing new."""

    name: str
    unique_id: str
    description: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DescribePipelines:
    """Ids in the order of the answer."""

    pipeline_ids: tuple[PipelineId, ...]


@dataclass(frozen=True, slots=True)
class ListPipelines:
    """`marker` is what the last page ended with."""

    marker: str | None = None


@dataclass(frozen=True, slots=True)
class DeletePipeline:
    """There is no way back. The record's revision must be one of `revisions`; None is any."""

    pipeline_id: PipelineId
    revisions: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class AddTags:
    """Upsert by key."""

    pipeline_id: PipelineId
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RemoveTags:
    """Keys that are not there are ignored."""

    pipeline_id: PipelineId
    tag_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditPipeline:
    """What is None stays; tags replace all others. The record's revision must be one of `revisions`; None is any."""

    pipeline_id: PipelineId
    description: str | None = None
    tags: Mapping[str, str] | None = None
    revisions: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class PipelineDescription:
    """One pipeline as it is shown."""

    pipeline_id: PipelineId
    name: str
    description: str
    fields: tuple[Field, ...]
    tags: Mapping[str, str]


def create_pipeline(request: CreatePipeline, caller: Caller, ports: Ports) -> PipelineId:
    """Make an empty PENDING pipeline, or answer the one that this name and unique id made before.

    Raises   InvalidRequest when the account has as many pipelines as it may have, when the name and unique id are
             another group's, or for tags that cannot be; Forbidden for another group's tag
    """
    record = PipelineRecord(
        pipeline_id=PipelineId(f"df-{ports.ids.fresh()}"),
        owner=caller.account,
        user_id=caller.user,
        name=request.name,
        unique_id=request.unique_id,
        description=request.description,
        created=ports.clock.now(),
        tags=_counted(born_tags(dict(request.tags), caller)),
    )
    try:
        made = ports.store.create_pipeline(record, ports.limits.pipelines)
    except Full as error:
        raise InvalidRequest(
            f"Account {caller.account} has {ports.limits.pipelines} pipelines, which is as many as it may have: "
            "delete one that is no longer needed"
        ) from error
    if not caller.sees(made):
        raise InvalidRequest("uniqueId: taken, with this name, by a pipeline of a group you are not in; use another")
    return made.pipeline_id


def describe_pipelines(request: DescribePipelines, caller: Caller, ports: Ports) -> Sequence[PipelineDescription]:
    """Metadata of up to 25 pipelines.

    Raises   PipelineNotFound or PipelineDeleted for the first id that is one; InvalidRequest for too many
    """
    if len(request.pipeline_ids) > DESCRIBED_AT_ONCE:
        raise InvalidRequest(
            f"pipelineIds: expected at most {DESCRIBED_AT_ONCE} ids in one call, got {len(request.pipeline_ids)}"
        )
    records = [live_pipeline(ports.store, caller, pipeline_id) for pipeline_id in request.pipeline_ids]
    return [_described(record, ports) for record in records]


def list_pipelines(request: ListPipelines, caller: Caller, ports: Ports) -> Page[PipelineRecord]:
    """The caller's pipelines, a page at a time. Raises InvalidRequest for a marker this service did not give.

    A page may hold fewer than the store's; an empty one is the last.
    """
    page = _stored_page(request.marker or None, caller, ports)
    shown = visible(page.items, caller)
    while page.marker is not None and not shown:
        page = _stored_page(page.marker, caller, ports)
        shown = visible(page.items, caller)
    return Page(shown, page.marker)


def _stored_page(marker: str | None, caller: Caller, ports: Ports) -> Page[PipelineRecord]:
    try:
        return ports.store.list_pipelines(caller.account, marker, LISTED_AT_ONCE)
    except Rejected as error:
        raise InvalidRequest("marker: not one that ListPipelines answered; start again without a marker") from error


def delete_pipeline(request: DeletePipeline, caller: Caller, ports: Ports) -> None:
    """Leave a tombstone and tell the engine, which cancels and forgets the rest. Deleting again tells it again.

    Raises   Stale when it has another revision
    """
    record = known_pipeline(ports.store, caller, request.pipeline_id)
    now = ports.clock.now()

    def buried(current: PipelineRecord) -> PipelineRecord:
        check_fresh(current.revision, request.revisions)
        return replace(current, deleted_at=now)

    if record.deleted_at is None:
        change_record(ports.store, record, buried)
    disarm(request.pipeline_id, stored_definition(record, record.active, ports), ports)
    event = Deleted(f"delete-{request.pipeline_id}", now)
    publish(ports.sender, request.pipeline_id, [(event.id, event)])


def edit_pipeline(request: EditPipeline, caller: Caller, ports: Ports) -> PipelineRecord:
    """Change description and tags. Raises Stale for another revision, and for tags what add_tags raises."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)

    def edited(current: PipelineRecord) -> PipelineRecord:
        check_fresh(current.revision, request.revisions)
        described = current if request.description is None else replace(current, description=request.description)
        return described if request.tags is None else retagged(described, request.tags, caller)

    return change_record(ports.store, record, edited)


def add_tags(request: AddTags, caller: Caller, ports: Ports) -> None:
    """Set tags. Raises InvalidRequest when the pipeline would have more than ten, Forbidden for another's group."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    change_record(
        ports.store, record, lambda current: retagged(current, {**current.tags, **dict(request.tags)}, caller)
    )


def remove_tags(request: RemoveTags, caller: Caller, ports: Ports) -> None:
    """Drop tags by key. Raises Forbidden for the group's, unless the caller is an admin."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    gone = frozenset(request.tag_keys)
    change_record(
        ports.store,
        record,
        lambda current: retagged(
            current, {key: value for key, value in current.tags.items() if key not in gone}, caller
        ),
    )


def retagged(record: PipelineRecord, tags: Mapping[str, str], caller: Caller) -> PipelineRecord:
    """The record with these tags. Raises InvalidRequest for too many, Forbidden for a group's that are not theirs."""
    check_retagging(record.tags, tags, caller)
    return replace(record, tags=_counted(tags))


def _counted(tags: Mapping[str, str]) -> Mapping[str, str]:
    if len(tags) > MOST_TAGS:
        raise InvalidRequest(f"tags: a pipeline has at most {MOST_TAGS} tags, this would make {len(tags)}")
    return tags


def _described(record: PipelineRecord, ports: Ports) -> PipelineDescription:
    return PipelineDescription(
        record.pipeline_id, record.name, record.description, pipeline_fields(record, ports), record.tags
    )
