"""CopyActivity between S3 data nodes whose formats or compressions differ, or that join objects into one."""

import gzip
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.transfer.limits import CopyLimits
from chalicelib.work.copies.copy import copy_chunk
from chalicelib.work.outcome import Failed, FannedOut, Finished, Unfinished
from tests.unit.work.test_copy import MIB, before, copying, counted, done, held, hours, node, put, run, several
from tests.workbench import item, tools

LOG = item("Log", type="RegEx", inputRegEx=r"(\w+) \[(.*)\]", outputFormat="%2$s|%1$s")
FORMATS = [
    item("Csv", type="CSV"),
    item("Tsv", type="TSV"),
    item("Typed", type="CSV", column=["name STRING", "score INT"]),
    item("Swapped", type="CSV", column=["score INT", "name STRING"]),
    item("Renamed", type="CSV", column=["who STRING", "points INT"]),
    item("One", type="TSV", column=["score INT"]),
    item("Pipes", type="Custom", columnSeparator="|", recordSeparator=";", escapeChar="^"),
    LOG,
]


def side(name: str, path: str, form: str | None, packed: bool = False) -> PipelineObject:
    fields: dict[str, Any] = {"directoryPath" if path.endswith("/") else "filePath": path}
    if form:
        fields["dataFormat"] = Ref(form)
    return node(name, **fields, **({"compression": "gzip"} if packed else {}))


def converting(source: str | None, target: str | None, packed: tuple[bool, bool] = (False, False)) -> Task:
    given = side("In", "s3://source/d/", source, packed[0]), side("Out", "s3://target/e/", target, packed[1])
    return copying(*given, *FORMATS)


def joining(source: str | None, target: str | None, packed: tuple[bool, bool] = (False, False)) -> Task:
    given = side("In", "s3://source/d/", source, packed[0]), side("Out", "s3://target/all", target, packed[1])
    return copying(*given, *FORMATS)


def fault_of(s3: Any, tmp_path: Path, given: Task) -> str:
    outcome = run(s3, tmp_path, given)
    assert isinstance(outcome, Failed)
    return f"{outcome.error_id}: {outcome.message}"


@pytest.mark.parametrize(
    ("source", "target", "content", "expected"),
    [
        ("Csv", "Tsv", b"a,b\\,c\n\\N,\n", b"a\tb,c\n\\N\t\n"),
        ("Tsv", "Csv", b"a\tb,c\n", b"a,b\\,c\n"),
        (None, "Tsv", b"a,b", b"a\tb\n"),
        ("Csv", "Pipes", b"a,b|\nc,;\n", b"a|b^|;c|^;;"),
        ("Pipes", "Csv", b"a|b^|;c|^;;", b"a,b|\nc,;\n"),
        ("Log", "Csv", b"ann [x,y]\nbob []\n", b"ann,x\\,y\nbob,\n"),
        ("Csv", "Log", b"ann,x\n", b"x|ann\n"),
        ("Typed", "Swapped", b"ann,1\n", b"1,ann\n"),
        ("Typed", "One", b"ann,1\n", b"1\n"),
        ("Typed", "Renamed", b"ann,1\n", b"ann,1\n"),
        ("Csv", "Typed", b"", b""),
    ],
)
def test_records_are_converted(
    s3: Any, tmp_path: Path, source: str | None, target: str | None, content: bytes, expected: bytes
) -> None:
    put(s3, "d/x", Body=content)
    assert run(s3, tmp_path, converting(source, target)) == done(1, len(expected))
    assert held(s3) == {"e/x": expected}


@pytest.mark.parametrize("packed", [(True, False), (False, True)])
@pytest.mark.parametrize("target", ["Csv", "Tsv"])
def test_gzip_comes_and_goes(s3: Any, tmp_path: Path, packed: tuple[bool, bool], target: str) -> None:
    put(s3, "d/x", Body=gzip.compress(b"a,b\n") if packed[0] else b"a,b\n")
    assert isinstance(run(s3, tmp_path, converting("Csv", target, packed)), Finished)
    found = held(s3)["e/x"]
    assert (gzip.decompress(found) if packed[1] else found) == (b"a,b\n" if target == "Csv" else b"a\tb\n")


