"""What goes wrong outside while objects or tables are copied: named, and the target left as promised."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from urllib3.exceptions import ProtocolError

from chalicelib.domain.run.task import Task
from chalicelib.transfer.limits import CopyLimits
from chalicelib.work.outcome import Failed, Finished
from tests.s3_on_moto import Raw
from tests.unit.work.test_copy import MIB, directories, held, put, put_in_parts, run
from tests.unit.work.test_copy_convert import converting, joining
from tests.unit.work.test_table_steps import ITEMS, create, export, files, fill, load, steps
from tests.workbench import dynamodb

KINDS = {"copied": directories, "converted": lambda: converting("Csv", "Tsv"), "joined": lambda: joining(None, None)}
OLD = {"e/2": b"old", "all": b"old"}


@pytest.fixture(params=list(KINDS))
def given(request: pytest.FixtureRequest) -> Task:
    """Each kind of copy of s3://source/d/."""
    make: Callable[[], Task] = KINDS[request.param]
    return make()


def keep_old(s3: Any) -> None:
    for key, content in OLD.items():
        s3.put_object(Bucket="target", Key=key, Body=content)


def answer(s3: Any, operation: str, when: Callable[[Any], bool], reply: Callable[[], AWSResponse]) -> None:
    """In place of the server, for requests that match."""
    s3.meta.events.register_first(
        f"before-send.s3.{operation}", lambda request, **_: reply() if when(request) else None
    )


