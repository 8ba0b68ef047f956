"""The Task Runner's own log files."""

import gzip
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.ports.objects import Place
from taskrunner.logs import HourlyLog, LogKeeper
from tests.s3_on_moto import s3_client

NOW = datetime(2026, 2, 3, 23, 30, tzinfo=UTC)


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()


def write(folder: Path, moment: datetime, text: str) -> None:
    handler = HourlyLog(folder)
    record = logging.makeLogRecord({"msg": text, "created": moment.timestamp()})
    handler.emit(record)


def keeper(folder: Path, s3: Any, bucket: str = "target") -> LogKeeper:
    return LogKeeper(folder, S3Objects(s3), Place(bucket, "logs/me/"), lambda: NOW)


def pushed(s3: Any) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket="target").get("Contents", ())]


def test_each_hour_has_a_file(tmp_path: Path) -> None:
    write(tmp_path, NOW, "one")
    write(tmp_path, NOW, "two")
    write(tmp_path, NOW + timedelta(hours=1), "three")
    assert (tmp_path / "Task Runner.log.2026-02-03-23").read_text() == "one\ntwo\n"
    assert (tmp_path / "Task Runner.log.2026-02-04-00").read_text() == "three\n"


def test_hours_that_are_over_are_pushed_and_the_current_one_at_the_end(tmp_path: Path, s3: Any) -> None:
    write(tmp_path, NOW - timedelta(hours=1), "old")
    write(tmp_path, NOW, "new")
    kept = keeper(tmp_path, s3)
    kept.tidy()
    assert pushed(s3) == ["logs/me/Task Runner.log.2026-02-03-22"]
    kept.close()
    assert pushed(s3)[-1] == "logs/me/Task Runner.log.2026-02-03-23"


def test_files_are_packed_after_eight_hours(tmp_path: Path, s3: Any) -> None:
    write(tmp_path, NOW - timedelta(hours=9), "old")
    write(tmp_path, NOW - timedelta(hours=7), "new")
    keeper(tmp_path, s3).tidy()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "Task Runner.log.2026-02-03-14.gz",
        "Task Runner.log.2026-02-03-16",
    ]
    assert gzip.decompress((tmp_path / "Task Runner.log.2026-02-03-14.gz").read_bytes()) == b"old\n"


def test_a_push_that_fails_is_tried_again(tmp_path: Path, s3: Any) -> None:
    write(tmp_path, NOW - timedelta(hours=1), "old")
    kept = keeper(tmp_path, s3)
    s3.delete_bucket(Bucket="target")
    kept.tidy()
    s3.create_bucket(Bucket="target")
    kept.tidy()
    assert pushed(s3) == ["logs/me/Task Runner.log.2026-02-03-22"]
