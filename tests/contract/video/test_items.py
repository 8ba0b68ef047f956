"""Frames of a VideoDataNode as items: cut, read, read again from anywhere, copied to S3."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.inference.shares import Lane, lanes_of, thinned
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.ports.errors import Rejected
from chalicelib.work.copies.activity import copy_activity
from chalicelib.work.execute import execute
from chalicelib.work.inference.frame_items import frame_items
from chalicelib.work.inference.items import Item, Items
from chalicelib.work.outcome import Failed, Finished, Outcome, Unfinished
from chalicelib.work.registry import SERVERLESS
from chalicelib.work.tools import Tools
from chalicelib.work.video_nodes import query_of
from local.video.record import Recorded
from tests.contract.video.conftest import BEGIN, Studio
from tests.video_clips import write_clip
from tests.workbench import item, task, tools


def _at(offset: float) -> str:
    return datetime.fromtimestamp(BEGIN + offset, UTC).isoformat(timespec="milliseconds")


def _items(studio: Studio, **fields: Any) -> Items:
    node = item("Camera", streamName=studio.name, **fields)
    return frame_items(query_of(node), studio.videos)


def _all(items: Items, lanes: int = 3) -> list[Item]:
    return [found for lane in lanes_of(thinned(items.cuts()), lanes) for found in items.read(lane, None)]


def _faults(found: list[Item]) -> list[str]:
    return [each.fault.code if each.fault else "" for each in found]


def _whole(items: Items) -> Lane:
    return Lane(None, list(items.cuts())[-1].place)


RANGES = [
    {"startTime": _at(0.1), "endTime": _at(9), "samplingInterval": "200"},
    {"startTime": _at(0), "endTime": _at(9), "samplingInterval": "300", "frames": "decoded"},
]


@pytest.mark.parametrize("fields", RANGES, ids=["stills", "decoded"])
def test_lanes_hold_every_frame_once_in_order(studio: Studio, fields: dict[str, str]) -> None:
    studio.put(studio.clip(6))
    items = _items(studio, **fields)
    found = _all(items)
    ids = [each.id for each in found]
    assert ids == [each.id for each in items.read(_whole(items), None)]
    assert ids == sorted(set(ids), key=items.rank)
    assert len(ids) == (45 if "frames" not in fields else 21)


@pytest.mark.parametrize("fields", RANGES, ids=["stills", "decoded"])
def test_reading_goes_on_behind_any_frame(studio: Studio, fields: dict[str, str]) -> None:
    studio.put(studio.clip(6))
    items = _items(studio, **fields)
    found = [each.id for each in items.read(_whole(items), None)]
    for at in (0, 6, 7, len(found) - 1):
        assert [each.id for each in items.read(_whole(items), found[at])] == found[at + 1 :]


def test_a_still_without_media_is_an_item_with_a_fault(studio: Studio) -> None:
    studio.put(studio.clip(2))
    found = _all(_items(studio, startTime=_at(0), endTime=_at(4), samplingInterval="500"))
    assert _faults(found) == [""] * 4 + ["NO_MEDIA"] * 4


def test_decoded_frames_are_those_at_each_interval_of_a_fragment(studio: Studio) -> None:
    put = studio.put(studio.clip(6))
    found = _all(_items(studio, startTime=_at(0), endTime=_at(9), samplingInterval="500", frames="decoded"))
    assert [each.id for each in found] == [
        f"{studio.name}#{played.number}+{offset}" for played in put for offset in (0, 500, 1000, 1500)
    ]


def test_without_an_interval_every_frame_is_decoded(studio: Studio) -> None:
    put = studio.put(studio.clip(6))
    found = _all(_items(studio, fragmentNumber=put[1].number, samplingInterval="0"))
    assert [each.id.partition("+")[2] for each in found] == [str(100 * step) for step in range(20)]


def test_a_range_of_fragments_includes_both_ends(studio: Studio) -> None:
    put = [played for turn in range(4) for played in studio.put(studio.clip(6), BEGIN + 6 * turn)]
    found = _all(_items(studio, firstFragment=put[1].number, lastFragment=put[11].number, samplingInterval="9000"))
    assert [each.id for each in found] == [f"{studio.name}#{played.number}+0" for played in put[1:12]]


def test_a_fragment_that_is_gone_is_one_item_with_a_fault(studio: Studio) -> None:
    put = studio.put(studio.clip(6))
    gone = str(int(put[0].number) + 1)
    found = _all(_items(studio, fragmentNumber=[put[2].number, gone, put[0].number], samplingInterval="9000"), 1)
    assert _faults(found) == ["", "NO_MEDIA", ""]
    assert [each.id.partition("#")[2] for each in found] == [
        f"{number}+0" for number in (put[0].number, gone, put[2].number)
    ]


def test_a_codec_that_changes_in_mid_stream_changes_nothing(studio: Studio, tmp_path: Path) -> None:
    put = studio.put(studio.clip(2))
    other = Recorded(write_clip(tmp_path / "other.mkv", 2, "mpeg4").read_bytes(), 0, 2)
    put.append(studio.producer.put(other, BEGIN + 2, {}))
    put += studio.put(write_clip(tmp_path / "other.mp4", 2, profile="high", level="4.1"), BEGIN + 4)
    found = _all(_items(studio, startTime=_at(0), endTime=_at(9), frames="decoded"))
    assert _faults(found) == [""] * 6
    assert [each.id.partition("#")[2] for each in found] == [
        f"{played.number}+{offset}" for played in put for offset in (0, 1000)
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "one of them expected"),
        ({"startTime": "yesterday", "endTime": _at(1)}, "a time expected"),
        ({"startTime": _at(1), "endTime": _at(1)}, "a time after"),
        ({"startTime": _at(0), "endTime": _at(1), "samplingInterval": "0"}, "200 apart"),
        ({"fragmentNumber": "12", "frames": "stills"}, "decoded expected"),
        ({"fragmentNumber": "twelve"}, "up to 128 digits"),
    ],
)
def test_a_node_that_makes_no_sense_is_refused_by_field(fields: dict[str, str], said: str) -> None:
    with pytest.raises(Rejected, match=said):
        query_of(item("Camera", streamName="door", **fields))


class Desk:
    """A copy from a camera to a bucket."""

    def __init__(self, studio: Studio, scratch: Path, **fields: Any) -> None:
        self.bucket = studio.name.replace("_", "-")
        self.s3 = studio.clients("s3")
        self.s3.create_bucket(Bucket=self.bucket)
        camera = item("Camera", type="VideoDataNode", streamName=studio.name, **fields)
        folder = item("Folder", type="S3DataNode", directoryPath=f"s3://{self.bucket}/frames/")
        self.task = task(item("Copy", type="CopyActivity", input=Ref("Camera"), output=Ref("Folder")), camera, folder)
        self.tools = tools(self.task, self.s3, scratch, videos=studio.videos)

    def run(self, given: Task | None = None, **changes: Any) -> Outcome:
        found: Tools = replace(self.tools, **changes)
        return execute(SERVERLESS, given or self.task, found)

    def keys(self) -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", ())]


def test_a_copy_writes_one_object_a_frame_and_counts_what_is_missing(studio: Studio, tmp_path: Path) -> None:
    studio.put(studio.clip(2))
    desk = Desk(studio, tmp_path, startTime=_at(0), endTime=_at(3), samplingInterval="500")
    assert desk.run() == Finished((("framesCopied", "4"), ("framesMissing", "2")))
    assert desk.keys()[:2] == ["frames/2026-09-21T141320.250Z.jpg", "frames/2026-09-21T141320.750Z.jpg"]
    first = desk.s3.get_object(Bucket=desk.bucket, Key=desk.keys()[0])["Body"].read()
    assert first.startswith(b"\xff\xd8")


def test_a_copy_that_runs_out_of_time_goes_on_where_it_stopped(studio: Studio, tmp_path: Path) -> None:
    (put, *_) = studio.put(studio.clip(6))
    desk = Desk(studio, tmp_path, fragmentNumber=put.number, samplingInterval="500")
    outcome = desk.run(time_left=iter([timedelta(seconds=300), *[timedelta(0)] * 9]).__next__)
    for copied in (1, 2, 3):
        assert isinstance(outcome, Unfinished)
        assert json.loads(outcome.checkpoint)["copied"] == copied
        again = replace(desk.task, checkpoint=outcome.checkpoint)
        outcome = desk.run(again, time_left=iter([timedelta(seconds=300), *[timedelta(0)] * 9]).__next__)
    assert isinstance(outcome, Unfinished)
    assert desk.run(replace(desk.task, checkpoint=outcome.checkpoint)) == Finished(
        (("framesCopied", "4"), ("framesMissing", "0"))
    )
    assert desk.keys() == [f"frames/{put.number}_{offset}.jpg" for offset in (0, 1000, 1500, 500)]


def test_a_copy_of_a_stream_that_is_not_there_fails(studio: Studio, tmp_path: Path) -> None:
    desk = Desk(studio, tmp_path, startTime=_at(0), endTime=_at(1))
    camera = item("Camera", type="VideoDataNode", streamName="nobody", startTime=_at(0), endTime=_at(1))
    outcome = desk.run(replace(desk.task, objects={**desk.task.objects, "Camera": camera}))
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Missing"


def test_a_place_without_video_says_so(studio: Studio, tmp_path: Path) -> None:
    desk = Desk(studio, tmp_path, startTime=_at(0), endTime=_at(1))
    with pytest.raises(Rejected, match="no video can be reached"):
        copy_activity(desk.task, replace(desk.tools, videos=None))
