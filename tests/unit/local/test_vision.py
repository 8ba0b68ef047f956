"""What the embedded Rekognition sees and refuses."""

import base64
import json
from importlib.resources import files
from io import BytesIO
from typing import Any

import boto3
import cv2
import numpy as np
import pytest
from moto import mock_aws

from local.vision.api import with_rekognition


def picture(name: str) -> bytes:
    return files("skimage").joinpath("data", name).read_bytes()


def png(height: int, width: int) -> bytes:
    return cv2.imencode(".png", np.zeros((height, width, 3), np.uint8))[1].tobytes()


def nobody(_: Any, __: Any) -> list[bytes]:
    raise AssertionError("moto was asked")


def ask(operation: str, request: dict[str, Any], s3: Any = None) -> tuple[str, dict[str, Any]]:
    """Status and reply."""
    body = json.dumps(request).encode()
    said: list[str] = []
    environ = {
        "HTTP_X_AMZ_TARGET": f"RekognitionService.{operation}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    application = with_rekognition(nobody, lambda _: s3)
    (content,) = application(environ, lambda status, headers: said.append(status))
    return said[0], json.loads(content)


def sent(content: bytes) -> dict[str, Any]:
    return {"Image": {"Bytes": base64.b64encode(content).decode()}}


def test_a_face_is_found_where_it_is_in_the_services_shape() -> None:
    status, reply = ask("DetectFaces", sent(picture("astronaut.png")))
    (face,) = reply["FaceDetails"]
    box = face["BoundingBox"]
    assert status == "200 OK"
    assert 0.3 < box["Left"] < 0.4
    assert 0.1 < box["Top"] < 0.2
    assert face["Confidence"] > 90
    assert [mark["Type"] for mark in face["Landmarks"]] == ["eyeLeft", "eyeRight"]
    left, right = face["Landmarks"]
    assert left["X"] < right["X"]


def test_a_picture_without_a_face_has_none() -> None:
    assert ask("DetectFaces", sent(picture("coffee.png")))[1] == {"FaceDetails": []}


def test_labels_name_what_is_there_with_its_boxes() -> None:
    _, reply = ask("DetectLabels", sent(picture("astronaut.png")))
    labels = {label["Name"]: label for label in reply["Labels"]}
    assert {"Face", "Person"} <= set(labels)
    assert {parent["Name"] for parent in labels["Face"]["Parents"]} == {"Head", "Person"}
    _, reply = ask("DetectLabels", sent(picture("chelsea.png")))
    assert [label["Name"] for label in reply["Labels"]] == []


def test_labels_are_bounded_as_asked() -> None:
    asked = sent(picture("astronaut.png"))
    assert len(ask("DetectLabels", asked | {"MaxLabels": 1})[1]["Labels"]) == 1
    assert ask("DetectLabels", asked | {"MinConfidence": 100})[1]["Labels"] == []
    excluded = {"GeneralLabels": {"LabelExclusionFilters": ["Face"]}}
    assert "Face" not in [label["Name"] for label in ask("DetectLabels", asked | {"Settings": excluded})[1]["Labels"]]
    properties = ask("DetectLabels", asked | {"Features": ["IMAGE_PROPERTIES"]})[1]
    assert 0 < properties["ImageProperties"]["Quality"]["Brightness"] < 100


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (sent(b"GIF89a and so on"), "InvalidImageFormatException"),
        (sent(b"\x89PNG\r\n\x1a\n and no more"), "InvalidImageFormatException"),
        (sent(b"\xff\xd8\xff\xe0 cut off"), "InvalidImageFormatException"),
        (sent(b""), "InvalidParameterException"),
        (sent(b"x" * (5 * 1024 * 1024 + 1)), "ValidationException"),
        (sent(png(60, 200)), "InvalidParameterException"),
        ({"Image": {}}, "InvalidParameterException"),
        ({}, "InvalidParameterException"),
        (sent(png(90, 90)) | {"MinConfidence": 101}, "InvalidParameterException"),
    ],
    ids=["gif", "png", "jpeg", "empty", "long", "small", "none", "nothing", "confidence"],
)
def test_what_the_service_refuses_is_refused_in_its_words(image: dict[str, Any], code: str) -> None:
    status, reply = ask("DetectLabels", image)
    assert (status, reply["__type"]) == ("400 Bad Request", code)


@mock_aws
def test_images_are_read_from_storage_and_its_faults_are_told() -> None:
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="pictures")
    s3.put_object(Bucket="pictures", Key="a face.png", Body=picture("astronaut.png"))
    s3.put_object(Bucket="pictures", Key="long", Body=b"\xff\xd8\xff" + b"x" * 15 * 1024 * 1024)

    def stored(name: str, bucket: str = "pictures") -> dict[str, Any]:
        return ask("DetectFaces", {"Image": {"S3Object": {"Bucket": bucket, "Name": name}}}, s3)[1]

    assert len(stored("a face.png")["FaceDetails"]) == 1
    assert stored("gone")["__type"] == stored("a", "gone")["__type"] == "InvalidS3ObjectException"
    assert stored("long")["__type"] == "ImageTooLargeException"


@pytest.mark.parametrize("operation", ["DetectModerationLabels", "StartFaceSearch", "GetFaceSearch", "CompareFaces"])
def test_what_has_no_detector_says_so(operation: str) -> None:
    status, reply = ask(operation, sent(picture("page.png")))
    assert (status, reply["__type"]) == ("400 Bad Request", "AccessDeniedException")
    assert "not available in the embedded run" in reply["message"]
