"""What a stream does when a tagged fragment is kept: a notification by SNS, images in S3.

Source: developer guide, "Get video streaming notifications", "Generate images from video streams to S3".
"""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib.adapters.frames import PictureWriter, Shown, pictures
from local.video.archive import Archive, Kept
from local.video.play import IMAGE_GENERATION, NOTIFICATION
from local.video.stills import sampling_of
from local.video.streams import ACCOUNT

_PREFIX = "AWS_KINESISVIDEO_IMAGE_PREFIX"
_EVENTS = frozenset({NOTIFICATION, IMAGE_GENERATION, _PREFIX})
SUBJECT = "Kinesis Video Streams Notification"


class Notices:
    """`clients` of the AWS that topics and buckets are in."""

    def __init__(self, clients: Callable[[str], Any]) -> None:
        self._clients = clients

    def kept(self, archive: Archive, item: Kept) -> None:
        """Do for a fragment what its tags and its stream ask for."""
        if NOTIFICATION in item.tags and _enabled(archive.notification):
            self._notify(archive, item)
        if IMAGE_GENERATION in item.tags and _enabled(archive.images):
            for key, content, metadata in images(archive, item):
                bucket = urlsplit((archive.images or {})["DestinationConfig"]["Uri"]).netloc
                self._clients("s3").put_object(Bucket=bucket, Key=key, Body=content, Metadata=metadata)

    def _notify(self, archive: Archive, item: Kept) -> None:
        topic = (archive.notification or {})["DestinationConfig"]["Uri"]
        self._clients("sns").publish(TopicArn=topic, Subject=SUBJECT, Message=json.dumps(notification(archive, item)))


def notification(archive: Archive, item: Kept) -> dict[str, Any]:
    """The message of the notification of a fragment."""
    return {
        "StreamArn": archive.arn,
        "FragmentNumber": item.number,
        "FragmentStartProducerTimestamp": round(item.producer_ms),
        "FragmentStartServerTimestamp": round(item.server_ms),
        "NotificationType": "PERSISTED",
        "NotificationPayload": _own_tags(item),
    }


def images(archive: Archive, item: Kept) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """Key, content and metadata of the images of a fragment."""
    asked = archive.images or {}
    every = timedelta(milliseconds=asked["SamplingInterval"])
    writer = PictureWriter(sampling_of(asked))
    folder = urlsplit(asked["DestinationConfig"]["Uri"]).path.strip("/")
    prefix = item.tags.get(_PREFIX, "") or folder
    by_server = asked["ImageSelectorType"] == "SERVER_TIMESTAMP"
    due = timedelta(0)
    for shown in pictures(item.content()):
        if isinstance(shown, Shown) and shown.offset >= due:
            due += every
            moment = round(
                (item.server_ms if by_server else item.producer_ms) + shown.offset / timedelta(milliseconds=1)
            )
            ending = "png" if asked["Format"] == "PNG" else "jpg"
            name = f"{ACCOUNT}_{archive.name}_{moment}_{uuid.uuid4()}.{ending}"
            yield (f"{prefix}_{name}" if prefix else name), writer.written(shown.picture), _metadata(item)


def _metadata(item: Kept) -> dict[str, str]:
    """With dashes where the service has underscores: no HTTP server of Python's lets headers with those through."""
    return {
        **_own_tags(item),
        "aws-kinesisvideo-producer-timestamp": str(round(item.producer_ms)),
        "aws-kinesisvideo-server-timestamp": str(round(item.server_ms)),
        "aws-kinesisvideo-fragment-number": item.number,
    }


def _own_tags(item: Kept) -> dict[str, str]:
    return {name: value for name, value in item.tags.items() if name not in _EVENTS}


def _enabled(configuration: dict[str, Any] | None) -> bool:
    return configuration is not None and configuration.get("Status") == "ENABLED"
