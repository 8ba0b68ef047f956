"""S3 events to runs: how soon an executor starts, how many are absorbed a second, and that kills lose and double none.

latency  the whole embedded run: objects put one by one by boto3, until the copy that each starts begins
absorb   the arrivals handler alone: messages of EventBridge's shape from the queue into the backlog, 10^2 to 10^5
MQTT     the same by messages of MQTT clients, see bench/events_mqtt
killed   handlers and writers as processes that are killed every fraction of a second, until every event has its run
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.events_killed import killed_lane
from bench.events_mqtt import mqtt_lanes
from bench.events_parts import BUCKET, PIPELINE, event, made_ports, objects
from bench.report import Figure, Goal, Report
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import PipelineId
from chalicelib.edge.batch import all_arrivals
from chalicelib.ports.queues import Message, Queue
from chalicelib.ports.store import TimeField, TimeQuery
from chalicelib.service.intake import take
from local.house import House, Options
from local.pump import Source, sqs_event

PUTS = 100
SIZES = (100, 1_000, 10_000, 100_000)
MQTT_SIZES = (100, 1_000, 10_000, 100_000)
MQTT_KILLED = 20_000
KILLED = 3_000
LONGEST_SECONDS = 120


def run(_arguments: Sequence[str]) -> Report:
    """Measure every lane."""
    latencies = sorted(_latencies())
    absorbed = {count: _absorbed(count) for count in SIZES}
    kills = killed_lane(KILLED)
    over_mqtt = mqtt_lanes(MQTT_SIZES, MQTT_KILLED)
    figures: dict[str, Figure] = {
        "latency_p50_ms": statistics.median(latencies),
        "latency_p95_ms": latencies[int(len(latencies) * 0.95)],
        **{f"absorbed_per_s_{count}": rate for count, rate in absorbed.items()},
        **{f"killed_{name}": value for name, value in kills.items()},
        **over_mqtt,
    }
    rows: list[tuple[Figure, ...]] = [
        (f"put to executor, {len(latencies)} objects", "ms p50", figures["latency_p50_ms"]),
        ("", "ms p95", figures["latency_p95_ms"]),
        *((f"absorbed, {count} events", "events/s", rate) for count, rate in absorbed.items()),
        *((f"killed, {KILLED} events", name, value) for name, value in kills.items()),
        *(("MQTT", name.removeprefix("mqtt_"), value) for name, value in over_mqtt.items()),
    ]
    return Report(
        bench="events",
        head=("lane", "figure", "value"),
        rows=tuple(rows),
        figures=figures,
        goals=(
            Goal("latency_p50_ms", at_most=50),
            Goal("killed_lost", at_most=0),
            Goal("killed_doubled", at_most=0),
            Goal("mqtt_killed_lost", at_most=0),
            Goal("mqtt_killed_doubled", at_most=0),
        ),
        notes=(
            "latency: from the object's creation in the embedded S3 to the start of the copy, both by this machine's",
            "clock. absorb: one handler, SQLite in a file, ten messages a call. killed: two processes do everything.",
            "MQTT: the whole embedded run, from four clients with QoS 1 to the stored event; killed, the whole run is.",
        ),
    )


def _latencies() -> Iterator[float]:
    with tempfile.TemporaryDirectory() as folder, House.open(Options("sqlite", Path(folder), 0, 0)) as house:
        s3 = house.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        made = _activated(house.client("datapipeline"))
        for number in range(PUTS):
            s3.put_object(Bucket=BUCKET, Key=f"in/{number}", Body=b"1")
            _until_ended(made, number + 1)
        yield from _starts(made)


def _activated(wire: Any) -> PipelineId:
    made = wire.create_pipeline(name="bench", uniqueId="bench")["pipelineId"]
    answer = wire.put_pipeline_definition(pipelineId=made, pipelineObjects=objects())
    if answer["errored"]:
        raise RuntimeError(answer["validationErrors"])
    wire.activate_pipeline(pipelineId=made)
    return PipelineId(made)


def _ended(made: PipelineId) -> Sequence[Instance]:
    from chalicelib import bootstrap  # noqa: PLC0415  reads the environment that the embedded run sets up

    now = datetime.now(UTC)
    query = TimeQuery(TimeField.ACTUAL_START, now - timedelta(hours=1), now)
    found = bootstrap.ports().store.query_history(made, query, None, 10 * PUTS).items
    return [instance for instance in found if instance.component == "Copy"]


def _until_ended(made: PipelineId, count: int) -> None:
    before = time.perf_counter()
    while len(_ended(made)) < count:
        if time.perf_counter() - before > LONGEST_SECONDS:
            raise RuntimeError(f"{count} runs did not end")
        time.sleep(0.01)


def _starts(made: PipelineId) -> Iterator[float]:
    """Milliseconds from each object's creation, which its sequencer is made of, to the start of its copy."""
    from chalicelib import bootstrap  # noqa: PLC0415  as above

    for instance in _ended(made):
        key = instance.events.partition(":")[2]
        record = bootstrap.ports().store.events(made, [key])[key]
        started = instance.attempts[0].started
        if started is not None:
            yield started.timestamp() * 1000 - int(record.fields["@sequencer"], 16) / 1000


def _absorbed(count: int) -> float:
    """Events a second from the queue into the backlog."""
    with tempfile.TemporaryDirectory() as folder:
        ports, queues = made_ports(Path(folder) / "bench.sqlite")
        queues.send(Queue.ARRIVALS, [Message(str(number), json.dumps(event(number))) for number in range(count)])
        source = Source(Queue.ARRIVALS, "arrivals", lambda *_: None, 10, 1)
        before = time.perf_counter()
        while batch := queues.receive(Queue.ARRIVALS, 10, timedelta(minutes=1), timedelta(0)):
            failures = all_arrivals(sqs_event(source, batch), lambda arrivals: _take(arrivals, ports))
            if failures["batchItemFailures"]:
                raise RuntimeError(failures)
            queues.delete(Queue.ARRIVALS, [item.receipt for item in batch])
        seconds = time.perf_counter() - before
        waiting = len(ports.store.pending_events(PIPELINE, count + 1))
        if waiting != count:
            raise RuntimeError(f"{waiting} of {count} events are in the backlog")
        return count / seconds


def _take(arrivals: Any, ports: Any) -> None:
    take(arrivals, ports)
