"""Video to results: frames a second through stream, decoding, model and S3, beside a bare loop of decoder and detector.

The bare loop opens the file, decodes every frame and looks for faces in it with the very detector that the embedded
Rekognition has. Ours plays the file into a stream and runs an InferenceActivity over it. Both are told in processor
seconds as well, of all processes together, since only those say what a core does.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import boto3
import numpy as np
from skimage import data

from bench.report import Figure, Goal, Report
from chalicelib.adapters.aws.inference import AwsInference
from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.adapters.aws.video import KinesisVideo
from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, PipelineId, Ref
from chalicelib.work.execute import execute
from chalicelib.work.journal import Journal
from chalicelib.work.outcome import Finished
from chalicelib.work.registry import SERVERLESS
from chalicelib.work.tools import Tools
from local import embedded
from local.environment import REGION, environment
from local.video.play import Producer
from local.video.record import recorded
from local.vision.detectors import Detectors

SECONDS, RATE, WIDTH, HEIGHT = 10, 10, 1280, 720
STREAM, BUCKET = "bench", "bench-video"
_ATTEMPT = AttemptId("@Look_2026-01-01T00:00:00_Attempt=1")


@dataclass(frozen=True, slots=True)
class Spent:
    """What so many frames took."""

    frames: int
    wall: float
    processor: float

    @property
    def a_second(self) -> float:
        """Frames a second of the clock."""
        return self.frames / self.wall

    @property
    def a_core_second(self) -> float:
        """Frames a second of one processor."""
        return self.frames / self.processor


def run(_arguments: Sequence[str]) -> Report:
    """Measure the bare loop, decoded frames and stills."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_clip(Path(folder) / "clip.mp4")
        bare = _bare(file)
        found = {"bare loop": bare, **_ours(file, Path(folder))}
    figures: dict[str, Figure] = {}
    for name, spent in found.items():
        word = name.split()[0]
        figures |= {f"{word}_per_s": spent.a_second, f"{word}_per_core_s": spent.a_core_second}
        figures[f"{word}_ratio"] = spent.a_core_second / bare.a_core_second
    rows = tuple(
        (name, spent.frames, spent.a_second, spent.a_core_second, spent.a_core_second / bare.a_core_second)
        for name, spent in found.items()
    )
    return Report(
        bench="events_video",
        head=("lane", "frames", "frames/s", "frames/s of a core", "of the bare loop"),
        rows=rows,
        figures=figures,
        goals=(Goal("decoded_ratio", at_least=0.8),),
        notes=(
            f"{WIDTH}x{HEIGHT} H.264, {SECONDS} s at {RATE} frames/s, a picture that is panned over. A core's second",
            "is processor time of the activity's process and of the embedded AWS, in which Rekognition looks.",
        ),
    )


def write_clip(file: Path) -> Path:
    """A video of a real face that moves."""
    with av.open(str(file), "w") as target:
        track = target.add_stream("libx264", rate=RATE)
        track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        track.options = {"g": str(2 * RATE), "keyint_min": str(2 * RATE), "sc_threshold": "0"}
        picture: Any = data.astronaut()  # type: ignore[no-untyped-call]  # scikit-image tells no types
        for number in range(SECONDS * RATE):
            part = np.ascontiguousarray(picture[2 * (number % 50) : 2 * (number % 50) + 288])
            frame = av.VideoFrame.from_ndarray(part, "rgb24").reformat(WIDTH, HEIGHT, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            target.mux(track.encode(frame))
        target.mux(track.encode(None))
    return file


def _bare(file: Path) -> Spent:
    detectors = Detectors()
    wall, processor, count = time.perf_counter(), time.process_time(), 0
    with av.open(str(file)) as source:
        for frame in source.decode(video=0):
            detectors.faces(frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False))
            count += 1
    return Spent(count, time.perf_counter() - wall, time.process_time() - processor)


