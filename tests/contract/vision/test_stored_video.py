"""The embedded Rekognition's operations for stored video, asked by an unmodified boto3 about real H.264."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from itertools import chain, count
from pathlib import Path
from typing import Any

import av
import boto3
import cv2
import numpy as np
import pytest
from botocore.exceptions import ClientError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from chalicelib.edge.completions import completions_of
from local.vision.api import with_rekognition
from tests.video_clips import RATE, clip_bytes, write_clip

pytestmark = pytest.mark.xdist_group("vision")  # the server starts once
BUCKET = "videos"
ROLE = "arn:aws:iam::123456789012:role/AmazonRekognition"
SECONDS = 2
LONGEST_WAIT_SECONDS = 120
_NUMBERS = count()


@pytest.fixture(scope="module")
def clients() -> Iterator[Callable[[str], Any]]:
    """Clients of the embedded AWS, which has a bucket with a video in which a face leaves the picture."""

    @cache
    def client(service: str) -> Any:
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = with_rekognition(DomainDispatcherApplication(create_backend_app), client)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_object(Bucket=BUCKET, Key="a door+1.mp4", Body=clip_bytes(SECONDS))
    yield client
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def rekognition(clients: Callable[[str], Any]) -> Any:
    return clients("rekognition")


@pytest.fixture(scope="module")
def labels_job(clients: Callable[[str], Any]) -> str:
    """One that has ended."""
    job = clients("rekognition").start_label_detection(Video=video())["JobId"]
    ended(lambda: clients("rekognition").get_label_detection(JobId=job))
    return str(job)


def video(key: str = "a door+1.mp4", bucket: str = BUCKET) -> dict[str, Any]:
    return {"S3Object": {"Bucket": bucket, "Name": key}}


def ended(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer once the job has ended."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while (answer := ask())["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer


def code(ask: Callable[..., Any], **request: Any) -> str:
    with pytest.raises(ClientError) as refused:
        ask(**request)
    return str(refused.value.response["Error"]["Code"])


def test_faces_are_told_with_the_moments_at_which_they_are_there(rekognition: Any) -> None:
    job = rekognition.start_face_detection(Video=video(), JobTag="door")["JobId"]
    answer = ended(lambda: rekognition.get_face_detection(JobId=job))
    assert (answer["JobStatus"], answer["JobId"], answer["JobTag"]) == ("SUCCEEDED", job, "door")
    assert answer["Video"] == video()
    assert answer["VideoMetadata"] == {
        "Codec": "h264",
        "DurationMillis": SECONDS * 1000,
        "Format": "QuickTime / MOV",
        "FrameRate": RATE,
        "FrameHeight": 240,
        "FrameWidth": 320,
        "ColorRange": "LIMITED",
    }
    assert [item["Timestamp"] for item in answer["Faces"]] == [0, 500, 1000]
    assert all(item["Face"]["Confidence"] > 90 for item in answer["Faces"])
    tops = [item["Face"]["BoundingBox"]["Top"] for item in answer["Faces"]]
    assert tops == sorted(tops, reverse=True)  # the picture moves down over it


def test_labels_come_in_the_order_and_the_pages_asked_for(rekognition: Any, labels_job: str) -> None:
    def pages(**asked: Any) -> list[list[tuple[int, str]]]:
        found, more = [], {}
        while True:
            page = rekognition.get_label_detection(JobId=labels_job, **asked, **more)
            found.append([(item["Timestamp"], item["Label"]["Name"]) for item in page["Labels"]])
            if "NextToken" not in page:
                return found
            more = {"NextToken": page["NextToken"]}

    (by_time,) = pages()
    assert {name for _, name in by_time} == {"Face", "Person"}
    assert [at for at, _ in by_time] == [0, 0, 500, 500, 1000, 1000]
    in_pages = pages(MaxResults=4)
    assert [len(page) for page in in_pages] == [4, 2]
    assert list(chain(*in_pages)) == by_time
    by_name = chain(*pages(SortBy="NAME", MaxResults=5))
    assert [name for _, name in by_name] == ["Face"] * 3 + ["Person"] * 3
    assert pages(MaxResults=5000) == [by_time]


def test_labels_of_segments_say_from_when_until_when(rekognition: Any, labels_job: str) -> None:
    answer = rekognition.get_label_detection(JobId=labels_job, AggregateBy="SEGMENTS", SortBy="NAME")
    assert answer["GetRequestMetadata"] == {"SortBy": "NAME", "AggregateBy": "SEGMENTS"}
    face, person = answer["Labels"]
    assert (face["Label"]["Name"], person["Label"]["Name"]) == ("Face", "Person")
    assert face["Label"]["Instances"] == []
    assert (face["StartTimestampMillis"], face["EndTimestampMillis"], face["DurationMillis"]) == (0, 1000, 1000)


def test_labels_are_bounded_as_asked(rekognition: Any) -> None:
    settings = {"GeneralLabels": {"LabelExclusionFilters": ["Person"]}}
    job = rekognition.start_label_detection(Video=video(), Settings=settings)["JobId"]
    sure = rekognition.start_label_detection(Video=video(), MinConfidence=100)["JobId"]
    answer = ended(lambda: rekognition.get_label_detection(JobId=job))
    assert {item["Label"]["Name"] for item in answer["Labels"]} == {"Face"}
    assert ended(lambda: rekognition.get_label_detection(JobId=sure))["Labels"] == []


def test_text_is_told_while_it_is_there(clients: Callable[[str], Any], rekognition: Any) -> None:
    blank = np.full((200, 480, 3), 255, np.uint8)
    sign = cv2.putText(blank.copy(), "Gate 7 closed", (20, 110), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 0), 3)
    clients("s3").put_object(Bucket=BUCKET, Key="sign.mp4", Body=recorded((0, blank), (1, sign), (2, blank)))
    job = rekognition.start_text_detection(Video=video("sign.mp4"))["JobId"]
    found = ended(lambda: rekognition.get_text_detection(JobId=job))["TextDetections"]
    told = [(item["Timestamp"], item["TextDetection"]["DetectedText"]) for item in found]
    assert told == [(1000, text) for text in ("Gate 7 closed", "Gate", "7", "closed")]
    content = cv2.imencode(".png", sign)[1].tobytes()
    still = rekognition.detect_text(Image={"Bytes": content})["TextDetections"]
    assert [item["DetectedText"] for item in still] == [text for _, text in told]


@pytest.mark.parametrize("kind", ["mov", "avi"])
def test_other_files_of_h264_are_taken_too(clients: Callable[[str], Any], rekognition: Any, kind: str) -> None:
    blank = np.zeros((96, 96, 3), np.uint8)
    content = recorded((0, blank), (1, blank), (2, blank), kind=kind)
    clients("s3").put_object(Bucket=BUCKET, Key=kind, Body=content)
    job = rekognition.start_face_detection(Video=video(kind))["JobId"]
    answer = ended(lambda: rekognition.get_face_detection(JobId=job))
    assert (answer["JobStatus"], answer.get("StatusMessage"), answer["Faces"]) == ("SUCCEEDED", None, [])
    assert kind.upper() in answer["VideoMetadata"]["Format"]
    assert answer["VideoMetadata"]["DurationMillis"] == 3000


def test_a_token_of_another_job_order_or_place_is_refused(rekognition: Any, labels_job: str) -> None:
    ask = rekognition.get_label_detection
    token = ask(JobId=labels_job, MaxResults=1)["NextToken"]
    assert len(token) <= 255
    wrong = "InvalidPaginationTokenException"
    assert code(ask, JobId=labels_job, SortBy="NAME", NextToken=token) == wrong
    assert code(ask, JobId=labels_job, NextToken="###") == wrong
    assert code(ask, JobId=labels_job, NextToken="4oKs") == wrong


def test_the_end_is_told_by_sns_once(clients: Callable[[str], Any], rekognition: Any) -> None:
    queue, topic = told(clients)
    asked = {
        "Video": video(),
        "ClientRequestToken": "once-1",
        "JobTag": "door",
        "NotificationChannel": {"SNSTopicArn": topic, "RoleArn": ROLE},
    }
    job = rekognition.start_face_detection(**asked)["JobId"]
    assert rekognition.start_face_detection(**asked)["JobId"] == job
    (message,) = received(clients, queue)
    notice = json.loads(message["Message"])
    assert notice.pop("Timestamp") > 1_600_000_000_000
    assert notice == {
        "JobId": job,
        "Status": "SUCCEEDED",
        "API": "StartFaceDetection",
        "JobTag": "door",
        "Video": {"S3ObjectName": "a door+1.mp4", "S3Bucket": BUCKET},
    }
    assert rekognition.get_face_detection(JobId=job)["JobStatus"] == "SUCCEEDED"
    assert rekognition.start_face_detection(**asked)["JobId"] == job
    assert clients("sqs").receive_message(QueueUrl=queue).get("Messages", []) == []
    (completion,) = completions_of(json.dumps(message))
    assert completion.job == f"video-analysis#{job}"


def told(clients: Callable[[str], Any]) -> tuple[str, str]:
    """A queue, and the topic that it hears."""
    name = f"AmazonRekognition-{next(_NUMBERS)}"
    topic = clients("sns").create_topic(Name=name)["TopicArn"]
    queue = clients("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = clients("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue, topic


def received(clients: Callable[[str], Any], queue: str) -> list[dict[str, Any]]:
    """What SNS put into a queue, once there is something."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while not (found := clients("sqs").receive_message(QueueUrl=queue).get("Messages", [])):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [json.loads(message["Body"]) for message in found]


