"""A pipeline at work: real services and engine, store and queues in memory, workers that end as they are told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.codec import decode_event, decode_state, decode_task
from chalicelib.domain.run.events import TaskEnded, TaskStarted, TaskStatus
from chalicelib.domain.run.state import PipelineState
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Queue
from chalicelib.service.access import Caller
from chalicelib.service.activation import ActivatePipeline, activate_pipeline
from chalicelib.service.advance import Engine
from chalicelib.service.control import publish
from chalicelib.service.definitions import PutDefinition, put_definition
from chalicelib.service.pipelines import CreatePipeline, create_pipeline
from chalicelib.service.tick import tick, wake
from tests.unit.service.world import World, made_world

ALICE = Caller("123456789012", "alice")
_VISIBLE = timedelta(minutes=6)


class Staged:
    """A staging bucket of these tests."""

    def put(self, key: str, _content: bytes) -> str:
        return f"s3://staging/{key}"


class Plant:
    """One pipeline. Serverless tasks end FINISHED unless `fates` says otherwise for their component, or it is held."""

    def __init__(self, objects: list[dict[str, Any]] | None = None, **document: Any) -> None:
        self.world: World = made_world()
        self.ports: Ports = replace(self.world.ports, sealer=KeySealer(b"k" * 32), staging=Staged())
        self.world.ports = self.ports
        self.engine = Engine(self.ports)
        self.fates: dict[str, list[TaskStatus]] = defaultdict(list)
        self.held: set[str] = set()
        self.tasks: list[Task] = []
        self.pipeline: PipelineId = create_pipeline(CreatePipeline("plant", "u"), ALICE, self.ports)
        if objects is not None:
            self.put(objects, **document)
            self.activate()

    def put(self, objects: list[dict[str, Any]], **document: Any) -> None:
        """PutPipelineDefinition; it must be free of errors."""
        definition = from_file({"objects": objects, **document})
        saved = put_definition(PutDefinition(self.pipeline, definition), ALICE, self.ports)
        assert not saved.errors, saved

    def activate(self, start: UtcTime | None = None) -> None:
        """ActivatePipeline, and everything that follows at once."""
        activate_pipeline(ActivatePipeline(self.pipeline, start_timestamp=start), ALICE, self.ports)
        self.settle()

    def settle(self) -> None:
        """Deliver everything that waits now."""
        while any([self._pump(queue) for queue in (Queue.CONTROL, Queue.TASKS, Queue.TIMERS)]):
            pass

    def later(self, length: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        """Let time pass, the tick coming by."""
        end = self.world.clock.now() + length
        while self.world.clock.now() < end:
            self.world.clock.advance(min(step, end - self.world.clock.now()))
            tick(self.ports)
            self.settle()

    def _pump(self, queue: Queue) -> bool:
        batch = self.world.queues.receive(queue, 10, _VISIBLE, timedelta(0))
        if queue is Queue.CONTROL and batch:
            self.engine.process(self.pipeline, [decode_event(item.body) for item in batch])
        for item in batch:
            if queue is Queue.TASKS:
                self._work(decode_task(item.body))
            elif queue is Queue.TIMERS:
                wake(PipelineId(item.body), self.ports)
        self.world.queues.delete(queue, [item.receipt for item in batch])
        return bool(batch)

    def _work(self, task: Task) -> None:
        self.tasks.append(task)
        component = task.attempt[1:].partition("_")[0]
        now = self.world.clock.now()
        started = TaskStarted(task.attempt, task.turn, now, (("hostname", "h1"),))
        publish(self.world.queues, self.pipeline, [(f"{task.attempt}/{task.turn}/started", started)])
        if component not in self.held:
            self.end(task, self.fates[component].pop(0) if self.fates[component] else TaskStatus.FINISHED)

    def end(self, task: Task, status: TaskStatus = TaskStatus.FINISHED) -> None:
        """The worker's verdict."""
        bad = {} if status is TaskStatus.FINISHED else {"error_id": "Boom", "error_message": "it broke"}
        if status is TaskStatus.FAILED:
            bad["error_stack_trace"] = "at line 1"
        event = TaskEnded(task.attempt, task.turn, self.world.clock.now(), status, **bad)
        publish(self.world.queues, self.pipeline, [(f"{task.attempt}/{task.turn}/ended", event)])

    @property
    def state(self) -> PipelineState:
        """As it was committed last."""
        stored = self.ports.store.load_state(self.pipeline)
        assert stored is not None
        return decode_state(stored.payload)

    def statuses(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Statuses of instances, live or ended."""
        state = self.state
        known = {**self.ports.store.history(self.pipeline, list(ids)), **state.shown}  # type: ignore[arg-type]
        return {name: known[name].status.value for name in ids if name in known}  # type: ignore[index]


def hourly(start: str, hours: int, **fields: Any) -> list[dict[str, Any]]:
    """Two activities, the second after the first, once an hour from `start` on; retries of neither."""
    return [
        {"id": "Default", "scheduleType": "cron", "schedule": {"ref": "Hourly"}, "role": "r", "resourceRole": "rr"}
        | {"failureAndRerunMode": "none", **fields},
        {"id": "Hourly", "type": "Schedule", "period": "1 hour", "startDateTime": start, "occurrences": str(hours)},
        {"id": "In", "type": "S3DataNode", "filePath": "s3://in/#{format(@scheduledStartTime,'YYYY-MM-dd-HH')}"},
        {"id": "Out", "type": "S3DataNode", "filePath": "s3://out/x"},
        {
            "id": "First",
            "type": "CopyActivity",
            "input": {"ref": "In"},
            "output": {"ref": "Out"},
            "maximumRetries": "0",
        },
        {"id": "Second", "type": "CopyActivity", "input": {"ref": "Out"}, "output": {"ref": "End"}}
        | {"maximumRetries": "0", "dependsOn": {"ref": "First"}},
        {"id": "End", "type": "S3DataNode", "filePath": "s3://end/x"},
    ]
