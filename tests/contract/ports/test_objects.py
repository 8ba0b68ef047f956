"""What ports/objects promises, asked of S3 as moto plays it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.ports.errors import Conflict, Missing, Rejected
from chalicelib.ports.objects import Encryption, Place, parse_directory, parse_place
from tests.s3_on_moto import Raw, s3_client

ODD = "dir/ä b+c%20&=?#'\"()[]~/日本 \U0001f600.txt"
FIVE_MIB = 5 * 1024 * 1024


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()


@pytest.fixture
def objects(client: Any) -> S3Objects:
    return S3Objects(client)


def put(client: Any, key: str, body: bytes = b"x", **arguments: Any) -> str:
    return str(client.put_object(Bucket="source", Key=key, Body=body, **arguments)["ETag"]).strip('"')


def test_a_listing_is_complete_and_in_order(client: Any, objects: S3Objects) -> None:
    for number in range(1003):
        put(client, f"many/{number:05d}")
    put(client, "other")
    keys = [item.key for item in objects.list(Place("source", "many/"))]
    assert keys == [f"many/{number:05d}" for number in range(1003)]


def test_a_listing_begins_behind_a_key(client: Any, objects: S3Objects) -> None:
    for key in ("a", "b", "c"):
        put(client, key)
    assert [item.key for item in objects.list(Place("source", ""), after="a")] == ["b", "c"]


def test_a_listing_of_nothing_is_empty(objects: S3Objects) -> None:
    assert list(objects.list(Place("source", "nothing/"))) == []


def test_a_missing_bucket_is_missing(objects: S3Objects) -> None:
    with pytest.raises(Missing, match="nowhere"):
        list(objects.list(Place("nowhere", "")))


def test_a_missing_object_is_missing(objects: S3Objects) -> None:
    with pytest.raises(Missing, match="s3://source/none"):
        objects.describe(Place("source", "none"))


def test_a_copy_keeps_metadata_headers_and_tags(client: Any, objects: S3Objects) -> None:
    etag = put(
        client,
        ODD,
        b"data",
        Metadata={"who": "me"},
        ContentType="text/x",
        CacheControl="no-store",
        Tagging="a=1&b=x%20y",
    )
    assert objects.copy(Place("source", ODD), etag, Place("target", ODD), None) == etag
    copied = client.head_object(Bucket="target", Key=ODD)
    assert (copied["Metadata"], copied["ContentType"], copied["CacheControl"]) == ({"who": "me"}, "text/x", "no-store")
    assert tags(client, ODD) == {"a": "1", "b": "x y"}


def test_a_copy_of_a_changed_object_is_a_conflict(client: Any, objects: S3Objects) -> None:
    etag = put(client, "k", b"old")
    put(client, "k", b"new")
    with pytest.raises(Conflict):
        objects.copy(Place("source", "k"), etag, Place("target", "k"), None)


def test_a_copy_is_encrypted_as_asked(client: Any, objects: S3Objects) -> None:
    etag = put(client, "k")
    objects.copy(Place("source", "k"), etag, Place("target", "k"), Encryption("aws:kms", "alias/mine"))
    described = objects.describe(Place("target", "k")).encryption
    assert described is not None
    assert described.algorithm == "aws:kms"
    assert "alias/mine" in (described.key or "")


def test_a_copy_in_parts_keeps_everything(client: Any, objects: S3Objects) -> None:
    body = b"a" * FIVE_MIB + b"tail"
    etag = put(
        client, ODD, body, Metadata={"who": "me"}, ContentType="text/x", ContentEncoding="gzip", Tagging="a=1&b=x%20y"
    )
    upload = objects.begin_parts(Place("source", ODD), Place("target", ODD), Encryption("AES256"))
    spans = [(0, FIVE_MIB - 1), (FIVE_MIB, len(body) - 1)]
    parts = [objects.copy_part(upload, Place("source", ODD), etag, n, span) for n, span in enumerate(spans, 1)]
    assert objects.end_parts(upload, parts).endswith("-2")
    copied = client.get_object(Bucket="target", Key=ODD)
    assert copied["Body"].read() == body
    assert (copied["Metadata"], copied["ContentType"], copied["ContentEncoding"], copied["ServerSideEncryption"]) == (
        {"who": "me"},
        "text/x",
        "gzip",
        "AES256",
    )
    assert tags(client, ODD) == {"a": "1", "b": "x y"}


def test_a_dropped_upload_leaves_nothing_and_may_be_dropped_again(client: Any, objects: S3Objects) -> None:
    put(client, "k")
    upload = objects.begin_parts(Place("source", "k"), Place("target", "k"), None)
    objects.drop_parts(upload)
    objects.drop_parts(upload)
    assert "Uploads" not in client.list_multipart_uploads(Bucket="target")


def test_a_file_goes_up_and_comes_down(objects: S3Objects, tmp_path: Path) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(b"x" * (9 * 1024 * 1024))
    objects.upload(there, Place("target", ODD), Encryption("AES256"))
    objects.download(Place("target", ODD), back)
    assert back.read_bytes() == there.read_bytes()


def test_downloading_nothing_is_missing(objects: S3Objects, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        objects.download(Place("source", "none"), tmp_path / "file")


def test_uploading_to_no_bucket_is_missing(objects: S3Objects, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(Missing):
        objects.upload(tmp_path / "file", Place("nowhere", "k"))


def test_small_objects_are_written_and_read(objects: S3Objects) -> None:
    objects.write(Place("target", "k"), b"abc")
    assert objects.read(Place("target", "k")) == b"abc"


@pytest.mark.parametrize("uri", ["", "b/k", "http://b/k", "s3:/b/k", "s3://", "s3:///k"])
def test_what_is_no_s3_uri_is_refused(uri: str) -> None:
    with pytest.raises(Rejected, match="s3://bucket/key expected"):
        parse_place(uri)


def test_uris_are_taken_as_written() -> None:
    assert parse_place("s3://b/a%20b+c//d") == Place("b", "a%20b+c//d")
    assert parse_directory("s3://b") == parse_directory("s3://b/") == Place("b", "")
    assert parse_directory("s3://b/d") == parse_directory("s3://b/d/") == Place("b", "d/")


def tags(client: Any, key: str) -> dict[str, str]:
    found = client.get_object_tagging(Bucket="target", Key=key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_an_object_streams_from_any_offset_in_one_version(client: Any, objects: S3Objects) -> None:
    content = bytes(range(256)) * 10_000
    etag = put(client, "a", content)
    assert b"".join(objects.stream(Place("source", "a"), etag)) == content
    assert b"".join(objects.stream(Place("source", "a"), etag, first=2_000_000)) == content[2_000_000:]
    assert b"".join(objects.stream(Place("source", "a"), etag, first=len(content))) == b""
    put(client, "a", b"other")
    with pytest.raises(Conflict):
        list(objects.stream(Place("source", "a"), etag))


def test_a_missing_object_does_not_stream(objects: S3Objects) -> None:
    with pytest.raises(Missing, match="s3://source/none"):
        list(objects.stream(Place("source", "none"), "e"))


def test_bytes_are_stored_in_parts(client: Any, objects: S3Objects) -> None:
    upload = objects.begin(Place("target", "b"), Encryption("AES256"))
    etags = [objects.put_part(upload, number, body) for number, body in ((1, b"x" * FIVE_MIB), (2, b"y"))]
    objects.end_parts(upload, etags)
    reply = client.get_object(Bucket="target", Key="b")
    assert reply["Body"].read() == b"x" * FIVE_MIB + b"y"
    assert reply["ServerSideEncryption"] == "AES256"


def test_a_copy_takes_one_request_and_no_other_when_it_goes_well(client: Any, objects: S3Objects) -> None:
    sent: list[str] = []
    etag = put(client, ODD)
    client.meta.events.register("before-send.s3", lambda request, **_: sent.append(request.headers["Authorization"]))
    assert objects.copy(Place("source", ODD), etag, Place("target", "d//./x"), None) == etag
    assert client.get_object(Bucket="target", Key="d//./x")["Body"].read() == b"x"
    assert len(sent) == 2  # the copy, and this test's look at it


def test_a_copy_that_is_not_answered_well_is_asked_for_again(client: Any, objects: S3Objects) -> None:
    etag = put(client, "k")
    answers = [AWSResponse("http://x", status, {}, Raw(b"<Error/>")) for status in (500, 301, 200)]
    client.meta.events.register_first("before-send.s3.CopyObject", lambda **_: answers.pop() if answers else None)
    for _ in range(3):
        assert objects.copy(Place("source", "k"), etag, Place("target", "k"), None) == etag


def test_a_copy_to_nowhere_says_so(client: Any, objects: S3Objects) -> None:
    with pytest.raises(Missing, match="NoSuchBucket"):
        objects.copy(Place("source", "k"), put(client, "k"), Place("nowhere", "k"), None)


def test_a_span_ends_where_the_object_does(client: Any, objects: S3Objects) -> None:
    put(client, "spanned", b"0123456789")
    spans = [(2, 4), (8, 20), (10, 12)]
    assert [objects.span(Place("source", "spanned"), *span) for span in spans] == [b"234", b"89", b""]
