"""What is told of video, in its senders' own words: notifications of fragments, records of face searches.

Times of fragments are told in milliseconds or in seconds since 1970; the guide does not say which. A record of a face
search comes from a data stream: by itself, or as an EventBridge pipe hands it over, in base64 under `data`.
Source  Kinesis Video Streams developer guide, "Get video streaming notifications"; Rekognition developer guide,
        "Reference: Kinesis face recognition record"
"""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.trigger.arrival import Arrival, known_faces, video_fragment
from chalicelib.edge.unknown import UnknownEvent

_LARGEST_SECONDS = 1e11  # in the year 5138; as milliseconds it is in 1973


def is_of_video(message: Mapping[str, Any]) -> bool:
    """Whether it is a notification of a fragment, a face search, or any record that a pipe took from a data stream."""
    return "FragmentNumber" in message or "FaceSearchResponse" in message or message.get("eventSource") == "aws:kinesis"


def video_arrivals(message: Mapping[str, Any]) -> Iterator[Arrival]:
    """The fragment, or the known faces of one frame; nothing for a frame with strangers only.

    Raises   UnknownEvent, KeyError, TypeError or ValueError for what cannot be read
    """
    if "FragmentNumber" in message:
        yield _fragment(message)
    elif "FaceSearchResponse" in message:
        yield from _faces(message)
    else:
        yield from _faces(json.loads(base64.b64decode(message["data"])))


def _faces(record: Any) -> Iterator[Arrival]:
    if not isinstance(record, Mapping) or "FaceSearchResponse" not in record:
        raise UnknownEvent("a record of a data stream that is no face search")
    faces = [_face(face, match) for face in record["FaceSearchResponse"] for match in face.get("MatchedFaces") or ()]
    if faces:
        seen = record["InputInformation"]["KinesisVideo"]
        times = {
            "FragmentStartProducerTimestamp": seen["ProducerTimestamp"],
            "FragmentStartServerTimestamp": seen["ServerTimestamp"],
        }
        yield known_faces(_fragment({**seen, **times}), float(seen["FrameOffsetInSeconds"]), faces)


def _fragment(message: Mapping[str, Any]) -> Arrival:
    number, tags = str(message["FragmentNumber"]), message.get("NotificationPayload") or {}
    if not (number.isascii() and number.isdecimal()):
        raise UnknownEvent("a fragment whose number is none")
    if not isinstance(tags, Mapping):
        raise UnknownEvent("a fragment whose payload is no object")
    return video_fragment(
        str(message["StreamArn"]),
        number,
        _moment(message["FragmentStartProducerTimestamp"]),
        _moment(message["FragmentStartServerTimestamp"]),
        {str(name): str(value) for name, value in tags.items()},
    )


def _moment(told: object) -> datetime:
    number = float(str(told))
    return datetime.fromtimestamp(number / 1000 if number > _LARGEST_SECONDS else number, UTC)


def _face(face: Mapping[str, Any], match: Mapping[str, Any]) -> Mapping[str, object]:
    known = match["Face"]
    return {
        "faceId": known["FaceId"],
        "externalImageId": known.get("ExternalImageId", ""),
        "similarity": match["Similarity"],
        "box": face["DetectedFace"]["BoundingBox"],
    }
