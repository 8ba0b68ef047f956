"""Plays a video file into a stream, as a camera would: `python -m local.video.play FILE STREAM`.

Each fragment is a PutMedia request, so that its acknowledgement says when it is kept. Reaches the embedded AWS by
AWS_ENDPOINT_URL.
"""

import argparse
import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from local.video.matter import tagged
from local.video.record import NotPlayable, Recorded, recorded

_PATH = "/putMedia"
_TIMEOUT_SECONDS = 60
NOTIFICATION, IMAGE_GENERATION = "AWS_KINESISVIDEO_NOTIFICATION", "AWS_KINESISVIDEO_IMAGE_GENERATION"


class NotKept(Exception):
    """A fragment that the stream did not take; says why."""


@dataclass(frozen=True, slots=True)
class Played:
    """A fragment that the stream keeps, and when it began by the producer's clock, in seconds since 1970."""

    number: str
    at: float


class Producer:
    """Sends fragments to one stream of the AWS that `session` reaches."""

    def __init__(self, session: Any, stream: str) -> None:
        self._session = session
        self._stream = stream
        found = session.client("kinesisvideo").get_data_endpoint(StreamName=stream, APIName="PUT_MEDIA")
        self._address = found["DataEndpoint"]

    def put(self, fragment: Recorded, begin: float, tags: Mapping[str, str]) -> Played:
        """Put one. `begin` is the time of the video's start. Raises NotKept."""
        status, lines = self._posted(tagged(fragment.content, tags), begin)
        kept = next((line for line in lines if line.get("EventType") == "PERSISTED"), None)
        if kept is None:
            raise NotKept(f"{self._stream}: {status} {lines}")
        return Played(kept["FragmentNumber"], begin + fragment.begin)

    def _posted(self, content: bytes, begin: float) -> tuple[int, list[dict[str, Any]]]:
        address = urlsplit(self._address)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.netloc, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("POST", _PATH, content, self._headers(begin))
            answer = connection.getresponse()
            return answer.status, [json.loads(line) for line in answer.read().splitlines() if line.strip()]
        finally:
            connection.close()

    def _headers(self, begin: float) -> Mapping[str, str]:
        own = {
            "x-amzn-stream-name": self._stream,
            "x-amzn-fragment-timecode-type": "RELATIVE",
            "x-amzn-producer-start-timestamp": f"{begin:.3f}",
        }
        request = AWSRequest("POST", self._address + _PATH, headers=own)
        SigV4Auth(self._session.get_credentials(), "kinesisvideo", self._session.region_name).add_auth(request)
        return dict(request.headers.items())


def play(
    fragments: Iterator[Recorded],
    producer: Producer,
    begin: float,
    tags: Callable[[int], Mapping[str, str]],
    pace: Callable[[Recorded], None],
) -> Iterator[Played]:
    """Put fragments one after the other; `pace` waits until one has been recorded, `tags` are those of the n-th."""
    for number, fragment in enumerate(fragments):
        pace(fragment)
        yield producer.put(fragment, begin, tags(number))


def main(arguments: list[str]) -> int:
    """Play a file; 0 when all of it is kept."""
    options = _options(arguments)
    session = boto3.Session()
    begin = time.time() if options.live else time.time() - _length(options.file)
    given = dict(text.split("=", 1) for text in options.tag)
    events = {
        name: "" for name, wanted in ((NOTIFICATION, options.notify), (IMAGE_GENERATION, options.images)) if wanted
    }
    producer = Producer(session, options.stream)

    def pace(fragment: Recorded) -> None:
        time.sleep(max(0.0, begin + fragment.end - time.time()) if options.live else 0)

    for played in play(recorded(options.file), producer, begin, lambda _: {**given, **events}, pace):
        print(f"{played.number} {played.at:.3f}", flush=True)
    return 0


def _length(file: Path) -> float:
    return max((fragment.end for fragment in recorded(file)), default=0.0)


def _options(arguments: list[str]) -> Any:
    parser = argparse.ArgumentParser(prog="python -m local.video.play", description="Play a video file into a stream.")
    parser.add_argument("file", type=Path, help="a file with an H.264 track: MP4, MKV, MOV")
    parser.add_argument("stream", help="name of the stream")
    parser.add_argument("--live", action="store_true", help="at the speed it was recorded at; else at once")
    parser.add_argument("--notify", action="store_true", help="tag fragments so that the stream notifies of them")
    parser.add_argument("--images", action="store_true", help="tag fragments so that images are made of them")
    parser.add_argument("--tag", action="append", default=[], metavar="NAME=VALUE", help="tag fragments with this, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (NotPlayable, NotKept) as error:
        sys.exit(f"play: {error}")