def refuse(s3: Any, operation: str, when: Callable[[Any], bool]) -> None:
    """AccessDenied to requests that match, which then do nothing: an answer alone would not keep moto from doing it."""

    def hook(request: Any, **_: Any) -> None:
        if when(request):
            said = {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
            raise ClientError(said, operation)

    s3.meta.events.register_first(f"before-send.s3.{operation}", hook)


def names(request: Any, key: str) -> bool:
    copied = str(request.headers.get("x-amz-copy-source", ""))
    return key in f"{request.url} {copied}"


def test_access_denied_to_one_object_of_many_names_it(s3: Any, tmp_path: Path, given: Task) -> None:
    put(s3, "d/1", "d/2", "d/3")
    keep_old(s3)
    for operation in ("CopyObject", "GetObject"):
        refuse(s3, operation, lambda request: names(request, "d/2"))
    outcome = run(s3, tmp_path, given)
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Denied"
    assert "s3://source/d/2" in outcome.message
    assert {key: content for key, content in held(s3).items() if key in OLD} == OLD


def test_a_target_that_may_not_be_written_is_named(s3: Any, tmp_path: Path, given: Task) -> None:
    put(s3, "d/1")
    for operation in ("CopyObject", "PutObject"):
        refuse(s3, operation, lambda _: True)
    outcome = run(s3, tmp_path, given)
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Denied"
    assert "s3://target/" in outcome.message


def elsewhere(request: Any) -> bool:
    """Whether it was signed for another region than the bucket's."""
    return "source" in request.url.split("?")[0] and "/us-east-1/" in str(request.headers["Authorization"])


def moved(region: str) -> AWSResponse:
    body = b"<Error><Code>PermanentRedirect</Code><Message>use another endpoint</Message></Error>"
    return AWSResponse("", 301, {"x-amz-bucket-region": region}, Raw(body))


def test_a_bucket_in_another_region_is_found_there(s3: Any, tmp_path: Path, given: Task) -> None:
    put(s3, "d/1", "d/2")
    for operation in ("ListObjectsV2", "GetObject", "HeadObject"):
        answer(s3, operation, elsewhere, lambda: moved("eu-west-1"))
    assert isinstance(run(s3, tmp_path, given), Finished)


class Breaking:
    """A body that ends after some bytes, as one does whose connection is lost."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = content[:size]

    def read(self, amount: int | None = None) -> bytes:
        if not self._content:
            raise ProtocolError("connection lost")
        piece, self._content = self._content[:amount], self._content[amount or len(self._content) :]
        return piece

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def breaking(s3: Any, times: int, content: bytes) -> Callable[[], None]:
    """Bodies that come half, so often; a request for the rest is answered in full. Gives what ends it."""
    left = iter(range(times))

    def hook(request: Any, **_: Any) -> AWSResponse | None:
        if next(left, None) is None:
            return None
        wanted = request.headers.get("Range") or b"bytes=0-"
        first = int((wanted if isinstance(wanted, str) else wanted.decode())[6:-1])
        rest = content[first:]
        return AWSResponse("", 200, {"Content-Length": str(len(rest))}, Breaking(rest, len(rest) // 2))

    s3.meta.events.register_first("before-send.s3.GetObject", hook)
    return lambda: s3.meta.events.unregister("before-send.s3.GetObject", hook)


@pytest.mark.parametrize("make", [lambda: converting("Csv", "Tsv"), lambda: joining(None, None)])
def test_a_connection_lost_midway_is_taken_up_again(s3: Any, tmp_path: Path, make: Callable[[], Task]) -> None:
    content = b"".join(b"%d,x\n" % number for number in range(1000))
    put(s3, "d/1", Body=content)
    whole = breaking(s3, 3, content)
    assert isinstance(run(s3, tmp_path, make()), Finished)
    whole()
    assert content in (*held(s3).values(), *(found.replace(b"\t", b",") for found in held(s3).values()))


@pytest.mark.parametrize("make", [lambda: converting("Csv", "Tsv"), lambda: joining(None, None)])
def test_a_connection_that_is_always_lost_fails_and_leaves_the_old_object(
    s3: Any, tmp_path: Path, make: Callable[[], Task]
) -> None:
    content = b"1,x\n" * 8
    put(s3, "d/2", "d/3")
    keep_old(s3)
    answer(
        s3, "GetObject", lambda _: True, lambda: AWSResponse("", 200, {"Content-Length": "32"}, Breaking(content, 0))
    )
    outcome = run(s3, tmp_path, make())
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Unavailable"
    assert "s3://source/d/" in outcome.message
    assert {found["Key"] for found in s3.list_objects_v2(Bucket="target")["Contents"]} == set(OLD)


def test_parts_that_are_refused_midway_leave_no_upload_and_the_old_object(s3: Any, tmp_path: Path) -> None:
    put_in_parts(s3, "d/2", [b"a" * 6 * MIB, b"b" * 6 * MIB, b"c"])
    keep_old(s3)
    refuse(s3, "UploadPartCopy", lambda request: "partNumber=2" in request.url)
    outcome = run(s3, tmp_path, directories(), copy_limits=CopyLimits(single=10 * MIB, part=5 * MIB))
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "part 2 of s3://source/d/2" in outcome.message) == ("Denied", True)
    assert held(s3)["e/2"] == b"old"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="target")


def test_storage_that_does_not_answer_is_unavailable(s3: Any, tmp_path: Path, given: Task) -> None:
    answer(s3, "ListObjectsV2", lambda _: True, lambda: AWSResponse("", 503, {}, Raw(b"<Error/>")))
    outcome = run(s3, tmp_path, given)
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "s3://source/d/" in outcome.message) == ("Unavailable", True)


def test_a_table_dropped_during_its_export_is_named_and_there_is_no_manifest(s3: Any, tmp_path: Path) -> None:
    fill(create("t"), "t", ITEMS)
    scans = iter(range(2))

    def drop(**_: Any) -> None:
        if next(scans, None) is None and "t" in dynamodb().list_tables()["TableNames"]:
            dynamodb().delete_table(TableName="t")

    dynamodb().meta.events.register_first("before-send.dynamodb.Scan", drop)
    outcome = run(s3, tmp_path, steps(export()))
    dynamodb().meta.events.unregister("before-send.dynamodb.Scan", drop)
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "read table t" in outcome.message) == ("Missing", True)
    assert "out/manifest" not in files(s3)


def test_a_line_of_100_mb_is_no_item(s3: Any, tmp_path: Path) -> None:
    create("u")
    put(s3, "d/f", Body=b"x" * 100 * MIB)
    outcome = run(s3, tmp_path, steps(load("s3://source/d")))
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "BadRecord"
    assert "s3://source/d/f, line 1: the line is longer than" in outcome.message


def test_gzip_that_is_cut_off_is_no_export(s3: Any, tmp_path: Path) -> None:
    create("u")
    put(s3, "d/f.gz", Body=gzip.compress(b'{"k":{"s":"1"}}\n' * 100)[:-9])
    outcome = run(s3, tmp_path, steps(load("s3://source/d")))
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "s3://source/d/f.gz" in outcome.message) == ("BadFile", True)
