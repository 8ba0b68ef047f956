"""Records of Rekognition's face search as arrivals."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.edge.arrivals import arrivals_of
from chalicelib.edge.unknown import UnknownEvent

RECORD = (Path(__file__).parents[3] / "events" / "rekognition" / "face-search-record.json").read_text()


def changed(**parts: Any) -> str:
    return json.dumps(json.loads(RECORD) | parts)


def piped(data: bytes) -> str:
    """As an EventBridge pipe hands a record over."""
    return json.dumps({"eventSource": "aws:kinesis", "data": base64.b64encode(data).decode(), "partitionKey": "1"})


def test_known_faces_of_a_frame_arrive_once_with_what_was_found_of_them() -> None:
    (arrival,) = arrivals_of(RECORD)
    assert arrival.source == "faces#front_door"
    assert arrival.fields["@frameOffset"] == "1.500"
    assert arrival.fields["@producerTimestamp"] == "2026-09-21T14:13:20.250+00:00"
    assert json.loads(arrival.fields["@payload"]) == {
        "faces": [
            {
                "faceId": "ed1b560f-d6af-5158-989a-ff586c931545",
                "externalImageId": "ada.jpg",
                "similarity": 92.5,
                "box": {"Height": 0.35, "Width": 0.21, "Left": 0.4, "Top": 0.12},
            }
        ]
    }


def test_a_record_through_a_pipe_is_the_same_event() -> None:
    assert arrivals_of(piped(RECORD.encode())) == arrivals_of(RECORD)


def test_two_frames_of_a_fragment_are_two_events() -> None:
    seen = json.loads(RECORD)["InputInformation"]["KinesisVideo"] | {"FrameOffsetInSeconds": 1.6}
    (other,) = arrivals_of(changed(InputInformation={"KinesisVideo": seen}))
    assert other.identity != arrivals_of(RECORD)[0].identity


@pytest.mark.parametrize("response", [[], [{"DetectedFace": {}, "MatchedFaces": []}]])
def test_a_frame_without_known_faces_starts_nothing(response: list[Any]) -> None:
    assert arrivals_of(changed(FaceSearchResponse=response)) == ()


@pytest.mark.parametrize("data", [b"\xff\x00", b"7", b'{"temperature": 3}'])
def test_another_record_of_a_data_stream_is_refused(data: bytes) -> None:
    with pytest.raises((UnknownEvent, json.JSONDecodeError, UnicodeDecodeError)):
        arrivals_of(piped(data))


def test_a_record_that_is_no_face_search_says_so() -> None:
    with pytest.raises(UnknownEvent, match="no face search"):
        arrivals_of(piped(b"{}"))
