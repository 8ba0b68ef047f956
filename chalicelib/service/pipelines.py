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
from chalicelib.service.access import Caller, known_pipeline, live_pipeline
from chalicelib.service.arming import disarm
from chalicelib.service.control import publish
from chalicelib.service.definitions import stored_definition
from chalicelib.service.pipeline_fields import pipeline_fields
from chalicelib.service.record import change_record

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
    """There is no way back."""

    pipeline_id: PipelineId


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
class PipelineDescription:
    """One pipeline as it is shown."""

    pipeline_id: PipelineId
    name: str
    description: str
    fields: tuple[Field, ...]
    tags: Mapping[str, str]


def create_pipeline(request: CreatePipeline, caller: Caller, ports: Ports) -> PipelineId:
    """Make an empty PENDING pipeline, or answer the one that this name and unique id made before.

    Raises   InvalidRequest when the account has as many pipelines as it may have
    """
    record = PipelineRecord(
        pipeline_id=PipelineId(f"df-{ports.ids.fresh()}"),
        owner=caller.account,
        user_id=caller.user,
        name=request.name,
        unique_id=request.unique_id,
        description=request.description,
        created=ports.clock.now(),
        tags=_merged({}, request.tags),
    )
    try:
        return ports.store.create_pipeline(record, ports.limits.pipelines).pipeline_id
    except Full as error:
        raise InvalidRequest(
            f"Account {caller.account} has {ports.limits.pipelines} pipelines, which is as many as it may have: "
            "delete one that is no longer needed"
        ) from error


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
    """The caller's pipelines, a page at a time. Raises InvalidRequest for a marker this service did not give."""
    try:
        return ports.store.list_pipelines(caller.account, request.marker or None, LISTED_AT_ONCE)
    except Rejected as error:
        raise InvalidRequest("marker: not one that ListPipelines answered; start again without a marker") from error


def delete_pipeline(request: DeletePipeline, caller: Caller, ports: Ports) -> None:
    """Leave a tombstone and tell the engine, which cancels and forgets the rest. Deleting again tells it again."""
    record = known_pipeline(ports.store, caller, request.pipeline_id)
    now = ports.clock.now()
    if record.deleted_at is None:
        change_record(ports.store, record, lambda current: replace(current, deleted_at=now))
    disarm(request.pipeline_id, stored_definition(record, record.active, ports), ports)
    event = Deleted(f"delete-{request.pipeline_id}", now)
    publish(ports.sender, request.pipeline_id, [(event.id, event)])


def add_tags(request: AddTags, caller: Caller, ports: Ports) -> None:
    """Set tags. Raises InvalidRequest when the pipeline would have more than ten."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    change_record(ports.store, record, lambda current: replace(current, tags=_merged(current.tags, request.tags)))


def remove_tags(request: RemoveTags, caller: Caller, ports: Ports) -> None:
    """Drop tags by key."""
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    gone = frozenset(request.tag_keys)
    change_record(
        ports.store,
        record,
        lambda current: replace(current, tags={key: value for key, value in current.tags.items() if key not in gone}),
    )


def _merged(tags: Mapping[str, str], more: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    merged = {**tags, **dict(more)}
    if len(merged) > MOST_TAGS:
        raise InvalidRequest(f"tags: a pipeline has at most {MOST_TAGS} tags, this would make {len(merged)}")
    return merged


def _described(record: PipelineRecord, ports: Ports) -> PipelineDescription:
    return PipelineDescription(
        record.pipeline_id, record.name, record.description, pipeline_fields(record, ports), record.tags
    )
