"""CopyActivity between S3 data nodes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import RLock
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.transfer.limits import CopyLimits
from chalicelib.work.copies.copy import copy_chunk
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.registry import SERVERLESS
from tests.s3_on_moto import Raw
from tests.workbench import item, task, tools

MIB = 1024 * 1024
ODD = "ä b+c%20&=?#'\"()[]~/日本 \U0001f600.txt"


def node(name: str, **fields: Any) -> PipelineObject:
    return item(name, type="S3DataNode", **fields)


def copying(source: PipelineObject, target: PipelineObject, *others: PipelineObject) -> Task:
    activity = item("Copy", type="CopyActivity", input=Ref(source.id), output=Ref(target.id))
    return task(activity, source, target, *others)


def directories(source: str = "s3://source/d/", target: str = "s3://target/e/") -> Task:
    return copying(node("In", directoryPath=source), node("Out", directoryPath=target))


def files(source: str, target: str) -> Task:
    return copying(node("In", filePath=source), node("Out", filePath=target))


def run(s3: Any, tmp_path: Path, given: Task, **changes: Any) -> Outcome:
    return execute(SERVERLESS, given, tools(given, s3, tmp_path, **changes))


def put(s3: Any, *keys: str, **arguments: Any) -> None:
    for key in keys:
        s3.put_object(Bucket="source", Key=key, Body=arguments.pop("Body", key.encode()), **arguments)


def held(s3: Any, bucket: str = "target") -> dict[str, bytes]:
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def counted(s3: Any) -> Counter[str]:
    requests: Counter[str] = Counter()
    s3.meta.events.register("before-send.s3", lambda event_name, **_: requests.update([event_name.split(".")[-1]]))
    return requests


def before(s3: Any, operation: str, act: Callable[[], Any]) -> None:
    """Do something before each such call; calls of other threads wait for it."""
    turn = RLock()

    def hook(**_: Any) -> None:
        with turn:
            act()

    s3.meta.events.register_first(f"before-send.s3.{operation}", hook)


def hours(looks: int) -> Callable[[], timedelta]:
    """Much time left for so many looks at the clock, then little."""
    left = iter([timedelta(hours=1)] * looks)
    return lambda: next(left, timedelta(seconds=5))


def done(objects: int, size_bytes: int) -> Finished:
    return Finished((("objectsCopied", str(objects)), ("bytesCopied", str(size_bytes))))


def test_a_file_is_copied_to_a_file(s3: Any, tmp_path: Path) -> None:
    put(s3, ODD)
    assert run(s3, tmp_path, files(f"s3://source/{ODD}", "s3://target/x/y")) == done(1, len(ODD.encode()))
    assert held(s3) == {"x/y": ODD.encode()}


def test_a_file_keeps_its_name_in_a_directory(s3: Any, tmp_path: Path) -> None:
    put(s3, "a/b.txt")
    given = copying(node("In", filePath="s3://source/a/b.txt"), node("Out", directoryPath="s3://target/e"))
    assert run(s3, tmp_path, given) == done(1, 7)
    assert list(held(s3)) == ["e/b.txt"]


@pytest.mark.parametrize("source", ["s3://source/d", "s3://source/d/"])
@pytest.mark.parametrize("target", ["s3://target/e", "s3://target/e/"])
def test_a_directory_is_copied_with_or_without_trailing_slashes(
    s3: Any, tmp_path: Path, source: str, target: str
) -> None:
    put(s3, "d/", "d/1", "d/sub/2", f"d/{ODD}", "d//double", "dd/other", "d.txt")
    assert isinstance(run(s3, tmp_path, directories(source, target)), Finished)
    assert set(held(s3)) == {"e/", "e/1", "e/sub/2", f"e/{ODD}", "e//double"}


@pytest.mark.parametrize("root", ["s3://source", "s3://source/"])
def test_a_whole_bucket_is_copied(s3: Any, tmp_path: Path, root: str) -> None:
    put(s3, "1", "d/2")
    assert isinstance(run(s3, tmp_path, directories(root, "s3://target")), Finished)
    assert held(s3) == {"1": b"1", "d/2": b"d/2"}


def test_a_prefix_is_copied_by_a_star(s3: Any, tmp_path: Path) -> None:
    put(s3, "logs/2026-01", "logs/2026-02/x", "logs/2025-12")
    run(s3, tmp_path, directories("s3://source/logs/2026-*", "s3://target/e"))
    assert list(held(s3)) == ["e/2026-01", "e/2026-02/x"]


def test_an_empty_directory_is_finished_with_nothing_copied(s3: Any, tmp_path: Path) -> None:
    assert run(s3, tmp_path, directories()) == done(0, 0)


def test_copies_take_one_request_an_object_and_one_list_per_thousand(s3: Any, tmp_path: Path) -> None:
    put(s3, *(f"d/{number:04d}" for number in range(50)))
    requests = counted(s3)
    run(s3, tmp_path, directories())
    assert requests == {"CopyObject": 50, "ListObjectsV2": 1, "HeadObject": 1}


def test_metadata_headers_and_tags_are_kept(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", Metadata={"who": "me"}, ContentType="text/x", Tagging="a=b")
    run(s3, tmp_path, directories())
    copied = s3.head_object(Bucket="target", Key="e/1")
    tags = s3.get_object_tagging(Bucket="target", Key="e/1")["TagSet"]
    assert (copied["Metadata"], copied["ContentType"], tags) == (
        {"who": "me"},
        "text/x",
        [{"Key": "a", "Value": "b"}],
    )


def test_a_kms_key_is_kept(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/mine")
    run(s3, tmp_path, directories())
    copied = s3.head_object(Bucket="target", Key="e/1")
    assert copied["ServerSideEncryption"] == "aws:kms"
    assert "alias/mine" in copied["SSEKMSKeyId"]


def test_encryption_that_is_asked_for_wins(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/mine")
    target = node("Out", directoryPath="s3://target/e", s3EncryptionType="SERVER_SIDE_ENCRYPTION")
    run(s3, tmp_path, copying(node("In", directoryPath="s3://source/d"), target))
    assert s3.head_object(Bucket="target", Key="e/1")["ServerSideEncryption"] == "AES256"


def test_a_large_object_is_copied_in_parts_like_its_own(s3: Any, tmp_path: Path) -> None:
    etag = put_in_parts(s3, "d/big", [b"a" * 6 * MIB, b"b" * 6 * MIB, b"c"])
    put(s3, "d/small")
    limits = CopyLimits(single=10 * MIB, part=5 * MIB)
    assert run(s3, tmp_path, directories(), copy_limits=limits) == done(2, 12 * MIB + 1 + 7)
    assert s3.head_object(Bucket="target", Key="e/big")["ETag"] == etag
    assert held(s3)["e/big"] == b"a" * 6 * MIB + b"b" * 6 * MIB + b"c"


def test_an_object_that_changed_since_it_was_listed_is_copied_as_it_is_now(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", "two/1", "two/2")
    changes = iter([b"newer"])

    def change(**_: Any) -> None:
        for body in changes:
            s3.put_object(Bucket="source", Key="d/1", Body=body)

    s3.meta.events.register_first("before-send.s3.CopyObject", change)
    assert isinstance(run(s3, tmp_path, directories()), Finished)
    assert held(s3)["e/1"] == b"newer"


def test_an_object_that_keeps_changing_fails(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1")
    bodies = iter(range(100))
    before(s3, "CopyObject", lambda: s3.put_object(Bucket="source", Key="d/1", Body=str(next(bodies)).encode()))
    outcome = run(s3, tmp_path, directories())
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "s3://source/d/1" in outcome.message) == ("Conflict", True)


def test_a_large_object_that_changes_leaves_no_upload(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", Body=b"a" * 11 * MIB)
    before(s3, "UploadPartCopy", lambda: s3.put_object(Bucket="source", Key="d/1", Body=b"short"))
    outcome = run(s3, tmp_path, directories(), copy_limits=CopyLimits(single=10 * MIB, part=5 * MIB))
    assert isinstance(outcome, Failed)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="target")


def test_an_object_that_has_gone_is_no_error(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", "two/1", "two/2")
    before(s3, "CopyObject", lambda: s3.delete_object(Bucket="source", Key="d/2"))
    assert run(s3, tmp_path, directories(), copy_limits=CopyLimits(parallel=1)) == done(1, 3)
    assert list(held(s3)) == ["e/1"]


def test_resumed_work_does_not_copy_again_what_is_there(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", "d/2", "d/3", f"d/{ODD}")
    run(s3, tmp_path, directories())
    s3.delete_object(Bucket="target", Key="e/2")
    s3.put_object(Bucket="target", Key="e/3", Body=b"else")
    requests = counted(s3)
    assert run(s3, tmp_path, directories(), resumed=True) == done(2, 6)
    assert (requests["CopyObject"], held(s3)["e/3"]) == (2, b"d/3")


def test_work_stops_before_its_time_is_up_and_goes_on_later(s3: Any, tmp_path: Path) -> None:
    put(s3, *(f"d/{number}" for number in range(9)))
    limits = CopyLimits(parallel=2)
    outcome = run(s3, tmp_path, directories(), time_left=hours(5), copy_limits=limits)
    assert isinstance(outcome, Unfinished)
    count = len(held(s3))
    assert 0 < count < 9
    again = replace(directories(), checkpoint=outcome.checkpoint)
    assert run(s3, tmp_path, again) == done(9 - count, (9 - count) * 3)
    assert len(held(s3)) == 9


def test_a_large_object_goes_on_with_its_missing_parts(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/0", "d/big2")
    put_in_parts(s3, "d/big1", [b"a" * 6 * MIB, b"b" * 6 * MIB, b"c" * 6 * MIB, b"d"])
    limits = CopyLimits(single=10 * MIB, part=5 * MIB, parallel=1)
    parts = counted(s3)
    given, outcome = directories(), None
    for _ in range(9):
        outcome = run(s3, tmp_path, given, time_left=hours(5), copy_limits=limits)
        if not isinstance(outcome, Unfinished):
            break
        given = replace(given, checkpoint=outcome.checkpoint)
    assert isinstance(outcome, Finished)
    assert (parts["UploadPartCopy"], parts["CreateMultipartUpload"], parts["CopyObject"]) == (4, 1, 2)
    assert held(s3)["e/big1"] == b"a" * 6 * MIB + b"b" * 6 * MIB + b"c" * 6 * MIB + b"d"


def test_a_large_object_whose_parts_have_gone_is_copied_anew(s3: Any, tmp_path: Path) -> None:
    put_in_parts(s3, "d/big", [b"a" * 6 * MIB, b"b" * 6 * MIB, b"c"])
    limits = CopyLimits(single=10 * MIB, part=5 * MIB, parallel=1)
    outcome = run(s3, tmp_path, directories(), time_left=hours(5), copy_limits=limits)
    assert isinstance(outcome, Unfinished)
    (upload,) = s3.list_multipart_uploads(Bucket="target")["Uploads"]
    s3.abort_multipart_upload(Bucket="target", Key="e/big", UploadId=upload["UploadId"])
    again = replace(directories(), checkpoint=outcome.checkpoint)
    assert isinstance(run(s3, tmp_path, again, copy_limits=limits), Finished)
    assert len(held(s3)["e/big"]) == 12 * MIB + 1


def test_an_object_that_changed_before_its_copy_went_on_is_copied_anew(s3: Any, tmp_path: Path) -> None:
    put_in_parts(s3, "d/big", [b"a" * 6 * MIB, b"b" * 6 * MIB, b"c"])
    limits = CopyLimits(single=10 * MIB, part=5 * MIB, parallel=1)
    outcome = run(s3, tmp_path, directories(), time_left=hours(5), copy_limits=limits)
    assert isinstance(outcome, Unfinished)
    put(s3, "d/big", Body=b"small now")
    assert isinstance(run(s3, tmp_path, replace(directories(), checkpoint=outcome.checkpoint)), Finished)
    assert held(s3)["e/big"] == b"small now"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="target")


def test_a_canceled_copy_leaves_no_upload(s3: Any, tmp_path: Path) -> None:
    put_in_parts(s3, "d/big", [b"a" * 6 * MIB, b"b" * 6 * MIB, b"c"])
    answers = iter([False] * 4)
    limits = CopyLimits(single=10 * MIB, part=5 * MIB, parallel=1)
    outcome = run(s3, tmp_path, directories(), cancelled=lambda: next(answers, True), copy_limits=limits)
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Canceled"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="target")


def test_a_refused_bucket_says_which(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1")
    refusal = AWSResponse("http://x", 403, {}, Raw(b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"))
    s3.meta.events.register("before-send.s3.ListObjectsV2", lambda **_: refusal)
    outcome = run(s3, tmp_path, directories())
    assert outcome == Failed("Denied", "list s3://source/d/: AccessDenied: no")


def test_many_objects_are_cut_into_chunks_that_do_the_same(s3: Any, tmp_path: Path) -> None:
    put(s3, *(f"d/{number:02d}" for number in range(25)))
    limits = CopyLimits(inline=10, chunk_objects=10)
    outcome = run(s3, tmp_path, directories(), fans_out=True, copy_limits=limits)
    assert isinstance(outcome, FannedOut)
    assert held(s3) == {}
    given = directories()
    counts = [copy_chunk(given, chunk, tools(given, s3, tmp_path)) for chunk in outcome.chunks]
    assert counts == [done(10, 40), done(10, 40), done(5, 20)]
    assert len(held(s3)) == 25


def test_more_than_can_be_cut_is_refused(s3: Any, tmp_path: Path) -> None:
    put(s3, *(f"d/{number:02d}" for number in range(25)))
    limits = CopyLimits(inline=10, chunked=20)
    outcome = run(s3, tmp_path, directories(), fans_out=True, copy_limits=limits)
    assert isinstance(outcome, Failed)
    assert "split the input" in outcome.message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (files("s3://source/none", "s3://target/x"), ["Missing", "s3://source/none"]),
        (directories("s3://nowhere/d"), ["Missing", "s3://nowhere/d/"]),
        (directories(target="s3://nowhere/"), ["Missing", "s3://nowhere/1"]),
        (directories("/local/path"), ["/local/path", "s3://bucket/key expected"]),
        (files("s3://source/d/", "s3://target/x"), ["directoryPath", "In"]),
        (directories("s3://source/d", "s3://source/d/e"), ["inside", "s3://source/d/e/"]),
        (files("s3://source/d/1", "s3://source/d/1"), ["inside"]),
        (
            copying(node("In", filePath="s3://source/d/1", compression="zip"), node("Out", filePath="s3://target/x")),
            ["compression of In is 'zip'", "none or gzip expected"],
        ),
        (
            copying(
                node("In", filePath="s3://source/d/1", dataFormat=Ref("Csv")),
                node("Out", filePath="s3://target/x", dataFormat=Ref("Export")),
                item("Csv", type="CSV"),
                item("Export", type="DynamoDBExportDataFormat"),
            ),
            ["Export", "CSV, TSV, Custom or RegEx expected"],
        ),
        (
            copying(item("In", type="SqlDataNode", table="t"), node("Out", filePath="s3://target/x")),
            ["In has no database", "JdbcDatabase"],
        ),
        (
            copying(item("In", type="DynamoDBDataNode"), node("Out", filePath="s3://target/x")),
            ["In is a DynamoDBDataNode", "S3DataNode or SqlDataNode expected"],
        ),
    ],
)
def test_what_cannot_be_copied_says_why(s3: Any, tmp_path: Path, given: Task, words: list[str]) -> None:
    put(s3, "d/1", "two/1", "two/2")
    outcome = run(s3, tmp_path, given)
    assert isinstance(outcome, Failed)
    text = f"{outcome.error_id} {outcome.message}"
    assert [word for word in words if word not in text] == []


def test_equal_formats_of_other_names_are_the_same(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1")
    given = copying(
        node("In", filePath="s3://source/d/1", dataFormat=Ref("One")),
        node("Out", filePath="s3://target/x", dataFormat=Ref("Two")),
        item("One", type="CSV", column=["a INT", "b STRING"]),
        item("Two", type="CSV", column=["a INT", "b STRING"]),
    )
    assert isinstance(run(s3, tmp_path, given), Finished)


def put_in_parts(s3: Any, key: str, bodies: list[bytes]) -> str:
    upload = s3.create_multipart_upload(Bucket="source", Key=key)["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(Bucket="source", Key=key, UploadId=upload, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in enumerate(bodies, 1)
    ]
    return str(
        s3.complete_multipart_upload(Bucket="source", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})[
            "ETag"
        ]
    )


def several(inputs: list[PipelineObject], target: PipelineObject) -> Task:
    activity = item("Copy", type="CopyActivity", input=[Ref(each.id) for each in inputs], output=Ref(target.id))
    return task(activity, *inputs, target)


def test_all_inputs_are_copied_and_keep_their_names_below_what_they_share(s3: Any, tmp_path: Path) -> None:
    keys = [f"logs/day/hour={hour:02}/data.csv" for hour in range(24)]
    put(s3, *keys, "logs/other")
    nodes = [node(f"In{key}", filePath=f"s3://source/{key}") for key in reversed(keys)]
    nodes.append(node("All", directoryPath="s3://source/logs/day/hour=07/"))
    outcome = run(s3, tmp_path, several(nodes, node("Out", directoryPath="s3://target/e/")))
    assert isinstance(outcome, Finished), outcome
    assert dict(outcome.fields)["objectsCopied"] == "24"
    assert sorted(held(s3)) == [key.replace("logs/day/", "e/") for key in keys]


def test_several_inputs_do_not_fit_two_buckets(s3: Any, tmp_path: Path) -> None:
    nodes = [node("A", filePath="s3://source/a"), node("B", filePath="s3://target/b")]
    of_two = run(s3, tmp_path, several(nodes, node("Out", directoryPath="s3://target/x/")))
    assert isinstance(of_two, Failed)
    assert "one bucket expected" in of_two.message


def test_a_directory_with_one_object_fits_a_file(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/only")
    given = copying(node("In", directoryPath="s3://source/d"), node("Out", filePath="s3://target/x"))
    assert isinstance(run(s3, tmp_path, given), Finished)
    assert held(s3) == {"x": b"d/only"}
