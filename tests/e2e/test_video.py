"""Video starts runs: a clip is played into a stream, frames of its tagged fragments land in S3."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.environment import RESULTS_STREAM
from tests.e2e.definitions import default
from tests.e2e.plane import REPOSITORY, Pipeline, Plane, eventually
from tests.video_clips import clip_bytes


def on_fragments(stream: str, bucket: str) -> list[dict[str, Any]]:
    """Copy two frames of every tagged fragment to S3."""
    return [
        default(maxActiveInstances="3") | {"trigger": {"ref": "Seen"}},
        {"id": "Seen", "type": "VideoTrigger", "streamName": stream},
        {
            "id": "Camera",
            "type": "VideoDataNode",
            "streamArn": "#{trigger.@streamArn}",
            "fragmentNumber": "#{trigger.@fragmentNumber}",
        },
        {"id": "Frames", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/frames/"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "Camera"}, "output": {"ref": "Frames"}},
    ]


def play(plane: Plane, file: Path, stream: str, *options: str) -> list[str]:
    """Numbers of the fragments that the producer command has put."""
    command = [sys.executable, "-m", "local.video.play", str(file), stream, *options]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=plane.environment, capture_output=True, text=True, check=True, timeout=60
    )
    return [line.split()[0] for line in done.stdout.splitlines()]


def test_frames_of_every_tagged_fragment_land_in_a_bucket(plane: Plane, name: str, tmp_path: Path) -> None:
    bucket, stream = plane.bucket(f"{name}-{plane.control}"[:63]), f"{name}-{plane.control}"
    video, s3 = plane.client("kinesisvideo"), plane.client("s3")
    video.create_stream(StreamName=stream, DataRetentionInHours=1)
    topic = plane.client("sns").create_topic(Name="penstock-local-video")["TopicArn"]
    video.update_notification_configuration(
        StreamName=stream, NotificationConfiguration={"Status": "ENABLED", "DestinationConfig": {"Uri": topic}}
    )
    pipeline = Pipeline(plane, name, on_fragments(stream, bucket)).activate()
    eventually(lambda: pipeline.state() == "SCHEDULED", what=pipeline.story)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(clip_bytes(6))
    play(plane, clip, stream)
    numbers = play(plane, clip, stream, "--notify", "--tag", "door=north")
    pipeline.until("Copy", *["FINISHED"] * len(numbers))
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="frames/")["Contents"]]
    assert keys == [f"frames/{number}_{offset}.jpg" for number in numbers for offset in (0, 1000)]


def on_frames(stream: str, bucket: str, fragments: str) -> list[dict[str, Any]]:
    """Copy the frames of fragments that are swept, or in which somebody was known."""
    objects = on_fragments(stream, bucket)
    return [item | ({"fragments": fragments} if item["id"] == "Seen" else {}) for item in objects]


def test_every_fragment_is_swept_once_whether_it_is_tagged_or_not(plane: Plane, name: str, tmp_path: Path) -> None:
    bucket, stream = plane.bucket(f"{name}-{plane.control}"[:63]), f"{name}-{plane.control}"
    plane.client("kinesisvideo").create_stream(StreamName=stream, DataRetentionInHours=1)
    pipeline = Pipeline(plane, name, on_frames(stream, bucket, "all")).activate()
    eventually(lambda: pipeline.state() == "SCHEDULED", what=pipeline.story)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(clip_bytes(4))
    numbers = play(plane, clip, stream)
    pipeline.until("Copy", *["FINISHED"] * len(numbers))
    keys = [item["Key"] for item in plane.client("s3").list_objects_v2(Bucket=bucket, Prefix="frames/")["Contents"]]
    assert {key.removeprefix("frames/").partition("_")[0] for key in keys} == set(numbers)


def test_a_known_face_in_the_results_stream_starts_one_run_and_poison_none(
    plane: Plane, name: str, tmp_path: Path
) -> None:
    bucket, stream = plane.bucket(f"{name}-{plane.control}"[:63]), f"{name}-{plane.control}"
    video, kinesis = plane.client("kinesisvideo"), plane.client("kinesis")
    arn = video.create_stream(StreamName=stream, DataRetentionInHours=1)["StreamARN"]
    pipeline = Pipeline(plane, name, on_frames(stream, bucket, "matched")).activate()
    eventually(lambda: pipeline.state() == "SCHEDULED", what=pipeline.story)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(clip_bytes(4))
    seen = play(plane, clip, stream)[0]
    record = json.loads((REPOSITORY / "events" / "rekognition" / "face-search-record.json").read_text())
    record["InputInformation"]["KinesisVideo"] |= {"StreamArn": arn, "FragmentNumber": seen}
    for data in (b"poison", json.dumps(record).encode(), json.dumps(record).encode()):
        kinesis.put_record(StreamName=RESULTS_STREAM, PartitionKey="1", Data=data)
    pipeline.until("Copy", "FINISHED")
    keys = [item["Key"] for item in plane.client("s3").list_objects_v2(Bucket=bucket, Prefix="frames/")["Contents"]]
    assert {key.removeprefix("frames/").partition("_")[0] for key in keys} == {seen}