def test_a_token_begins_one_job_of_an_operation(rekognition: Any) -> None:
    asked = {"Video": video(), "ClientRequestToken": "same"}
    job = rekognition.start_label_detection(**asked)["JobId"]
    assert rekognition.start_label_detection(**asked)["JobId"] == job
    other = code(rekognition.start_label_detection, **asked, MinConfidence=60)
    assert other == "IdempotentParameterMismatchException"
    assert rekognition.start_face_detection(**asked)["JobId"] != job


def encoded(directory: Path, codec: str, ending: str) -> bytes:
    return write_clip(directory / f"clip.{ending}", 1, codec).read_bytes()


def silent() -> bytes:
    """An MP4 that has sound only."""
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as target:
        track = target.add_stream("aac", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        sound.sample_rate = 8000
        target.mux(track.encode(sound))
        target.mux(track.encode(None))
    return buffer.getvalue()


def recorded(*shown: tuple[int, Any], kind: str = "mp4") -> bytes:
    """H.264 of pictures with the seconds at which they are shown."""
    buffer = BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov"} if kind == "mp4" else {}  # readable from its beginning
    with av.open(buffer, "w", format=kind, options=options) as target:
        track = target.add_stream("libx264", rate=1)
        track.height, track.width, track.pix_fmt = *shown[0][1].shape[:2], "yuv420p"
        for at, picture in shown:
            frame = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format="yuv420p")
            frame.pts = at
            target.mux(track.encode(frame))
        target.mux(track.encode(None))
    return buffer.getvalue()


