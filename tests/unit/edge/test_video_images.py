"""Images that Kinesis Video puts into S3, told by their keys."""

import pytest

from chalicelib.domain.trigger.video_image import image_fields

GUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
AT = "2026-09-21T14:13:20.250+00:00"


@pytest.mark.parametrize(
    ("key", "stream"),
    [
        (f"123456789012_door_1790000000250_{GUID}.jpg", "door"),
        (f"yard_123456789012_front_door_2_1790000000250_{GUID}.png", "front_door_2"),
        (f"site/a b_c_123456789012_door_1_1790000000250_{GUID}.jpg", "door_1"),
    ],
)
def test_stream_and_time_are_read_from_the_right(key: str, stream: str) -> None:
    assert image_fields(key) == {"@imageStream": stream, "@imageTimestamp": AT}


@pytest.mark.parametrize(
    "key",
    ["a.jpg", f"door_1790000000250_{GUID}.jpg", f"123456789012_door_179_{GUID}.jpg", "123456789012_door_1.csv", ""],
)
def test_any_other_object_has_no_such_fields(key: str) -> None:
    assert image_fields(key) == {}
