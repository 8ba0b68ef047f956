"""What a model saw, seen as a person would: boxes on the picture, labels over time, a table that can be narrowed."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.rest import Rest
from tests.console.visit import DESK, PHONE, Visits, settled
from tests.e2e.plane import Plane, eventually
from tests.e2e.test_video import play
from tests.video_clips import clip_bytes

NAME = "console-results"


@pytest.fixture(scope="module")
def view(plane: Plane, rest: Rest) -> str:
    """The address of the results of faces that were looked for in three objects, of which one is no picture."""
    s3, bucket = plane.client("s3"), plane.bucket(NAME)
    pictures = files("skimage").joinpath("data")
    for key, file in (("a face+1 ü%20.png", "astronaut.png"), ("coffee.png", "coffee.png")):
        s3.put_object(Bucket=bucket, Key=f"in/{key}", Body=pictures.joinpath(file).read_bytes())
    s3.put_object(Bucket=bucket, Key="in/<i>notes.txt", Body=b"no image")
    made = rest.pipeline(NAME, {"objects": looking(bucket)})
    rest("POST", f"/pipelines/{made}/activate", {})
    found: list[Any] = eventually(lambda: finished(rest, made, "Look"), 120)
    return f"#/pipelines/{made}/instances/{found[0]['instanceId']}"


def looking(bucket: str) -> list[dict[str, Any]]:
    return [
        {"id": "Default", "scheduleType": "ondemand", "role": "DataPipelineDefaultRole"},
        {"id": "Photos", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/in"},
        {"id": "Faces", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/out"},
        {
            "id": "Look",
            "type": "InferenceActivity",
            "analysis": "faces",
            "input": {"ref": "Photos"},
            "output": {"ref": "Faces"},
        },
    ]


def finished(rest: Rest, pipeline: str, component: str) -> list[Any]:
    """The component's instances, once they are all FINISHED."""
    found = rest("GET", f"/pipelines/{pipeline}/instances?component={component}")["items"]
    return found if found and all(each["status"] == "FINISHED" for each in found) else []


def filmed(plane: Plane, rest: Rest, directory: Path) -> str:
    """The address of an activity that looked for faces in a fragment of video, and keeps what it saw in a table."""
    name = f"{NAME}-film"
    plane.client("kinesisvideo").create_stream(StreamName=name, DataRetentionInHours=1)
    plane.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    clip = directory / "clip.mp4"
    clip.write_bytes(clip_bytes(4))
    fragment = play(plane, clip, name)[0]
    objects = [
        {"id": "Default", "scheduleType": "ondemand", "role": "DataPipelineDefaultRole"},
        {"id": "Film", "type": "VideoDataNode", "streamName": name, "fragmentNumber": fragment}
        | {"samplingInterval": "500"},
        {"id": "Faces", "type": "DynamoDBDataNode", "tableName": name},
        {"id": "Look", "type": "InferenceActivity", "analysis": "faces", "input": {"ref": "Film"}}
        | {"output": {"ref": "Faces"}},
    ]
    made = rest.pipeline(name, {"objects": objects})
    rest("POST", f"/pipelines/{made}/activate", {})
    found: list[Any] = eventually(lambda: finished(rest, made, "Look"), 120)
    return f"#/pipelines/{made}/instances/{found[0]['instanceId']}"


def open_results(visits: Visits, view: str, size: tuple[int, int] = DESK) -> Page:
    page = visits.signed_in("reader", view, size)
    page.get_by_role("link", name="Results: what the model saw").click()
    expect(page.get_by_role("heading", level=1, name="Results")).to_be_visible()
    settled(page)
    return page


def test_a_face_is_boxed_on_its_picture(visits: Visits, view: str) -> None:
    page = open_results(visits, view)
    shot = page.get_by_role("img", name="a face+1 ü%20.png: Face")
    expect(shot).to_be_visible()
    assert shot.evaluate("(image) => image.naturalWidth") == 512
    assert shot.get_attribute("src", timeout=1000).startswith("blob:")  # type: ignore[union-attr]
    frame = page.get_by_role("listitem").filter(has=shot)
    box, whole = frame.locator("svg rect").bounding_box(), shot.bounding_box()
    assert box is not None
    assert whole is not None
    middle = ((box["x"] + box["width"] / 2 - whole["x"]) / whole["width"], (box["y"] - whole["y"]) / whole["height"])
    assert 0.35 < middle[0] < 0.55  # where her face is
    assert 0.05 < middle[1] < 0.3
    expect(page.get_by_role("img", name="coffee.png: nothing was found")).to_be_visible()
    poison = page.get_by_role("listitem").filter(has_text="<i>notes.txt")
    expect(poison).to_contain_text("InvalidImageFormatException")


def test_labels_are_a_chart_and_a_table(visits: Visits, view: str) -> None:
    page = open_results(visits, view)
    expect(page.get_by_role("img", name="Confidence over time of Face").locator("canvas")).to_be_visible()
    expect(page.get_by_role("region", name="Labels").get_by_role("row", name="Face 1")).to_be_visible()


def test_results_are_narrowed_by_label_item_and_error(visits: Visits, view: str) -> None:
    page = open_results(visits, view)
    page.get_by_role("textbox", name="Label").fill("face")
    page.get_by_label("Confidence at least").fill("60")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("1 result", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="a face+1")).to_be_visible()
    assert "label=face" in page.url
    page.get_by_role("textbox", name="Label").fill("")
    page.get_by_label("Confidence at least").fill("")
    page.get_by_label("Which").select_option("failed")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("img", name="a face+1")).to_have_count(0)
    row = page.get_by_role("row", name="notes")
    expect(row).to_contain_text("<i>notes.txt")
    page.get_by_label("Item contains").fill("nowhere")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No result is like that.")).to_be_visible()


def test_the_whole_answer_is_there_for_who_wants_it(visits: Visits, view: str) -> None:
    page = open_results(visits, view, PHONE)
    page.get_by_role("button", name="Table").click()
    page.get_by_text("rekognition:DetectFaces").first.click()
    answer = json.loads(page.locator("details[open] pre").inner_text())
    assert len(answer["FaceDetails"]) == 1
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def test_a_frame_of_video_is_made_again_from_its_stream(
    visits: Visits, plane: Plane, rest: Rest, tmp_path: Path
) -> None:
    page = open_results(visits, filmed(plane, rest, tmp_path))
    expect(page.get_by_text("4 results")).to_be_visible()
    shot = page.get_by_role("img", name=re.compile(r"film #…\d+\+500: Face"))
    expect(shot).to_be_visible()
    assert shot.evaluate("(image) => image.naturalWidth") == 320
    frame = page.get_by_role("listitem").filter(has=shot)
    expect(frame).to_contain_text("made again from the stream")
    expect(frame.locator("svg rect")).to_have_count(1)
