"""The lines that tell of a pipeline's turns and of its tasks, from activation to the end."""

import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.codec import decode_event, decode_task
from chalicelib.domain.run.events import Activated, Event, TaskEnded, TaskStatus
from chalicelib.domain.trigger.armed import subscriptions_of
from chalicelib.domain.trigger.arrival import http_call
from chalicelib.domain.values import PipelineId
from chalicelib.ports import trail
from chalicelib.ports.queues import Queue
from chalicelib.service.advance import Engine
from chalicelib.service.chronicle import tell_chunk, tell_work
from chalicelib.service.control import publish
from chalicelib.service.intake import take
from chalicelib.service.tick import tick, wake
from chalicelib.work.outcome import Failed, Finished
from tests.log_reading import Heard, listening
from tests.unit.service.test_event_runs import definition as triggered
from tests.unit.service.world import World, made_world
from tests.workbench import item, task

PIPELINE = PipelineId("df-1")
VISIBILITY = timedelta(minutes=6)
Objects = list[dict[str, Any]]


def copies(*names: str, **default: Any) -> Objects:
    """Copies beside each other, of one data node."""
    objects: Objects = [
        {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr", **default},
        {"id": "In", "type": "S3DataNode", "filePath": "s3://a/in"},
    ]
    for name in names:
        objects += [
            {"id": f"To{name}", "type": "S3DataNode", "filePath": f"s3://a/{name}"},
            {
                "id": name,
                "type": "CopyActivity",
                "input": {"ref": "In"},
                "output": {"ref": f"To{name}"},
                "maximumRetries": "0",
            },
        ]
    return objects


class House:
    """A control plane whose tasks end as it is told."""

    def __init__(self, objects: Objects) -> None:
        self.world: World = made_world()
        self.engine = Engine(self.world.ports)
        self.world.ports.store.put_definition(PIPELINE, 1, from_file({"objects": objects}))
        self.publish(Activated("activate", self.world.clock.now(), 1))

    def publish(self, event: Event) -> None:
        publish(self.world.queues, PIPELINE, [(self.world.clock.fresh(), event)])
        self.pump()

    def pump(self) -> None:
        while batch := self.world.queues.receive(Queue.CONTROL, 10, VISIBILITY, timedelta(0)):
            self.engine.process(PIPELINE, [decode_event(message.body) for message in batch])
            self.world.queues.delete(Queue.CONTROL, [message.receipt for message in batch])

    def end(self, failing: str = "") -> None:
        """End every task that waits; those of the component `failing` badly."""
        while batch := self.world.queues.receive(Queue.TASKS, 10, VISIBILITY, timedelta(0)):
            for message in batch:
                given = decode_task(message.body)
                bad = bool(failing) and given.attempt.startswith(f"@{failing}_")
                status = TaskStatus.FAILED if bad else TaskStatus.FINISHED
                self.publish(
                    TaskEnded(given.attempt, given.turn, self.world.clock.now(), status, "Bad" if bad else None)
                )
            self.world.queues.delete(Queue.TASKS, [message.receipt for message in batch])

    def pass_time(self, length: timedelta) -> None:
        self.world.clock.advance(length)
        tick(self.world.ports)
        for message in self.world.queues.receive(Queue.TIMERS, 10, VISIBILITY, timedelta(0)):
            wake(PipelineId(message.body), self.world.ports)
            self.world.queues.delete(Queue.TIMERS, [message.receipt])
        self.pump()


def sums(heard: Heard) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in heard.lines:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            found.update({metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]})
    return found


def test_a_run_is_started_once_and_finished_once() -> None:
    with listening() as heard:
        House(copies("A", "B")).end()
    found = sums(heard)
    assert (found["RunsStarted"], found["RunsFinished"], found["RunsFailed"]) == (1, 1, 0)
    assert found["InstancesFinished"] == 5  # two copies, three data nodes
    assert {line["pipeline"] for line in heard.of("pipeline.advanced")} == {PIPELINE}


@pytest.mark.parametrize("failing", ["A", "B"])
def test_a_run_of_which_something_failed_has_failed_whichever_ended_last(failing: str) -> None:
    with listening() as heard:
        House(copies("A", "B")).end(failing)
    found = sums(heard)
    assert (found["RunsStarted"], found["RunsFinished"], found["RunsFailed"]) == (1, 0, 1)
    assert (found["InstancesFailed"], found["AttemptsFailed"]) == (1, 1)
    (line,) = heard.of("instance.failed")
    assert (line["status"], line["errorId"], line["run"]) == ("FAILED", "Bad", "2026-01-01T00:00:00")
    assert line["attempt"] == f"@{failing}_2026-01-01T00:00:00_Attempt=1"


