"""Large tables in ranges of their key, by several functions or by one after the other."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.ports.databases import Address, Engine, Session
from chalicelib.ports.objects import Place, Upload
from chalicelib.transfer.limits import CopyLimits
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.registry import CHUNKS, SERVERLESS
from tests.s3_on_moto import s3_client
from tests.workbench import item, task, tools

pytestmark = pytest.mark.xdist_group("databases")  # in one worker: each server starts once

ROWS = 60_000
NOTE = "x" * 190
CONTENT = "".join(f"{n},{NOTE}\n" for n in range(ROWS)).encode()
COPY = item("Copy", type="CopyActivity", input=Ref("In"), output=Ref("Out"))
SMALL = CopyLimits(range_size=1, range_rows=7_000)
LONG = timedelta(minutes=15)


def fading() -> Callable[[], timedelta]:
    """Time that runs out from one look to the next."""
    left = LONG

    def look() -> timedelta:
        nonlocal left
        left -= timedelta(seconds=45)
        return left

    return look


@dataclass
class Desk:
    """A server with one table, and storage."""

    s3: Any
    scratch: Path
    address: Address
    session: Session

    def task(self, source: PipelineObject, target: PipelineObject) -> Task:
        found = self.address
        postgres = found.engine is Engine.POSTGRESQL
        url = f"jdbc:{'postgresql' if postgres else 'mysql'}://{found.host}:{found.port}/{found.database}"
        more = {"jdbcProperties": "currentSchema=work"} if postgres else {}
        database = item("Db", type="JdbcDatabase", connectionString=url, username=found.user, **more)
        return task(COPY, source, target, database)

    def run(self, given: Task, **more: Any) -> Outcome:
        self.session.rollback()
        given_tools = {"copy_limits": SMALL, "time_left": lambda: LONG, "fans_out": True, **more}
        return execute(SERVERLESS, given, tools(given, self.s3, self.scratch, **given_tools))

    def chunk(self, given: Task, text: str) -> Finished:
        used = tools(given, self.s3, self.scratch, copy_limits=SMALL, time_left=lambda: LONG)
        done = CHUNKS["CopyActivity"].act(given, text, used)
        assert isinstance(done, Finished)
        return done

    def finish(self, given: Task, done: list[Finished]) -> Finished | Failed:
        results = [one.fields for one in done]
        return CHUNKS["CopyActivity"].finish(given, results, tools(given, self.s3, self.scratch))

    def in_turns(self, given: Task) -> tuple[Outcome, int]:
        """Function after function until it is done, and how many there were."""
        for number in range(1, 50):
            outcome = self.run(given, time_left=fading())
            if not isinstance(outcome, Unfinished):
                return outcome, number
            given = replace(given, checkpoint=outcome.checkpoint)
        raise AssertionError("it never ends")

    def held(self) -> list[str]:
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket="target").get("Contents", ())]

    def stored(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket="target", Key=key)["Body"].read())


def sql(name: str, of: str = "things", **fields: str) -> PipelineObject:
    return item(name, type="SqlDataNode", table=of, database=Ref("Db"), **fields)


def s3_out(**fields: str) -> PipelineObject:
    return item("Out", type="S3DataNode", **(fields or {"directoryPath": "s3://target/d/"}))


@pytest.fixture(scope="module")
def storage() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()


@pytest.fixture
def desk(storage: Any, address: Address, session: Session, tmp_path: Path) -> Desk:
    made = Desk(storage, tmp_path, address, session)
    for key in made.held():
        storage.delete_object(Bucket="target", Key=key)
    for name in ("things", "others"):
        session.run(f"CREATE TABLE {name} (id INT PRIMARY KEY, note VARCHAR(200))")
    session.load(session.table("things", None), ("id", "note"), [CONTENT], ",")
    session.commit()
    if address.engine is Engine.MYSQL:
        session.rows("ANALYZE TABLE things")
    return made


def sorted_lines(content: bytes) -> list[bytes]:
    return sorted(content.splitlines())


def test_a_directory_gets_a_part_for_each_range(desk: Desk) -> None:
    given = desk.task(sql("In"), s3_out())
    desk.s3.put_object(Bucket="target", Key="d/part-00042", Body=b"of an earlier copy")
    desk.s3.put_object(Bucket="target", Key="d/part-notes", Body=b"somebody's")
    shared = desk.run(given)
    assert isinstance(shared, FannedOut)
    assert len(shared.chunks) == 9
    done = [desk.chunk(given, text) for text in shared.chunks]
    assert desk.finish(given, done) == Finished((("rowsCopied", str(ROWS)), ("bytesCopied", str(len(CONTENT)))))
    parts = [f"d/part-{number:05d}" for number in range(9)]
    assert desk.held() == [*parts, "d/part-notes"]
    assert sorted_lines(b"".join(map(desk.stored, parts))) == sorted_lines(CONTENT)


def test_a_cut_table_is_cut_again_at_the_same_keys(desk: Desk) -> None:
    given = desk.task(sql("In"), s3_out())
    shared = desk.run(given)
    assert isinstance(shared, FannedOut)
    desk.session.run("DELETE FROM things WHERE id < 40000")
    desk.session.commit()
    assert desk.run(replace(given, checkpoint=shared.checkpoint)) == shared


def test_a_query_for_the_whole_table_is_the_table(desk: Desk) -> None:
    for query in ("SELECT * FROM things;", "select *\nfrom THINGS"):
        assert isinstance(desk.run(desk.task(sql("In", selectQuery=query), s3_out())), FannedOut)


def test_what_cannot_be_cut_is_read_at_once(desk: Desk) -> None:
    given = desk.task(sql("In", selectQuery="SELECT * FROM things WHERE id < 5"), s3_out())
    assert desk.run(given) == Finished((("rowsCopied", "5"), ("bytesCopied", "965")))
    assert desk.held() == ["d/part-00000"]
    assert isinstance(desk.run(desk.task(sql("In"), s3_out()), time_left=lambda: None, fans_out=False), Finished)


def test_a_file_is_written_by_one_function_after_the_other(desk: Desk) -> None:
    for key, fields in {"whole": {}, "whole.gz": {"compression": "gzip"}}.items():
        given = desk.task(sql("In"), s3_out(filePath=f"s3://target/{key}", **fields))
        outcome, turns = desk.in_turns(given)
        assert isinstance(outcome, Finished)
        assert dict(outcome.fields)["rowsCopied"] == str(ROWS)
        content = desk.stored(key)
        assert sorted_lines(gzip.decompress(content) if fields else content) == sorted_lines(CONTENT)
        assert turns > 1 or fields  # packed it is too small for two parts
    assert not desk.s3.list_multipart_uploads(Bucket="target").get("Uploads")


def test_a_function_killed_behind_a_checkpoint_changes_nothing(desk: Desk) -> None:
    given = desk.task(sql("In"), s3_out(filePath="s3://target/whole"))
    first = desk.run(given, time_left=fading())
    assert isinstance(first, Unfinished)
    after = replace(given, checkpoint=first.checkpoint)
    uploads = desk.s3.list_multipart_uploads(Bucket="target")["Uploads"]
    for number in (2, 3):  # what it had put when it was killed
        desk.s3.upload_part(
            Bucket="target", Key="whole", UploadId=uploads[0]["UploadId"], PartNumber=number, Body=b"z" * 6_000_000
        )
    assert isinstance(desk.run(after), Finished)
    assert sorted_lines(desk.stored("whole")) == sorted_lines(CONTENT)


class Gone(BaseException):
    """The function is gone: nothing of it runs any more."""


class Dying(S3Objects):
    """Storage as a function sees it that is killed when it hands over its first part."""

    def put_part(self, upload: Upload, number: int, content: bytes) -> str:
        super().put_part(upload, number, content)
        raise Gone

    def drop_parts(self, upload: Upload) -> None:
        """Who is gone drops nothing."""

    def delete(self, place: Place) -> None:
        """Nor deletes."""


def test_the_upload_of_a_function_that_was_killed_is_dropped_by_the_next(desk: Desk) -> None:
    given = desk.task(sql("In"), s3_out(filePath="s3://target/all.csv"))
    with pytest.raises(Gone):
        desk.run(given, time_left=fading(), objects=Dying(desk.s3))
    assert len(desk.s3.list_multipart_uploads(Bucket="target")["Uploads"]) == 1
    outcome = desk.run(given, resumed=True)
    assert isinstance(outcome, Finished)
    assert "Uploads" not in desk.s3.list_multipart_uploads(Bucket="target")
    assert sorted_lines(desk.stored("all.csv")) == sorted_lines(CONTENT)
    assert desk.held() == ["all.csv"]


def test_a_table_is_copied_by_one_function_after_the_other(desk: Desk) -> None:
    given = desk.task(sql("In"), sql("Out", of="others"))
    outcome, turns = desk.in_turns(given)
    assert outcome == Finished((("rowsCopied", str(ROWS)),))
    assert turns > 1
    desk.session.rollback()
    assert desk.session.rows("SELECT count(*), count(DISTINCT id) FROM others") == [(str(ROWS), str(ROWS))]


def test_a_failed_file_leaves_no_upload_behind(desk: Desk) -> None:
    given = desk.task(sql("In"), s3_out(filePath="s3://target/whole"))
    assert isinstance(desk.run(given, cancelled=lambda: True), Failed)
    assert not desk.s3.list_multipart_uploads(Bucket="target").get("Uploads")
    assert desk.held() == []
