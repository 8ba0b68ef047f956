"""ports/video over the APIs of Kinesis Video Streams. Owns data endpoints, paging and what the service's tags say.

Source: Kinesis Video Streams API reference: GetDataEndpoint, GetImages, ListFragments, GetMediaForFragmentList.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError

from chalicelib.adapters.aws.errors import call, port_error
from chalicelib.adapters.aws.exact_times import send_milliseconds
from chalicelib.adapters.frames import decoded
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Denied, Missing, PortError, Rejected, Unavailable
from chalicelib.ports.video import SHORTEST_INTERVAL, Fragment, Frame, Media, Sampling, Span, Stream
from chalicelib.transfer.formats.matroska import Document, Malformed, documents

_ARCHIVE = "kinesis-video-archived-media"
_PAGE = 25
_LONGEST = timedelta(seconds=300)
_INSTANT = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PIECE = 256 * 1024
_PREFIX = "AWS_KINESISVIDEO_"
_FAULT = f"{_PREFIX}EXCEPTION_ERROR_CODE"
_FAULTS: Mapping[str, type[PortError]] = {"4000": Missing, **{str(code): Denied for code in range(4500, 4507)}}
Clients = Callable[[str, str | None, str | None], Any]


class KinesisVideo:
    """`clients` gives the client of a service, in a region, at an endpoint; None is its own of either."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._endpoints: dict[tuple[Stream, str], str] = {}

    def arn(self, stream: Stream) -> str:
        """See ports/video."""
        owner = self._clients("kinesisvideo", _region(stream), None)
        found = call(f"find video stream {stream.name}", owner.describe_stream, **_named(stream))
        return str(found["StreamInfo"]["StreamARN"])

    def images(self, stream: Stream, span: Span, sampling: Sampling) -> Iterator[Frame]:
        """See ports/video. A request covers five minutes at most, and each answers the grid of the whole span."""
        if sampling.every < SHORTEST_INTERVAL:
            raise Rejected("make stills", f"an interval of {sampling.every} given, at least 200 milliseconds expected")
        step = sampling.every * max(1, _LONGEST // sampling.every)
        first = span.first
        while first < span.end:
            end = min(first + step, span.end, first + _LONGEST)
            yield from self._stills(stream, Span(first, end, span.by), sampling)
            first += step

    def fragments(self, stream: Stream, span: Span) -> Sequence[Fragment]:
        """See ports/video. Pages come in no order."""
        request = {
            **_named(stream),
            "MaxResults": 1000,
            "FragmentSelector": {
                "FragmentSelectorType": span.by.value,
                "TimestampRange": {"StartTimestamp": span.first, "EndTimestamp": span.end - _INSTANT},
            },
        }
        pages = self._pages(stream, "LIST_FRAGMENTS", "list_fragments", request)
        found = (_fragment(each) for page in pages for each in page["Fragments"])
        return sorted(found, key=lambda fragment: int(fragment.number))

    def media(self, stream: Stream, numbers: Sequence[str]) -> Iterator[Media]:
        """See ports/video. The answer has begun when it fails, so failures are read from its tags."""
        if not numbers:
            return
        request = {**_named(stream), "Fragments": list(numbers)}
        answer = self._ask(stream, "GET_MEDIA_FOR_FRAGMENT_LIST", "get_media_for_fragment_list", request)
        with closing(answer["Payload"]) as payload:
            for document in _documents(stream, payload):
                found = _media(stream, document)
                if found.number not in numbers:  # its tags come last: without them the answer broke off
                    raise Unavailable(f"read media of video stream {stream.name}", "the answer breaks off")
                yield found

    def frames(self, media: Media, sampling: Sampling) -> Iterator[Frame]:
        """See ports/video."""
        return decoded(media, sampling)

    def _stills(self, stream: Stream, span: Span, sampling: Sampling) -> Iterator[Frame]:
        size = {"WidthPixels": sampling.size[0], "HeightPixels": sampling.size[1]} if sampling.size else {}
        quality = {"FormatConfig": {"JPEGQuality": str(sampling.quality)}} if sampling.format == "JPEG" else {}
        request = {
            **_named(stream),
            "ImageSelectorType": span.by.value,
            "StartTimestamp": span.first,
            "EndTimestamp": max(span.end - _INSTANT, span.first),
            "SamplingInterval": sampling.every // _INSTANT,
            "Format": sampling.format,
            "MaxResults": _PAGE,
            **quality,
            **size,
        }
        for page in self._pages(stream, "GET_IMAGES", "get_images", request):
            for image in page["Images"]:
                yield _still(image)

    def _pages(self, stream: Stream, api: str, method: str, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        page = self._ask(stream, api, method, request)
        yield page
        while page.get("NextToken"):
            page = self._ask(stream, api, method, {**request, "NextToken": page["NextToken"]})
            yield page

    def _ask(self, stream: Stream, api: str, method: str, request: Mapping[str, Any]) -> Any:
        """Call at the stream's own endpoint. A failure may mean that it has moved: the next call asks where it is."""
        client = self._at(stream, api)
        try:
            return call(f"{method} of video stream {stream.name}", getattr(client, method), **request)
        except (Missing, Unavailable, Rejected):
            self._endpoints.pop((stream, api), None)
            raise

    def _at(self, stream: Stream, api: str) -> Any:
        region = _region(stream)
        if (stream, api) not in self._endpoints:
            owner = self._clients("kinesisvideo", region, None)
            what = f"find video stream {stream.name}"
            answer = call(what, owner.get_data_endpoint, APIName=api, **_named(stream))
            self._endpoints[stream, api] = answer["DataEndpoint"]
        return send_milliseconds(self._clients(_ARCHIVE, region, self._endpoints[stream, api]))


def _named(stream: Stream) -> Mapping[str, str]:
    return {"StreamARN" if stream.name.startswith("arn:") else "StreamName": stream.name}


def _region(stream: Stream) -> str | None:
    if stream.region is None and stream.name.startswith("arn:"):
        return stream.name.split(":")[3]
    return stream.region


def _still(image: Mapping[str, Any]) -> Frame:
    at = _exact(image["TimeStamp"])
    content = base64.b64decode(image.get("ImageContent") or "")
    return Frame(at, content, "" if content else image.get("Error") or "MEDIA_ERROR")


def _exact(told: datetime) -> UtcTime:
    """To the millisecond: as a fraction of seconds it has come to be a little more or less."""
    return _EPOCH + round((told - _EPOCH) / _INSTANT) * _INSTANT


def _fragment(found: Mapping[str, Any]) -> Fragment:
    return Fragment(
        number=found["FragmentNumber"],
        size_bytes=found["FragmentSizeInBytes"],
        producer_at=_exact(found["ProducerTimestamp"]),
        server_at=_exact(found["ServerTimestamp"]),
        length=timedelta(milliseconds=found["FragmentLengthInMilliseconds"]),
    )


def _documents(stream: Stream, payload: Any) -> Iterator[Document]:
    operation = f"read media of video stream {stream.name}"
    found = documents(payload.iter_chunks(_PIECE))
    while True:
        try:
            document = next(found, None)
        except BotoCoreError as error:
            raise port_error(operation, error) from error
        except Malformed as error:
            raise Unavailable(operation, str(error)) from error
        if document is None:
            return
        yield document


def _media(stream: Stream, document: Document) -> Media:
    tags = document.tags
    if _FAULT in tags:
        kind = _FAULTS.get(tags[_FAULT], Unavailable)
        said = tags.get(f"{_PREFIX}EXCEPTION_MESSAGE", "")
        raise kind(f"read media of video stream {stream.name}", f"{tags[_FAULT]}: {said}")
    return Media(
        number=tags.get(f"{_PREFIX}FRAGMENT_NUMBER", ""),
        producer_at=_moment(tags, "PRODUCER_SIDE_TIMESTAMP"),
        server_at=_moment(tags, "SERVER_SIDE_TIMESTAMP"),
        content=document.content,
        tags={name: value for name, value in tags.items() if not name.startswith(_PREFIX)},
    )


def _moment(tags: Mapping[str, str], name: str) -> UtcTime:
    """Seconds since 1970 with a fraction; or milliseconds, as they are written elsewhere."""
    seconds = float(tags.get(f"{_PREFIX}{name}", "0"))
    return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
