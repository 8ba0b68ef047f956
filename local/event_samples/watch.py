"""When work began and ended, seen from where the embedded run invokes functions: instances tell seconds only."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.run.codec import decode_task
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, PipelineId
from chalicelib.ports.queues import Queue
from local.pump import Source


@dataclass(frozen=True, slots=True)
class Timed:
    """A task and when it was first begun and last ended, on the monotonic clock; `ended` None while it is at work."""

    task: Task
    begun: float
    ended: float | None = None


class Watch:
    """Sees the tasks of watched pipelines, and what came in on the arrivals queue while any is watched."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipelines: set[PipelineId] = set()
        self._tasks: dict[AttemptId, Timed] = {}
        self._arrived: list[str] = []

    def follow(self, pipeline_id: str) -> None:
        """Watch a pipeline from now on."""
        self._pipelines.add(PipelineId(pipeline_id))

    def tasks(self, pipeline_id: str, kind: str) -> Sequence[Timed]:
        """The tasks of one pipeline whose object is of type `kind`."""
        with self._lock:
            found = tuple(self._tasks.values())
        return [item for item in found if item.task.pipeline == pipeline_id and item.task.subject.type == kind]

    def arrived(self) -> Sequence[str]:
        """The messages of the arrivals queue, as they came."""
        return tuple(self._arrived)

    def around(self, source: Source) -> Source:
        """The same event source, watched if it is one to watch."""
        watched = {Queue.TASKS: self._timed, Queue.ARRIVALS: self._kept}.get(source.queue)
        return replace(source, handler=watched(source.handler)) if watched else source

    def _timed(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        def invoke(event: Mapping[str, Any], context: object) -> Any:
            if not self._pipelines:
                return handler(event, context)
            tasks = [decode_task(record["body"]) for record in event["Records"]]
            begun = time.monotonic()
            answer = handler(event, context)
            self._note([task for task in tasks if task.pipeline in self._pipelines], begun, time.monotonic())
            return answer

        return invoke

    def _kept(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        def invoke(event: Mapping[str, Any], context: object) -> Any:
            if self._pipelines:
                self._arrived += [record["body"] for record in event["Records"]]
            return handler(event, context)

        return invoke

    def _note(self, tasks: Sequence[Task], begun: float, ended: float) -> None:
        with self._lock:
            for task in tasks:
                known = self._tasks.get(task.attempt)
                first = known.begun if known else begun
                self._tasks[task.attempt] = Timed(task, first, ended)