def test_every_interval_of_a_backfill_is_a_run() -> None:
    scheduled = {"scheduleType": "cron", "schedule": {"ref": "Hourly"}}
    hourly = {
        "id": "Hourly",
        "type": "Schedule",
        "period": "1 hour",
        "startDateTime": "2025-12-31T12:00:00",
        "occurrences": "12",
    }
    with listening() as heard:
        House([*copies("A", "B", **scheduled), hourly]).end()
    found = sums(heard)
    assert (found["RunsStarted"], found["RunsFinished"], found["RunsFailed"]) == (12, 12, 0)


def test_a_pipeline_that_is_woken_late_says_how_late() -> None:
    scheduled = {"scheduleType": "cron", "schedule": {"ref": "Hourly"}}
    hourly = {
        "id": "Hourly",
        "type": "Schedule",
        "period": "1 hour",
        "startDateTime": "2026-01-01T01:00:00",
        "occurrences": "1",
    }
    house = House([*copies("A", **scheduled), hourly])
    with listening() as heard:
        house.pass_time(timedelta(hours=1, seconds=90))
    assert sums(heard)["Lateness"] == 90


def test_a_turn_costs_something_and_names_what_ended() -> None:
    with listening() as heard:
        House(copies("A")).end()
    lines = heard.of("pipeline.advanced")
    assert all(1e-7 < line["EstimatedCost"] < 1e-4 for line in lines)
    assert lines[0]["events"] == {"Activated": 1}
    assert "@A_2026-01-01T00:00:00 FINISHED" in lines[-1]["instances"]


def test_events_are_counted_once_and_buried_when_their_run_failed() -> None:
    objects = triggered()
    objects[1] = {"id": "Dropped", "type": "HttpTrigger"}
    objects[2] = {"id": "In", "type": "S3DataNode", "filePath": "s3://a/in"}
    objects[3] = {"id": "Out", "type": "S3DataNode", "filePath": "s3://a/out"}
    house = House(objects)
    house.world.ports.store.arm(PIPELINE, subscriptions_of(PIPELINE, from_file({"objects": objects})))
    call = http_call(PIPELINE, "hunter2", {"h": "hunter2"}, "key", house.world.clock.now())
    with listening() as heard:
        take([call], house.world.ports)
        house.world.clock.advance(timedelta(seconds=1))
        take([call], house.world.ports)
        house.pump()
        house.end("Copy")
    found = sums(heard)
    assert (found["EventsTaken"], found["EventsDead"]) == (1, 1)
    assert heard.of("events.buried")[0]["pipeline"] == PIPELINE
    assert "hunter2" not in heard.text


def test_a_task_tells_what_it_copied_how_long_it_took_and_what_that_cost() -> None:
    given = task(item("x", type="CopyActivity"))
    done = Finished((("rowsCopied", "7"), ("bytesCopied", "90"), ("note", "hunter2")))
    with listening() as heard, trail.along(trail.attempt_ids(given.attempt), memory_mb=1024):
        tell_work(given, done, timedelta(seconds=2), 1)
        tell_work(given, Failed("Denied", "hunter2"), timedelta(seconds=1), 2)
    first, second = heard.of("task.done")
    assert (first["type"], first["outcome"], first["attempt"]) == ("CopyActivity", "Finished", given.attempt)
    assert (first["RowsCopied"], first["BytesCopied"], first["TaskTime"]) == (7, 90, 2000)
    assert math.isclose(first["EstimatedCost"], 2 * 0.0000166667 + 0.2e-6)
    assert (second["outcome"], second["errorId"], second["delivery"]) == ("Failed", "Denied", 2)
    assert "hunter2" not in heard.text


def test_a_chunk_leaves_what_it_copied_to_the_end_of_its_task() -> None:
    given = replace(task(item("x", type="CopyActivity")), turn=1)
    with listening() as heard:
        tell_chunk(given, 3, Finished((("bytesCopied", "90"),)), timedelta(seconds=2), 1)
    (line,) = heard.of("chunk.done")
    assert line["chunk"] == 3
    assert "BytesCopied" not in line
    assert "EstimatedCost" not in line  # outside a function nothing is known of its price