def _ours(file: Path, home: Path) -> dict[str, Spent]:
    child, aws = embedded.start(0, "http://127.0.0.1:9/", environment(None, None), home / "aws")
    try:
        session = boto3.Session(aws_access_key_id="bench", aws_secret_access_key="bench", region_name=REGION)
        reach = _Reach(session, aws)
        begin = _filled(reach, file)
        every = timedelta(seconds=1) / RATE
        end = begin + timedelta(seconds=SECONDS)
        return {
            "decoded by us": _looked(reach, child.pid, begin, end, frames="decoded", samplingInterval="0"),
            "stills of the service": _looked(
                reach, child.pid, begin, end, samplingInterval=str(max(200, every // timedelta(milliseconds=1)))
            ),
        }
    finally:
        child.stop()


class _Reach:
    """Clients of the embedded AWS."""

    def __init__(self, session: Any, aws: str) -> None:
        self._session = session
        self._aws = aws
        self._made: dict[tuple[str, str], Any] = {}
        self.region_name = REGION
        self.get_credentials = session.get_credentials

    def client(self, service: str, _region: str | None = None, endpoint: str | None = None) -> Any:
        key = (service, endpoint or self._aws)
        if key not in self._made:
            self._made[key] = self._session.client(service, endpoint_url=key[1])
        return self._made[key]


def _filled(reach: _Reach, file: Path) -> datetime:
    reach.client("s3").create_bucket(Bucket=BUCKET)
    reach.client("kinesisvideo").create_stream(StreamName=STREAM, DataRetentionInHours=1)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    producer = Producer(reach, STREAM)
    for fragment in recorded(file):
        producer.put(fragment, begin.timestamp(), {})
    return begin


def _looked(reach: _Reach, server: int, begin: datetime, end: datetime, **fields: str) -> Spent:
    task = _task(begin, end, fields)
    tools = _tools(reach)
    wall, processor = time.perf_counter(), time.process_time() + _processor(server)
    outcome = execute(SERVERLESS, task, tools)
    spent = time.process_time() + _processor(server) - processor
    if not isinstance(outcome, Finished):
        raise RuntimeError(outcome)  # noqa: TRY004  it says how the work ended, not what kind a value is
    lines = (
        reach.client("s3").get_object(Bucket=BUCKET, Key=f"{_place(fields)}results.jsonl")["Body"].read().splitlines()
    )
    if any(b'"error":' in line for line in lines):
        raise RuntimeError(lines[0])
    return Spent(len(lines), time.perf_counter() - wall, spent)


def _processor(pid: int) -> float:
    """Processor seconds that a process has used so far."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _place(fields: dict[str, str]) -> str:
    return f"{fields.get('frames', 'stills')}/"


def _task(begin: datetime, end: datetime, fields: dict[str, str]) -> Task:
    times = {"startTime": begin.isoformat(), "endTime": end.isoformat()}
    camera = _object("Camera", type="VideoDataNode", streamName=STREAM, **times, **fields)
    out = _object("Out", type="S3DataNode", directoryPath=f"s3://{BUCKET}/{_place(fields)}")
    look = _object(
        _ATTEMPT, type="InferenceActivity", analysis="faces", maxConcurrency="2", input=Ref("Camera"), output=Ref("Out")
    )
    objects = {item.id: item for item in (camera, out, look)}
    return Task(PipelineId("df-BENCH"), _ATTEMPT, 1, Placement.SERVERLESS, None, objects)


def _object(name: str, **fields: str | Ref) -> PipelineObject:
    return PipelineObject(name, name, tuple(Field(key, value) for key, value in fields.items()))


def _tools(reach: _Reach) -> Tools:
    objects = S3Objects(reach.client("s3"))
    return Tools(
        objects=objects,
        tables=DynamoTables(lambda _: None),
        databases=SqlDatabases(lambda *_: None),
        warehouses=RedshiftData(lambda _: None),
        journal=Journal(objects, None, lambda: datetime.now(UTC)),
        scratch=Path(tempfile.gettempdir()),
        environment={},
        cancelled=lambda: False,
        time_left=lambda: None,
        report=lambda _: None,
        inference=AwsInference(lambda service, _: reach.client(service)),
        videos=KinesisVideo(reach.client),
    )