def test_only_the_compression_changes_where_formats_are_equal(s3: Any, tmp_path: Path) -> None:
    odd = b"\xff\r\n\\"
    put(s3, "d/x", Body=gzip.compress(odd) + gzip.compress(b"more"))
    run(s3, tmp_path, converting(None, None, (True, False)))
    assert held(s3) == {"e/x": odd + b"more"}


def test_names_are_kept_and_markers_of_directories_are_not(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/", "d/sub/", Body=b"")
    put(s3, "d/1.csv", "d/sub/2.csv.gz")
    assert isinstance(run(s3, tmp_path, converting("Csv", "Tsv")), Finished)
    assert set(held(s3)) == {"e/1.csv", "e/sub/2.csv.gz"}


@pytest.mark.parametrize(
    ("source", "target", "contents", "expected"),
    [
        (None, None, [b"a,b\n", b"", b"c,d"], b"a,b\nc,d\n"),
        ("Csv", "Csv", [b"a", b"b\\\n", b"c\n"], b"a\nb\\\n\nc\n"),
        ("Typed", "Typed", [b"a,1", b"b,2\n"], b"a,1\nb,2\n"),
        ("Log", "Log", [b"a [x]", b"b [\\"], b"a [x]\nb [\\\n"),
        ("Pipes", "Pipes", [b"a|1", b"b|2;"], b"a|1;b|2;"),
        ("Csv", "Tsv", [b"a,1", b"b,2"], b"a\t1\nb\t2\n"),
    ],
)
def test_objects_of_a_directory_are_joined_into_a_file(
    s3: Any, tmp_path: Path, source: str | None, target: str | None, contents: list[bytes], expected: bytes
) -> None:
    put(s3, "d/", Body=b"")
    for number, content in enumerate(contents):
        put(s3, f"d/{number}", Body=content)
    assert run(s3, tmp_path, joining(source, target)) == done(len(contents), len(expected))
    assert held(s3) == {"all": expected}


@pytest.mark.parametrize("packed", [(True, True), (True, False), (False, True)])
def test_joined_objects_may_be_compressed(s3: Any, tmp_path: Path, packed: tuple[bool, bool]) -> None:
    for number in range(3):
        put(s3, f"d/{number}", Body=gzip.compress(b"%d" % number) if packed[0] else b"%d" % number)
    run(s3, tmp_path, joining(None, None, packed))
    found = held(s3)["all"]
    assert (gzip.decompress(found) if packed[1] else found) == b"0\n1\n2\n"


def test_many_objects_are_joined_in_order_in_one_request_each(s3: Any, tmp_path: Path) -> None:
    put(s3, *(f"d/{number:02}" for number in range(50)))
    requests = counted(s3)
    assert isinstance(run(s3, tmp_path, joining(None, None)), Finished)
    assert requests == {"ListObjectsV2": 1, "HeadObject": 1, "GetObject": 50, "PutObject": 1}
    assert held(s3)["all"] == b"".join(b"d/%02d\n" % number for number in range(50))


def test_several_inputs_are_joined_in_order_of_their_keys(s3: Any, tmp_path: Path) -> None:
    put(s3, "x/2", "x/1")
    inputs = [side("A", "s3://source/x/2", None), side("B", "s3://source/x/1", None)]
    assert isinstance(run(s3, tmp_path, several(inputs, side("Out", "s3://target/all", None))), Finished)
    assert held(s3) == {"all": b"x/1\nx/2\n"}


def test_inputs_of_different_formats_are_refused(s3: Any, tmp_path: Path) -> None:
    inputs = [side("A", "s3://source/x/2", None), side("B", "s3://source/x/1", None, packed=True)]
    told = fault_of(s3, tmp_path, several(inputs, side("Out", "s3://target/all", None)))
    assert "input A has compression none" in told
    assert "input B has gzip" in told


@pytest.mark.parametrize(
    ("source", "target", "content", "told"),
    [
        ("Typed", "Tsv", b"a,1\nb,x\n", "s3://source/d/2, line 2, column 2 (score): 'x' is no INT"),
        ("Typed", "Tsv", b"a,1\nb\n", "s3://source/d/2, line 2: too few columns: 1 found, 2 expected"),
        ("Csv", "Typed", b"a,1,2\n", "s3://source/d/2, line 1: too many columns: 3 found, 2 expected"),
        ("Csv", "Tsv", b"a\\", "s3://source/d/2, line 1, column 1: bad escape"),
        ("Csv", "Tsv", b"a\n\xff\n", "s3://source/d/2, line 2, column 1: byte 0xff is not valid UTF-8"),
        ("Csv", "Tsv", b"a\r\n", "s3://source/d/2, line 1: the line ends with CR LF"),
        ("Log", "Csv", b"a [b]\na b\n", "s3://source/d/2, line 2: 'a b' does not match inputRegEx"),
        ("Csv", "Log", b"a,b\na\n", "s3://source/d/2, line 2: outputFormat names column 2, the row has 1"),
        ("Csv", "Tsv", gzip.compress(b"a", mtime=0), "s3://source/d/2: the content is gzip: set compression to gzip"),
    ],
)
@pytest.mark.parametrize("joined", [False, True])
def test_bad_records_name_the_place_and_leave_the_output_as_it_was(
    s3: Any, tmp_path: Path, source: str, target: str, content: bytes, told: str, joined: bool
) -> None:
    put(s3, "d/2", Body=content)
    for key in ("e/2", "all"):
        s3.put_object(Bucket="target", Key=key, Body=b"old")
    given = joining(source, target) if joined else converting(source, target)
    if joined:
        put(s3, "d/1", Body=b"a [b]\n" if source == "Log" else b"a,1\n")
    assert told in fault_of(s3, tmp_path, given)
    assert held(s3) == {"e/2": b"old", "all": b"old"}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="target")


