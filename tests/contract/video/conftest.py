"""The embedded AWS with Kinesis Video in it, once a session; streams of their own for each test."""

import threading
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from chalicelib.adapters.aws.video import KinesisVideo
from local.video.api import VideoApi, with_video
from local.video.notices import Notices
from local.video.play import Played, Producer
from local.video.record import recorded
from tests.video_clips import clip_bytes

_NUMBERS = count()
BEGIN = 1_790_000_000.25


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one worker: the server starts once."""
    for each in items:
        if "contract/video" in str(each.path):
            each.add_marker(pytest.mark.xdist_group("video"))


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return boto3.Session(region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture(scope="session")
def clients(session: boto3.Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Clients of the embedded AWS, or at another endpoint."""

    @cache
    def client(service: str, region: str | None = None, endpoint: str | None = None) -> Any:
        return session.client(service, region_name=region, endpoint_url=endpoint or url)

    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    directory: Path = tmp_path_factory.mktemp("video")
    api = VideoApi(url, directory, Notices(client).kept, patience=0.2)
    server.app = with_video(DomainDispatcherApplication(create_backend_app), api)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield client
    server.shutdown()
    thread.join()
    server.server_close()


class Studio:
    """One stream of a test's own."""

    def __init__(self, clients: Callable[..., Any], directory: Path) -> None:
        self.clients = clients
        self.name = f"camera_{next(_NUMBERS)}"
        self.directory = directory
        self.arn = clients("kinesisvideo").create_stream(StreamName=self.name, DataRetentionInHours=24)["StreamARN"]
        self.producer = Producer(_Reaching(clients), self.name)
        self.videos = KinesisVideo(clients)

    def put(self, file: Path, begin: float = BEGIN, **tags: str) -> list[Played]:
        """Play a file at once."""
        return [self.producer.put(fragment, begin, tags) for fragment in recorded(file)]

    def clip(self, seconds: int = 6) -> Path:
        """A file with a video of so many seconds, in fragments of two."""
        file = self.directory / "clip.mp4"
        file.write_bytes(clip_bytes(seconds))
        return file

    def at(self, api: str, service: str = "kinesis-video-archived-media") -> Any:
        """A client of a data API, as users make one."""
        found = self.clients("kinesisvideo").get_data_endpoint(StreamName=self.name, APIName=api)
        return self.clients(service, None, found["DataEndpoint"])


class _Reaching:
    """What Producer needs of a session."""

    def __init__(self, clients: Callable[..., Any]) -> None:
        self.client = clients
        self.region_name = "us-east-1"

    def get_credentials(self) -> Any:
        return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing").get_credentials()


@pytest.fixture
def studio(clients: Callable[..., Any], tmp_path: Path) -> Studio:
    return Studio(clients, tmp_path)
