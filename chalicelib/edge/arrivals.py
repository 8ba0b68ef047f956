"""What arrives on the arrivals queue, in its senders' own words, made into arrivals.

Known are S3 through EventBridge, S3's bucket notifications straight or wrapped by SNS, S3's test event, and what
edge/video.py and edge/iot.py read. A key in a notification is URL-encoded with `+` for a space; EventBridge gives it
as it is.
Source  S3 User Guide, "Event message structure" and "EventBridge event message structure"
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.domain.trigger.arrival import Arrival, S3Object, s3_object
from chalicelib.edge.iot import is_rule_output, rule_arrival
from chalicelib.edge.unknown import UnknownEvent
from chalicelib.edge.video import is_of_video, video_arrivals


def arrivals_of(body: str) -> tuple[Arrival, ...]:
    """The events in one message; none in a test event, an empty batch, or one about something else than creation.

    Raises   UnknownEvent, KeyError, TypeError or ValueError for what cannot be read
    """
    return tuple(_arrivals(json.loads(body)))


def _arrivals(message: Any) -> Iterator[Arrival]:
    if not isinstance(message, Mapping):
        raise UnknownEvent(f"a JSON {type(message).__name__}")
    if message.get("Type") == "Notification" and "Message" in message:
        yield from _arrivals(json.loads(message["Message"]))
    elif message.get("Event") == "s3:TestEvent":
        return
    elif message.get("source") == "aws.s3":
        yield from _from_eventbridge(message)
    elif isinstance(message.get("Records"), list):
        for record in message["Records"]:
            yield from _from_notification(record)
    elif is_of_video(message):
        yield from video_arrivals(message)
    else:
        yield _from_rule(message)


def _from_rule(message: Mapping[str, Any]) -> Arrival:
    if is_rule_output(message):
        return rule_arrival(message)
    raise UnknownEvent(f"an object with {', '.join(sorted(map(str, message))[:10])}")


def _from_eventbridge(message: Mapping[str, Any]) -> Iterator[Arrival]:
    if message["detail-type"] == "Object Created":
        detail = message["detail"]
        yield _created(detail["bucket"]["name"], detail["object"], "etag", "version-id", _time(message["time"]))


def _from_notification(record: Mapping[str, Any]) -> Iterator[Arrival]:
    if record.get("eventSource") != "aws:s3":
        raise UnknownEvent(f"a record of {record.get('eventSource')}")
    if record["eventName"].removeprefix("s3:").startswith("ObjectCreated:"):
        found = record["s3"]["object"]
        named = {**found, "key": unquote_plus(found["key"])}
        yield _created(record["s3"]["bucket"]["name"], named, "eTag", "versionId", _time(record["eventTime"]))


def _created(bucket: str, found: Mapping[str, Any], etag: str, version: str, at: datetime) -> Arrival:
    created = S3Object(
        bucket=bucket,
        key=found["key"],
        size_bytes=int(found.get("size", 0)),
        etag=str(found.get(etag, found.get("eTag", ""))).strip('"'),
        version_id=str(found.get(version) or ""),
        sequencer=str(found.get("sequencer", "")),
    )
    return s3_object(created, at)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
