"""Sample: a camera's video starts runs, faces are looked for in its frames, and each face is told of once."""

import json
import time
from typing import Any

import boto3

from local.event_samples.clip import SECONDS_A_FRAGMENT, record
from local.event_samples.drawing import draw_faces
from local.event_samples.figures import Figures
from local.event_samples.mailbox import Mailbox
from local.event_samples.sample import Stage, armed, elapsed, statuses, wait_for
from local.event_samples.watch import Timed
from local.video.play import NOTIFICATION, Producer
from local.video.record import recorded

SECONDS = 20
FRAMES_A_SECOND = 2
STREAM, RESULTS, TOPIC = "penstock-camera", "penstock-faces", "penstock-faces"
NOTICES = "penstock-local-video"
Result = dict[str, Any]


def run(stage: Stage) -> Figures:
    """Play the clip as fast as it goes, wait for a result of every frame, draw one."""
    mailbox = Mailbox(stage.clients, TOPIC)
    stream_arn = _made(stage)
    pipeline_id = armed(stage, "camera", {"myTopic": mailbox.topic})
    came = _played(stage)
    frames = SECONDS * FRAMES_A_SECOND
    stage.say(f"played {SECONDS} s of H.264 in {len(came)} fragments into {STREAM}")
    wait_for(lambda: statuses(stage, pipeline_id, "FindFaces").count("FINISHED") >= len(came), "the runs")
    records, items = _records(stage), _items(stage)
    seen = [result for result in records.values() if result.get("matches")]
    alarms = len(mailbox.messages())
    stage.say(
        f"{len(seen)} of {len(records)} frames have a face; {len(items)} items in DynamoDB, {alarms} SNS messages"
    )
    if seen:
        _draw(stage, stream_arn, seen[0])
    searches = stage.watch.tasks(pipeline_id, "InferenceActivity")
    to_start, to_result = elapsed(searches, lambda search: came.get(_fragment_of(search)))
    faces = sum(len(result["matches"]) for result in seen)
    return Figures(
        name="camera",
        events=len(came),
        items=frames,
        results=len(records),
        duplicates=max(0, len(records) - frames) + max(0, alarms - faces),
        lost=max(0, frames - len(records)) + max(0, frames - len(items)) + max(0, faces - alarms),
        to_start=to_start,
        to_result=to_result,
    )


def _made(stage: Stage) -> str:
    """Make what the sample needs; the video stream's ARN."""
    video, kinesis, dynamodb = (stage.clients(name) for name in ("kinesisvideo", "kinesis", "dynamodb"))
    arn: str = video.create_stream(StreamName=STREAM, DataRetentionInHours=1)["StreamARN"]
    notices = stage.clients("sns").create_topic(Name=NOTICES)["TopicArn"]
    to = {"Status": "ENABLED", "DestinationConfig": {"Uri": notices}}
    video.update_notification_configuration(StreamName=STREAM, NotificationConfiguration=to)
    kinesis.create_stream(StreamName=RESULTS, ShardCount=1)
    dynamodb.create_table(
        TableName=RESULTS,
        KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return arn


def _played(stage: Stage) -> dict[str, float]:
    """When each fragment was kept, by its number."""
    file = stage.directory / "camera.mp4"
    record(file, SECONDS)
    producer = Producer(boto3.Session(), STREAM)
    begin = time.time() - SECONDS
    came: dict[str, float] = {}
    for fragment in recorded(file):
        at = time.monotonic()
        came[producer.put(fragment, begin, {NOTIFICATION: "", "camera": "hall"}).number] = at
    if len(came) != SECONDS // SECONDS_A_FRAGMENT:
        raise RuntimeError(f"{len(came)} fragments of {SECONDS} s")
    return came


def _fragment_of(search: Timed) -> str:
    (frames,) = search.task.linked(search.task.subject, "input")
    return str(frames.text("fragmentNumber"))


def _records(stage: Stage) -> dict[str, Result]:
    """The results on the stream by item; a batch that came twice has the same ids."""
    kinesis = stage.clients("kinesis")
    shard = kinesis.list_shards(StreamName=RESULTS)["Shards"][0]["ShardId"]
    place = kinesis.get_shard_iterator(StreamName=RESULTS, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    found: dict[str, Result] = {}
    following = place["ShardIterator"]
    while True:
        answer = kinesis.get_records(ShardIterator=following)
        if not answer["Records"]:
            return found
        found |= {str(each["item"]): each for each in (json.loads(record["Data"]) for record in answer["Records"])}
        following = answer["NextShardIterator"]


def _items(stage: Stage) -> list[Any]:
    pages = stage.clients("dynamodb").get_paginator("scan").paginate(TableName=RESULTS)
    return [item for page in pages for item in page["Items"]]


def _draw(stage: Stage, stream_arn: str, result: Result) -> None:
    fragment, _, offset = result["item"].partition("#")[2].partition("+")
    if not fragment:
        fragment, _, offset = result["item"].rpartition("/")[2].partition("+")
    file = stage.directory / "camera.png"
    content = _media(stage, stream_arn, fragment)
    draw_faces(content, int(offset or 0), result["output"]["FaceDetails"], file)
    stage.say(f"annotated frame: {file}")


def _media(stage: Stage, stream_arn: str, fragment: str) -> bytes:
    endpoint = stage.clients("kinesisvideo").get_data_endpoint(
        StreamARN=stream_arn, APIName="GET_MEDIA_FOR_FRAGMENT_LIST"
    )["DataEndpoint"]
    archive = boto3.client("kinesis-video-archived-media", endpoint_url=endpoint)
    content: bytes = archive.get_media_for_fragment_list(StreamARN=stream_arn, Fragments=[fragment])["Payload"].read()
    return content
