"""Stored text of the values that both stores keep: records, definitions, runners.

ASCII only, so that whatever text a caller sent (unpaired surrogates included) can be stored. Must not know where it
goes.
"""

import hashlib
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.definition.model import Definition
from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import TIME_FORMAT, InstanceId, PipelineId, UtcTime
from chalicelib.ports.events import EventBatch, EventRecord
from chalicelib.ports.store import PipelineRecord, RunnerRecord, TimeQuery

RETENTION = timedelta(days=90)
"""How long history and heartbeats are kept unless a store is told otherwise."""

_TIME_LENGTH = len("2026-02-03T04:05:06")


def encode_record(record: PipelineRecord) -> str:
    """A pipeline record as text."""
    return _text(to_plain(PipelineRecord, record))


def decode_record(text: str) -> PipelineRecord:
    """The record that `encode_record` was given."""
    return from_plain(PipelineRecord, json.loads(text))


def encode_definition(definition: Definition) -> bytes:
    """A definition version, compressed: its text repeats the same few keys."""
    return zlib.compress(_text(to_plain(Definition, definition)).encode(), 6)


def decode_definition(packed: bytes) -> Definition:
    """The definition that `encode_definition` was given."""
    return from_plain(Definition, json.loads(zlib.decompress(packed)))


def encode_runner(runner: RunnerRecord) -> str:
    """A heartbeat as text."""
    return _text(to_plain(RunnerRecord, runner))


def decode_runner(text: str) -> RunnerRecord:
    """The heartbeat that `encode_runner` was given."""
    return from_plain(RunnerRecord, json.loads(text))


def encode_event_record(record: EventRecord) -> str:
    """An event record as text, all of it ASCII."""
    return _text(to_plain(EventRecord, record))


def decode_event_record(text: str) -> EventRecord:
    """The record that `encode_event_record` was given."""
    return from_plain(EventRecord, json.loads(text))


def encode_subscription(subscription: Subscription) -> str:
    """An armed trigger as text."""
    return _text(to_plain(Subscription, subscription))


def decode_subscription(text: str) -> Subscription:
    """The subscription that `encode_subscription` was given."""
    return from_plain(Subscription, json.loads(text))


def encode_batch(batch: EventBatch) -> str:
    """A run's events as text."""
    return _text(to_plain(EventBatch, batch))


def decode_batch(text: str) -> EventBatch:
    """The batch that `encode_batch` was given."""
    return from_plain(EventBatch, json.loads(text))


def claim_key(record: PipelineRecord) -> str:
    """What no two living pipelines share: owner, name and unique id, hashed because each may be long."""
    return hashlib.sha256(_text([record.owner, record.name, record.unique_id]).encode()).hexdigest()


def scheduled_start(instance: InstanceId) -> UtcTime:
    """The scheduled start that the id ends in, to the second; year 1 for an id without one, which no instance has."""
    try:
        return datetime.strptime(instance.rpartition("_")[2][:_TIME_LENGTH], TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return datetime(1, 1, 1, tzinfo=UTC)


def listing_of(pipeline_id: PipelineId, query: TimeQuery) -> str:
    """What the markers of a query's pages belong to."""
    return f"history of {pipeline_id} by {query.by.value}{', newest first' if query.newest_first else ''}"


def _text(plain: Any) -> str:
    return json.dumps(plain, separators=(",", ":"))
