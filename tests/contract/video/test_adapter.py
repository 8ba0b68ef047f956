"""ports/video over the embedded Kinesis Video: frames, fragments, and what is wrong with some of them."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import av
import pytest
from botocore.response import StreamingBody

from chalicelib.adapters.aws.video import KinesisVideo
from chalicelib.ports.errors import Missing, Rejected, Unavailable
from chalicelib.ports.video import Media, Sampling, Span, Stream
from chalicelib.transfer.formats.matroska import elements
from tests.contract.video.conftest import BEGIN, Studio

HALF = Sampling(timedelta(milliseconds=500))
SIMPLE_BLOCK = 0xA3
START = datetime.fromtimestamp(BEGIN, UTC)


def _span(first: float, end: float) -> Span:
    return Span(START + timedelta(seconds=first), START + timedelta(seconds=end))


def _media(studio: Studio, number: str) -> Media:
    (found,) = studio.videos.media(Stream(studio.name), [number])
    return found


def _with(media: Media, content: bytes) -> Media:
    return Media(media.number, media.producer_at, media.server_at, content)


def _without_first_block(content: bytes) -> bytes:
    kept, seen = [], False
    for element in elements([content]):
        if element.name == SIMPLE_BLOCK and not seen:
            seen = True
            continue
        kept.append(element.raw)
    assert seen
    return b"".join(kept)


def test_stills_begin_where_the_span_does_to_the_millisecond(studio: Studio) -> None:
    studio.put(studio.clip(6))
    found = list(studio.videos.images(Stream(studio.name), _span(0.1, 6.6), HALF))
    assert [frame.at - START for frame in found] == [timedelta(seconds=0.1 + 0.5 * step) for step in range(13)]
    assert [frame.error for frame in found] == [""] * 12 + ["NO_MEDIA"]
    assert all(frame.content.startswith(b"\xff\xd8") for frame in found[:12])
    assert found[0].id == "2026-09-21T14:13:20.350Z"


def test_a_span_of_many_requests_has_each_still_once(studio: Studio) -> None:
    studio.put(studio.clip(2))
    asked = Sampling(timedelta(milliseconds=333))
    found = list(studio.videos.images(Stream(studio.arn), _span(0, 700), asked))
    assert [frame.at - START for frame in found] == [timedelta(milliseconds=333 * step) for step in range(2103)]


def test_stills_can_be_made_in_another_size_and_format(studio: Studio) -> None:
    studio.put(studio.clip(2))
    asked = Sampling(timedelta(seconds=1), "PNG", size=(160, 120))
    found = list(studio.videos.images(Stream(studio.name), _span(0, 2), asked))
    with av.open(BytesIO(found[1].content)) as picture:
        shown = next(picture.decode(video=0))
    assert (shown.width, shown.height, shown.format.name) == (160, 120, "rgb24")


def test_media_carries_the_tags_of_its_producer(studio: Studio) -> None:
    (put,) = studio.put(studio.clip(2), door="north", shift="late")
    assert _media(studio, put.number).tags == {"door": "north", "shift": "late"}


def test_a_fragment_that_breaks_off_gives_its_frames_and_then_an_error(studio: Studio) -> None:
    (put,) = studio.put(studio.clip(2))
    whole = _media(studio, put.number)
    found = list(studio.videos.frames(_with(whole, whole.content[:-2000]), Sampling(timedelta(0))))
    assert 0 < len(found) - 1 < 20
    assert [frame.error for frame in found[:-1]] == [""] * (len(found) - 1)
    assert found[-1].error == "MEDIA_ERROR: the fragment breaks off"
    assert len({frame.id for frame in found}) == len(found)


def test_a_fragment_without_a_key_frame_is_one_error(studio: Studio) -> None:
    (put,) = studio.put(studio.clip(2))
    whole = _media(studio, put.number)
    found = list(studio.videos.frames(_with(whole, _without_first_block(whole.content)), HALF))
    assert [frame.error for frame in found] == ["MEDIA_ERROR: does not begin with a key frame"]


def test_a_fragment_of_noise_is_one_error(studio: Studio) -> None:
    (put,) = studio.put(studio.clip(2))
    found = list(studio.videos.frames(_with(_media(studio, put.number), b"\x00noise" * 100), HALF))
    assert len(found[0].error) > len("MEDIA_ERROR: ")
    assert found[0].content == b""


def test_a_stream_that_is_not_there_is_missing(studio: Studio) -> None:
    with pytest.raises(Missing):
        studio.videos.fragments(Stream("nobody"), _span(0, 1))


def test_stills_closer_than_the_service_makes_them_are_refused(studio: Studio) -> None:
    with pytest.raises(Rejected):
        next(studio.videos.images(Stream(studio.name), _span(0, 1), Sampling(timedelta(milliseconds=100))))


class _Cut:
    """Clients whose answers break off before the end, without an error, as a connection may that is closed."""

    def __init__(self, studio: Studio, left_out: int) -> None:
        self._studio = studio
        self._left_out = left_out

    def __call__(self, service: str, region: str | None, endpoint: str | None) -> Any:
        return self if endpoint else self._studio.clients(service, region, endpoint)

    @property
    def meta(self) -> Any:
        return self._studio.at("GET_MEDIA_FOR_FRAGMENT_LIST").meta

    def get_media_for_fragment_list(self, **asked: Any) -> Any:
        client = self._studio.at("GET_MEDIA_FOR_FRAGMENT_LIST")
        content = client.get_media_for_fragment_list(**asked)["Payload"].read()[: -self._left_out]
        return {"Payload": StreamingBody(BytesIO(content), None)}


@pytest.mark.parametrize("left_out", [1, 5_000, 31_000])
def test_an_answer_that_breaks_off_is_no_fragment(studio: Studio, left_out: int) -> None:
    put = [played.number for played in studio.put(studio.clip(4))]
    found = KinesisVideo(_Cut(studio, left_out)).media(Stream(studio.name), put)
    assert next(found).number == put[0]
    with pytest.raises(Unavailable, match="breaks off"):
        next(found)
