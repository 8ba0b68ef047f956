"""Results of models over REST, and the pictures they are about."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.work.inference.job import owner_of
from chalicelib.work.inference.outputs import attribute_of
from tests.s3_on_moto import s3_client
from tests.unit.edge.rest.door import Door, Got
from tests.unit.edge.rest.roles import Roles
from tests.unit.edge.rest.test_runs import of_shape, pages
from tests.unit.service.plant import ALICE, Plant

JPEG = b"\xff\xd8\xff\xe0 a picture"
START = "2026-01-01T00:00:00"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DEFAULT = {"id": "Default", "scheduleType": "ondemand", "role": "looker", "resourceRole": "rr"}
IN = {"id": "In", "type": "S3DataNode", "directoryPath": "s3://source/in"}
OUT = {"id": "Out", "type": "S3DataNode", "directoryPath": "s3://target/out"}
LOOK = {
    "id": "Look",
    "type": "InferenceActivity",
    "analysis": "faces",
    "input": {"ref": "In"},
    "output": {"ref": "Out"},
    "maximumRetries": "0",
}


@pytest.fixture
def roles() -> Iterator[Roles]:
    with mock_aws():
        yield Roles(s3_client())


def looked(roles: Roles, *objects: dict[str, Any], held: bool = False) -> Plant:
    """A pipeline of Default and these objects, run once; or still at it."""
    plant = Plant()
    plant.held |= {"Look"} if held else set()
    plant.put([DEFAULT, *objects])
    plant.activate()
    plant.world.ports = replace(plant.ports, reach=roles)
    return plant


def path(plant: Plant) -> str:
    return f"/pipelines/{plant.pipeline}/instances/@Look_{START}/results"


def results(plant: Plant, *query: tuple[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = of_shape(
        Door(plant.world, ALICE.account).call("GET", path(plant), query=query), "listResults"
    )
    return found


def picture(plant: Plant, item: str) -> Got:
    return Door(plant.world, ALICE.account).call("GET", f"{path(plant)}/picture", query=[("item", item)])


def line(item: str, *faces: float, **more: Any) -> dict[str, Any]:
    box = {"Left": 0.5, "Top": 0.25, "Width": 0.125, "Height": 0.25}
    details = [{"BoundingBox": box, "Confidence": sure} for sure in faces]
    return {"item": item, "model": "rekognition:DetectFaces", "output": {"FaceDetails": details}, "at": "t", **more}


def write(roles: Roles, key: str, lines: Sequence[dict[str, Any]]) -> None:
    body = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    roles.client.put_object(Bucket="target", Key=key, Body=body)


def names(found: dict[str, Any]) -> list[str]:
    return [item["item"].rpartition("/")[2] for item in found["items"]]


def test_results_tell_what_was_seen_and_where(roles: Roles) -> None:
    fault = {"output": None, "error": {"code": "InvalidImageFormatException", "message": "no image"}}
    write(roles, "out/results.jsonl", [line("s3://source/in/a.jpg", 99.5), line("s3://source/in/b.txt", **fault)])
    first, second = results(looked(roles, IN, OUT, LOOK))["items"]
    assert first["sightings"] == [
        {"label": "Face", "confidence": 99.5, "box": {"left": 0.5, "top": 0.25, "width": 0.125, "height": 0.25}}
    ]
    assert (first["hasPicture"], second["error"]["code"], second["sightings"]) == (True, fault["error"]["code"], [])
    assert second["hasPicture"] is False


def test_results_are_filtered_where_they_lie(roles: Roles) -> None:
    lines = [line(f"s3://source/in/{number}.jpg", *([90.0 + number] if number % 2 else [])) for number in range(8)]
    write(roles, "out/results.jsonl", lines)
    plant = looked(roles, IN, OUT, LOOK)
    assert names(results(plant, ("label", "face"))) == ["1.jpg", "3.jpg", "5.jpg", "7.jpg"]
    assert names(results(plant, ("minConfidence", "94.5"))) == ["5.jpg", "7.jpg"]
    assert names(results(plant, ("minConfidence", "9.45e1"))) == ["5.jpg", "7.jpg"]
    assert names(results(plant, ("label", "cat"))) == []
    assert names(results(plant, ("item", "/3"))) == ["3.jpg"]
    assert names(results(plant, ("standing", "failed"))) == []


def test_a_large_file_of_results_is_read_page_by_page(roles: Roles) -> None:
    padding = "x" * 5000
    lines = [line(f"s3://source/in/{number:04d}.jpg", 99.0, input=padding) for number in range(1500)]
    write(roles, "out/results.jsonl", lines)
    plant = looked(roles, IN, OUT, LOOK)
    door = Door(plant.world, ALICE.account)
    found = [item["item"] for item in pages(door, path(plant), "listResults", ("limit", "100"))]
    assert found == [each["item"] for each in lines]
    few = list(pages(door, path(plant), "listResults", ("item", "/1499")))
    assert len(few) == 1


def test_a_line_that_is_far_too_long_is_passed_over(roles: Roles) -> None:
    lines = [line("s3://source/in/a.jpg", 99.0), line("s3://source/in/b.jpg", input="x" * 3_000_000)]
    write(roles, "out/results.jsonl", [*lines, line("s3://source/in/c.jpg", 98.0)])
    assert names(results(looked(roles, IN, OUT, LOOK))) == ["a.jpg", "c.jpg"]


def test_what_is_there_so_far_is_shown_while_the_activity_works(roles: Roles) -> None:
    plant = looked(roles, IN, OUT, LOOK, held=True)
    told = results(plant)
    assert (told["items"], told["complete"], told["told"]) == ([], False, "There are no results yet.")
    folder = f"out/_penstock/{owner_of(plant.tasks[-1])}/abcdefabcdef/"
    write(roles, f"{folder}00000-000000000000-2-0-0-2-0.jsonl", [line("s3://source/in/a"), line("s3://source/in/b")])
    write(roles, f"{folder}00000-000000000002-1-0-0-1-0.jsonl", [line("s3://source/in/c")])
    write(roles, "out/_penstock/another/x/00000-000000000000-1-0-0-1-0.jsonl", [line("s3://source/in/z")])
    door = Door(plant.world, ALICE.account)
    for limit in ("1", "2", "25"):
        found = [item["item"][-1] for item in pages(door, path(plant), "listResults", ("limit", limit))]
        assert found == ["a", "b", "c"]


def test_results_of_a_table_are_those_of_this_activity_alone(roles: Roles) -> None:
    tables = boto3.client("dynamodb", region_name="us-east-1")
    tables.create_table(
        TableName="faces",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    for item in ("door#12+0", "door#12+500", "door#13+0", "gate#12+0"):
        attributes = {name: attribute_of(value) for name, value in line(item, 97.25).items()}
        tables.put_item(TableName="faces", Item={**attributes, "k": {"S": item}})
    frames = {"id": "In", "type": "VideoDataNode", "streamName": "door", "fragmentNumber": "12"}
    table = {"id": "Out", "type": "DynamoDBDataNode", "tableName": "faces"}
    plant = looked(roles, frames, table, LOOK)
    door = Door(plant.world, ALICE.account)
    found = list(pages(door, path(plant), "listResults", ("limit", "1")))
    assert {item["item"] for item in found} == {"door#12+0", "door#12+500"}
    assert found[0]["sightings"][0]["confidence"] == 97.25


def test_where_nothing_is_kept_the_answer_says_so(roles: Roles) -> None:
    topic = {"id": "Out", "type": "SnsTopicDataNode", "topicArn": "arn:aws:sns:us-east-1:123456789012:t"}
    assert "keep nothing" in results(looked(roles, IN, topic, LOOK))["told"]


def test_a_picture_is_the_object_and_only_of_the_input(roles: Roles) -> None:
    for key in ("in/a b+ü.jpg", "secret.jpg", "in/_penstock/x.jpg"):
        roles.client.put_object(Bucket="source", Key=key, Body=JPEG)
    roles.client.put_object(Bucket="source", Key="in/notes.jpg", Body=b"no picture")
    roles.client.put_object(Bucket="target", Key="in/a.jpg", Body=JPEG)
    plant = looked(roles, IN, OUT, LOOK)
    found = of_shape(picture(plant, "s3://source/in/a b+ü.jpg"), "getResultPicture")
    assert (found["contentType"], base64.b64decode(found["content"]), found["madeFrom"]) == (
        "image/jpeg",
        JPEG,
        "object",
    )
    before = len(roles.asked)
    for item in (
        "s3://source/secret.jpg",
        "s3://target/in/a.jpg",
        "s3://source/in/_penstock/x.jpg",
        "door#1+0",
        "in/a",
    ):
        assert picture(plant, item).status == 404
    assert len(roles.asked) == before + 5  # the role was taken on, nothing was read
    refused = picture(plant, "s3://source/in/notes.jpg")
    assert (refused.status, "neither a JPEG nor a PNG" in refused.error["message"]) == (404, True)


def test_an_object_that_an_event_named_is_the_picture_of_its_line(roles: Roles) -> None:
    roles.client.put_object(Bucket="source", Key="x/y.jpg", Body=JPEG)
    records = [{"bucket": "source", "key": "nothing"}, {"bucket": "source", "key": "x/y.jpg"}]
    roles.client.put_object(Bucket="source", Key="in/b.jsonl", Body="\n".join(map(json.dumps, records)).encode())
    plant = looked(roles, IN, OUT, LOOK | {"items": "lines"})
    assert picture(plant, "s3://source/in/b.jsonl#2").status == 200
    assert picture(plant, "s3://source/in/b.jsonl#1").status == 404
    assert picture(plant, "s3://source/in/b.jsonl#3").status == 404
    assert picture(plant, "s3://source/in/b.jsonl").status == 404


def test_a_frame_of_video_is_made_anew_while_the_stream_has_it(roles: Roles) -> None:
    roles.tape.begins["12"] = NOON
    roles.tape.pictures[NOON + timedelta(milliseconds=500)] = JPEG
    frames = {"id": "In", "type": "VideoDataNode", "streamName": "door", "fragmentNumber": ["12", "14"]}
    plant = looked(roles, frames, OUT, LOOK)
    found = of_shape(picture(plant, "door#12+500"), "getResultPicture")
    assert (base64.b64decode(found["content"]), found["madeFrom"]) == (JPEG, "video")
    assert "NO_MEDIA" in picture(plant, "door#12+0").error["message"]
    assert "gone" in picture(plant, "door#14+0").error["message"]
    assert "no picture of this activity's input" in picture(plant, "door#13+0").error["message"]
    assert "no picture of this activity's input" in picture(plant, "gate#12+0").error["message"]


def test_a_still_is_shown_by_its_moment(roles: Roles) -> None:
    roles.tape.pictures[NOON] = JPEG
    span = {"startTime": "2026-01-01T12:00:00", "endTime": "2026-01-01T13:00:00"}
    plant = looked(roles, {"id": "In", "type": "VideoDataNode", "streamName": "door", **span}, OUT, LOOK)
    write(roles, "out/results.jsonl", [line("door#2026-01-01T12:00:00.000Z", 90.0)])
    (result,) = results(plant)["items"]
    assert result["momentAt"] == "2026-01-01T12:00:00Z"
    assert picture(plant, result["item"]).status == 200
    assert picture(plant, "door#2026-01-01T13:00:00.000Z").status == 404


def test_other_activities_have_no_results(roles: Roles) -> None:
    copy = {"id": "Look", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}}
    plant = looked(roles, IN, OUT, copy)
    refused = Door(plant.world, ALICE.account).call("GET", path(plant))
    assert (refused.status, "asks no models" in refused.error["message"]) == (409, True)


def test_a_role_that_may_not_read_says_so(roles: Roles) -> None:
    plant = looked(roles, IN, OUT, LOOK)
    roles.closed = "looker"
    assert "under the role of this pipeline" in results(plant)["told"]
    assert picture(plant, "s3://source/in/a.jpg").status == 404


def test_a_cursor_of_another_listing_is_refused(roles: Roles) -> None:
    write(roles, "out/results.jsonl", [line("s3://source/in/a.jpg", 99.0), line("s3://source/in/b.jpg", 99.0)])
    plant = looked(roles, IN, OUT, LOOK)
    cursor = results(plant, ("limit", "1"))["nextCursor"]
    refused = Door(plant.world, ALICE.account).call("GET", path(plant), query=[("label", "x"), ("cursor", cursor)])
    assert refused.status == 404
