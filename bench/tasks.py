"""100 no-op activities as a chain and as a fan-out in the embedded run, beside other schedulers on this machine.

Ours is all that `make run` starts: the application's handlers, pumps, the SQLite control plane, the embedded AWS.
The no-op is the cheapest real activity on the real serverless path: a CopyActivity of an empty folder, which asks S3
for one listing. The peers' is a function that returns.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3

from bench.peers import PEERS
from bench.report import Figure, Goal, Report
from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import PipelineId
from local.house import House, Options

COUNT = 100
BUCKET = "bench-tasks"
LONGEST_SECONDS = 120
SHAPES = ("chain", "fan_out")


def run(arguments: Sequence[str]) -> Report:
    """Measure ours and the peers; names as arguments leave out the others. Airflow is measured only when named."""
    measured: dict[str, Mapping[str, float]] = {"penstock": _ours()}
    for peer in PEERS:
        if peer.name in arguments or (not arguments and not peer.opt_in):
            measured[peer.name] = peer.measure()
    figures: dict[str, Figure] = {
        f"{name}_{shape}_s": times[shape] for name, times in measured.items() for shape in SHAPES
    }
    goals = []
    for name, most in (("prefect", 1.0), ("dagster", 1.0), ("airflow", 1 / 50)):
        for shape in SHAPES:
            if name in measured:
                figures[f"of_{name}_{shape}"] = measured["penstock"][shape] / measured[name][shape]
                goals.append(Goal(f"of_{name}_{shape}", at_most=most))
    return Report(
        bench="tasks",
        head=(f"{COUNT} no-op activities", "chain s", "fan-out s"),
        rows=tuple((name, times["chain"], times["fan_out"]) for name, times in measured.items()),
        figures=figures,
        goals=tuple(goals),
        notes=(
            "Seconds from activation to the end, start-up not counted. penstock: a CopyActivity of an empty S3 folder",
            "on the serverless path; the others: a function that returns. The peers' programs: bench/programs.",
        ),
    )


def _ours() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, House.open(_options(Path(folder))) as house:
        house.client("s3").create_bucket(Bucket=BUCKET)
        wire = boto3.client("datapipeline")
        _seconds(wire, "warm", 1)
        return {shape: _seconds(wire, shape, COUNT) for shape in SHAPES}


def _options(folder: Path) -> Options:
    return Options("sqlite", folder, api_port=0, aws_port=0)


def _seconds(wire: Any, shape: str, count: int) -> float:
    made: str = wire.create_pipeline(name=shape, uniqueId=shape)["pipelineId"]
    put = wire.put_pipeline_definition(pipelineId=made, pipelineObjects=_objects(count, chained=shape == "chain"))
    if put["errored"]:
        raise RuntimeError(put["validationErrors"])
    before = time.perf_counter()
    wire.activate_pipeline(pipelineId=made)
    while not _is_finished(PipelineId(made)):
        if time.perf_counter() - before > LONGEST_SECONDS:
            raise RuntimeError(f"{shape} did not finish")
        time.sleep(0.005)
    return time.perf_counter() - before


def _is_finished(pipeline: PipelineId) -> bool:
    from chalicelib import bootstrap  # noqa: PLC0415  reads the environment that the embedded run sets up

    stored = bootstrap.ports().store.load_state(pipeline)
    return stored is not None and decode_state(stored.payload).status is PipelineStatus.FINISHED


def _objects(count: int, *, chained: bool) -> list[dict[str, Any]]:
    nodes = [_object(name, type="S3DataNode", directoryPath=f"s3://{BUCKET}/{name}/") for name in ("In", "Out")]
    copies = [
        _object(
            f"Copy{number}",
            ref={"input": "In", "output": "Out"} | ({"dependsOn": f"Copy{number - 1}"} if chained and number else {}),
            type="CopyActivity",
        )
        for number in range(count)
    ]
    return [_object("Default", scheduleType="ondemand"), *nodes, *copies]


def _object(name: str, ref: Mapping[str, str] | None = None, **fields: str) -> dict[str, Any]:
    plain = [{"key": key, "stringValue": value} for key, value in fields.items()]
    links = [{"key": key, "refValue": value} for key, value in (ref or {}).items()]
    return {"id": name, "name": name, "fields": [*plain, *links]}
