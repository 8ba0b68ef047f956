"""Video starts runs: a clip is played into a stream, frames of its tagged fragments land in S3."""

import subprocess
import sys
from pathlib import Path
from typing import Any

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