def broken_off() -> bytes:
    """A video whose second half is gone."""
    noise = np.random.default_rng(7).integers(0, 255, (96, 96, 3), np.uint8)
    content = recorded(*((at, np.roll(noise, at, 0)) for at in range(20)))
    return content[: len(content) // 2]


def long() -> bytes:
    """Two pictures, seven hours apart."""
    blank = np.zeros((96, 96, 3), np.uint8)
    return recorded((0, blank), (7 * 3600, blank))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lambda directory: encoded(directory, "mpeg4", "mp4"), "Unsupported codec mpeg4"),
        (lambda directory: encoded(directory, "libx264", "mkv"), "Unsupported format matroska"),
        (lambda _: b"no video at all", "Unsupported format"),
        (lambda _: b"", "Unsupported format"),
        (lambda _: clip_bytes(SECONDS)[:5000], "Unsupported format"),
        (lambda _: broken_off(), "cannot be decoded"),
        (lambda _: silent(), "no video"),
        (lambda _: long(), "longer than 6 hours"),
    ],
    ids=["codec", "format", "text", "empty", "truncated", "broken off", "sound", "long"],
)
def test_a_video_that_is_not_taken_fails_and_says_why(
    clients: Callable[[str], Any], tmp_path: Path, content: Callable[[Path], bytes], why: str
) -> None:
    queue, topic = told(clients)
    clients("s3").put_object(Bucket=BUCKET, Key="wrong", Body=content(tmp_path))
    channel = {"SNSTopicArn": topic, "RoleArn": ROLE}
    job = clients("rekognition").start_label_detection(Video=video("wrong"), NotificationChannel=channel)["JobId"]
    (message,) = received(clients, queue)
    assert json.loads(message["Message"])["Status"] == "FAILED"
    answer = clients("rekognition").get_label_detection(JobId=job)
    assert (answer["JobStatus"], answer["Labels"]) == ("FAILED", [])
    assert why in answer["StatusMessage"]


def test_what_is_asked_wrongly_is_refused_in_the_services_words(rekognition: Any, labels_job: str) -> None:
    start, ask = rekognition.start_label_detection, rekognition.get_label_detection
    assert code(start, Video=video("gone")) == "InvalidS3ObjectException"
    assert code(start, Video=video(bucket="no-such-bucket")) == "InvalidS3ObjectException"
    assert code(ask, JobId="0" * 64) == "ResourceNotFoundException"
    assert code(rekognition.get_face_detection, JobId=labels_job) == "ResourceNotFoundException"
    wrong: tuple[dict[str, Any], ...] = (
        {"Video": {}},
        {"Video": video(), "MinConfidence": 101},
        {"Video": video(), "JobTag": "a tag"},
        {"Video": video(), "ClientRequestToken": "x" * 65},
        {"Video": video(), "Features": ["IMAGE_PROPERTIES"]},
        {"Video": video(), "Settings": {"GeneralLabels": {"LabelInclusionFilters": ["Cat"] * 101}}},
        {"Video": video(), "NotificationChannel": {"SNSTopicArn": "topic", "RoleArn": ROLE}},
    )
    assert [code(start, **request) for request in wrong] == ["InvalidParameterException"] * len(wrong)
    assert code(ask, JobId=labels_job, SortBy="SIZE") == "InvalidParameterException"
    assert code(rekognition.start_segment_detection, Video=video(), SegmentTypes=["SHOT"]) == "AccessDeniedException"