@pytest.mark.parametrize("joined", [False, True])
def test_truncated_gzip_names_the_object_and_leaves_nothing(s3: Any, tmp_path: Path, joined: bool) -> None:
    put(s3, "d/1", Body=gzip.compress(b"a,b\n"))
    put(s3, "d/2", Body=gzip.compress(b"a,b\n" * 100)[:-9])
    given = joining(None, None, (True, False)) if joined else converting(None, None, (True, False))
    assert fault_of(s3, tmp_path, given) == "BadFile: s3://source/d/2: the gzip content is truncated"
    assert not {"e/2", "all"} & set(held(s3))


def test_a_line_of_100_mb_is_refused_in_little_memory(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", Body=gzip.compress(b"x" * 100 * MIB, 1))
    tracemalloc.start()
    told = fault_of(s3, tmp_path, converting("Csv", "Tsv", (True, False)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "s3://source/d/1, line 1: the record is longer than" in told
    assert peak < 80 * MIB


def test_output_of_many_parts_is_whole_and_equal_each_time(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", Body=b"".join(b"%d,name %d\n" % (number, number) for number in range(900_000)))
    requests = counted(s3)
    etags = []
    for _ in range(2):
        assert isinstance(run(s3, tmp_path, converting("Csv", "Tsv")), Finished)
        etags.append(s3.head_object(Bucket="target", Key="e/1")["ETag"])
    assert etags[0] == etags[1]
    assert requests["UploadPart"] > 2
    assert held(s3)["e/1"] == b"".join(b"%d\tname %d\n" % (number, number) for number in range(900_000))


def test_a_kms_key_is_kept_by_what_is_converted_or_joined(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1", "d/2", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/mine")
    for given, key in ((converting("Csv", "Tsv"), "e/1"), (joining(None, None), "all")):
        run(s3, tmp_path, given)
        assert "alias/mine" in s3.head_object(Bucket="target", Key=key)["SSEKMSKeyId"]


def test_an_object_that_changed_since_it_was_listed_is_converted_as_it_is_now(s3: Any, tmp_path: Path) -> None:
    put(s3, "d/1")
    changes = iter([b"newer,x\n"])

    def change(**_: Any) -> None:
        for body in changes:
            s3.put_object(Bucket="source", Key="d/1", Body=body)

    s3.meta.events.register("before-call.s3.GetObject", change)
    assert isinstance(run(s3, tmp_path, converting("Csv", "Tsv")), Finished)
    assert held(s3) == {"e/1": b"newer\tx\n"}


@pytest.mark.parametrize("joined", [False, True])
def test_an_object_that_has_gone_is_left_out(s3: Any, tmp_path: Path, joined: bool) -> None:
    put(s3, "d/1", "d/2")
    gone = iter([None])
    before(s3, "GetObject", lambda: [s3.delete_object(Bucket="source", Key="d/1") for _ in gone])
    given = joining(None, None) if joined else converting("Csv", "Tsv")
    outcome = run(s3, tmp_path, given)
    assert isinstance(outcome, Finished)
    assert dict(outcome.fields)["objectsCopied"] == "1"
    assert held(s3) == ({"all": b"d/2\n"} if joined else {"e/2": b"d/2\n"})


def test_a_missing_file_fails(s3: Any, tmp_path: Path) -> None:
    given = copying(side("In", "s3://source/none", "Csv"), side("Out", "s3://target/e/", "Tsv"), *FORMATS)
    assert fault_of(s3, tmp_path, given).startswith("Missing: describe s3://source/none")


def test_conversion_stops_before_its_time_is_up_and_goes_on_later(s3: Any, tmp_path: Path) -> None:
    put(s3, *(f"d/{number:02}" for number in range(40)))
    given = converting("Csv", "Tsv")
    outcome = run(s3, tmp_path, given, time_left=hours(30))
    assert isinstance(outcome, Unfinished)
    count = len(held(s3))
    assert 0 < count < 40
    assert isinstance(run(s3, tmp_path, replace(given, checkpoint=outcome.checkpoint)), Finished)
    assert len(held(s3)) == 40


@pytest.mark.parametrize("joined", [False, True])
def test_an_object_that_no_function_has_time_for_says_so(s3: Any, tmp_path: Path, joined: bool) -> None:
    for key in ("d/1", "d/2"):
        put(s3, key, Body=b"a,b\n" * MIB)
    given = joining(None, None) if joined else converting("Csv", "Tsv")
    outcome = run(s3, tmp_path, given, time_left=hours(4))
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "OutOfTime"
    assert "placement" in outcome.message
    assert held(s3) == {}


@pytest.mark.parametrize("joined", [False, True])
def test_a_canceled_conversion_leaves_no_upload(s3: Any, tmp_path: Path, joined: bool) -> None:
    for key in ("d/1", "d/2"):
        put(s3, key, Body=b"a,b\n" * 5 * MIB)
    answers = iter([False] * 15)
    given = joining(None, None) if joined else converting("Csv", "Tsv")
    outcome = run(s3, tmp_path, given, cancelled=lambda: next(answers, True))
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Canceled"
    assert held(s3) == {}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="target")


def test_many_objects_are_converted_in_chunks(s3: Any, tmp_path: Path) -> None:
    put(s3, *(f"d/{number:02d}" for number in range(25)))
    given = converting("Csv", "Tsv")
    outcome = run(s3, tmp_path, given, fans_out=True, copy_limits=CopyLimits(inline=10, chunk_objects=10))
    assert isinstance(outcome, FannedOut)
    assert held(s3) == {}
    counts = [copy_chunk(given, chunk, tools(given, s3, tmp_path)) for chunk in outcome.chunks]
    assert counts == [done(10, 50), done(10, 50), done(5, 25)]
    assert held(s3)["e/00"] == b"d/00\n"
