"""One event as whoever heard of it tells it, made alike for every source.

Owns what makes two tellings the same event. Must not know who listens, nor how a telling looked on the wire.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.trigger.video_image import image_fields
from chalicelib.domain.values import PipelineId, UtcTime

KEY_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Holder:
    """Who called with an API key: the key's id, and the account whose API it opens."""

    account: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event.

    source    where triggers listen, from one of the functions below
    identity  what every telling of the same event has in common, and no other event
    fields    runtime fields of the trigger, names with their `@`; `@payload` and `@headers` may be JSON
    at        when it happened, as the source says
    subject   what it is about, where one subject changes many times: the key of an object
    sequence  place among the events of the subject, as text that sorts; empty where the source gives none
    holder    whose API key it came with; None where it came by no key
    """

    source: str
    identity: str
    fields: Mapping[str, str]
    at: UtcTime
    subject: str = ""
    sequence: str = ""
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class S3Object:
    """An object that was created. `key` is as it is in S3, not as notifications write it; `version_id` may be empty."""

    bucket: str
    key: str
    size_bytes: int
    etag: str
    version_id: str = ""
    sequencer: str = ""


@dataclass(frozen=True, slots=True)
class IotMessage:
    """An MQTT message.

    payload     what the rule's SQL selected, as JSON; other text, or base64 of what is no text, as it is
    message_id  tells two equal messages apart; without one, equal payloads on one topic at one time are one event
    """

    topic: str
    payload: str
    client_id: str = ""
    message_id: str = ""


def event_key(identity: str) -> str:
    """The name of an event's record: short, whatever the identity is."""
    return hashlib.sha256(identity.encode()).hexdigest()[:KEY_LENGTH]


def s3_source(bucket: str) -> str:
    """Where triggers on a bucket listen."""
    return f"s3#{bucket}"


def iot_source(pipeline: PipelineId, trigger: str) -> str:
    """Where the trigger behind a topic rule listens."""
    return f"iot#{pipeline}/{trigger}"


def video_source(stream: str) -> str:
    """Where triggers on a Kinesis video stream listen; `stream` is its name or its ARN."""
    return f"video#{stream.split('/')[1] if stream.startswith('arn:') else stream}"


def face_source(stream: str) -> str:
    """Where triggers on the faces that Rekognition knows in a video stream listen; `stream` is its name or its ARN."""
    return f"faces#{video_source(stream).removeprefix('video#')}"


SWEEPS = "sweeps"
"""Where every sweep of a video stream is found."""


def sweep_source(pipeline: PipelineId, trigger: str) -> str:
    """Where the trigger behind a sweep listens: what is swept for one pipeline is no event for another."""
    return f"sweep#{pipeline}/{trigger}"


def http_source(pipeline: PipelineId) -> str:
    """Where a pipeline's HttpTrigger listens."""
    return f"http#{pipeline}"


def s3_object(created: S3Object, at: UtcTime) -> Arrival:
    """An object was created. The same object told by EventBridge and by a notification is one event."""
    version = created.version_id or created.etag
    return Arrival(
        source=s3_source(created.bucket),
        identity=json.dumps(["s3", created.bucket, created.key, version, created.sequencer]),
        fields={
            "@bucket": created.bucket,
            "@key": created.key,
            "@size": str(created.size_bytes),
            "@etag": created.etag,
            "@versionId": created.version_id,
            "@sequencer": created.sequencer,
            **image_fields(created.key),
        },
        at=at,
        subject=created.key,
        sequence=created.sequencer.upper().ljust(KEY_LENGTH, "0") if created.sequencer else "",
    )


def iot_message(where: tuple[PipelineId, str], message: IotMessage, at: UtcTime) -> Arrival:
    """A message that the topic rule of a pipeline's trigger let through; `where` is that pipeline and trigger."""
    told = [message.message_id] if message.message_id else [message.topic, message.payload, at.isoformat()]
    return Arrival(
        source=iot_source(*where),
        identity=json.dumps(["iot", *where, *told]),
        fields={
            "@topic": message.topic,
            "@payload": message.payload,
            "@clientId": message.client_id,
            "@timestamp": str(int(at.timestamp() * 1000)),
        },
        at=at,
    )


def video_fragment(
    stream_arn: str, fragment_number: str, producer_at: UtcTime, server_at: UtcTime, tags: Mapping[str, str]
) -> Arrival:
    """A fragment of a Kinesis video stream that was stored. `tags` are the fragment's own, shown as `@payload`."""
    return Arrival(
        source=video_source(stream_arn),
        identity=json.dumps(["video", stream_arn, fragment_number]),
        fields={
            "@streamArn": stream_arn,
            "@fragmentNumber": fragment_number,
            "@producerTimestamp": producer_at.isoformat(timespec="milliseconds"),
            "@serverTimestamp": server_at.isoformat(timespec="milliseconds"),
            "@payload": json.dumps(dict(tags)),
        },
        at=producer_at,
        subject=stream_arn,
        sequence=fragment_number,
    )


def known_faces(seen: Arrival, offset_seconds: float, faces: Sequence[Mapping[str, object]]) -> Arrival:
    """Known faces in one frame of a fragment.

    seen   the fragment's arrival
    faces  what was found of each, shown as `@payload`
    """
    stream = seen.fields["@streamArn"]
    offset = f"{offset_seconds:.3f}"
    return replace(
        seen,
        source=face_source(stream),
        identity=json.dumps(["faces", stream, seen.fields["@fragmentNumber"], offset]),
        fields={**seen.fields, "@frameOffset": offset, "@payload": json.dumps({"faces": list(faces)})},
    )


def http_call(pipeline: PipelineId, payload: str, headers: Mapping[str, str], request_id: str, at: UtcTime) -> Arrival:
    """A call of the ingest endpoint. `request_id` is the caller's idempotency key, or the request's own id."""
    return Arrival(
        source=http_source(pipeline),
        identity=json.dumps(["http", pipeline, request_id]),
        fields={"@payload": payload, "@headers": json.dumps(dict(headers)), "@requestId": request_id},
        at=at,
    )
