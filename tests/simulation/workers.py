"""Simulated workers: functions fed by the tasks queue, and Task Runners that poll. Good ones, slow ones, liars."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from chalicelib.domain.run.codec import decode_task
from chalicelib.domain.run.events import Event, TaskEnded, TaskProgressed, TaskStarted, TaskStatus
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, WorkerGroup
from chalicelib.ports.errors import Conflict
from chalicelib.ports.queues import Queue, Receiver
from chalicelib.ports.store import TaskStore, WorkerTask
from tests.simulation.machines import MINUTE
from tests.simulation.timeline import Timeline

TASK_VISIBILITY = timedelta(minutes=30)
HAND_OUT = timedelta(minutes=2)
_GUARDS = ("S3KeyExists", "Exists")
_MANNERS = ("slow", "twice", "silent", "mute", "vanishes", "no start", "contradicts")


class Workers:
    """Everybody who executes tasks.

    done   attempts and turns whose effect happened outside, with every verdict that was sent for them
    """

    def __init__(
        self,
        timeline: Timeline,
        rng: Random,
        clumsy: float,
        publish: Callable[[str, Event], None],
        tell: Callable[[str], None],
    ) -> None:
        self._timeline = timeline
        self._rng = rng
        self._clumsy = clumsy
        self._publish = publish
        self._tell = tell
        self._reports = 0
        self.verdicts: dict[tuple[AttemptId, int], set[TaskStatus]] = {}
        self.bodies: dict[tuple[AttemptId, int], Task] = {}

    def serve_queue(self, receiver: Receiver) -> bool:
        """Take what the tasks queue has, in any order; whether there was anything."""
        batch = list(receiver.receive(Queue.TASKS, 10, TASK_VISIBILITY, timedelta(0)))
        self._rng.shuffle(batch)
        for message in batch:
            if self._take_up(decode_task(message.body), lambda: True) or message.count > 2:
                receiver.delete(Queue.TASKS, [message.receipt])
        return bool(batch)

    def poll(self, group: WorkerGroup, store: TaskStore, up: Callable[[], bool]) -> bool:
        """One poll of a Task Runner; whether it got a task. Work mostly ends with the machine it runs on."""
        now = self._timeline.now()
        found = store.claim_task(group, now, now + HAND_OUT)
        if found is None:
            return False
        if self._take_up(decode_task(found.body), lambda: up() or self._rng.random() < 0.2):
            _write(store, replace(found, acknowledged=True))
        return True

    def _take_up(self, task: Task, alive: Callable[[], bool]) -> bool:
        """Whether the worker keeps it: one that vanishes leaves it for somebody else."""
        self.bodies.setdefault((task.attempt, task.turn), task)
        manner = self._rng.choice(_MANNERS) if self._rng.random() < self._clumsy else "good"
        self._tell(f"worker takes {task.attempt}/{task.turn}, {manner}")
        if manner in ("vanishes", "silent"):
            return manner == "silent" and task.worker_group is None
        pause = self._rng.random() * MINUTE
        if manner != "no start":
            self._later(pause, alive, lambda: self._report(TaskStarted(task.attempt, task.turn, self._timeline.now())))
        if manner != "mute":
            self._work(task, manner, pause, alive)
        return True

    def _work(self, task: Task, manner: str, pause: timedelta, alive: Callable[[], bool]) -> None:
        length = self._rng.random() * 4 * MINUTE
        if manner == "slow":
            length = self._rng.random() * 60 * MINUTE
        elif self._rng.random() < 0.15:
            length = self._rng.random() * 30 * MINUTE
            for turn in range(1, int(length / (4 * MINUTE)) + 1):
                self._later(pause + turn * 4 * MINUTE, alive, lambda: self._progress(task))
        verdict = self._verdict(task)
        self._later(pause + length, alive, lambda: self._end(task, verdict))
        if manner in ("twice", "contradicts"):
            again = self._verdict(task) if manner == "contradicts" else verdict
            self._later(pause + length + self._rng.random() * 10 * MINUTE, alive, lambda: self._end(task, again))

    def _verdict(self, task: Task) -> TaskStatus:
        if task.subject.type in _GUARDS:
            return self._rng.choices((TaskStatus.FINISHED, TaskStatus.FALSE, TaskStatus.FAILED), (60, 30, 10))[0]
        return self._rng.choices((TaskStatus.FINISHED, TaskStatus.FAILED), (78, 22))[0]

    def _later(self, length: timedelta, alive: Callable[[], bool], action: Callable[[], None]) -> None:
        self._timeline.after(length, lambda: action() if alive() else None)

    def _progress(self, task: Task) -> None:
        if not self.verdicts.get((task.attempt, task.turn)):
            self._report(TaskProgressed(task.attempt, task.turn, self._timeline.now()))

    def _end(self, task: Task, verdict: TaskStatus) -> None:
        self.verdicts.setdefault((task.attempt, task.turn), set()).add(verdict)
        self._report(TaskEnded(task.attempt, task.turn, self._timeline.now(), verdict, "Simulated", "it broke"))

    def _report(self, event: TaskStarted | TaskProgressed | TaskEnded) -> None:
        self._reports += 1
        self._publish(f"report-{self._reports}", event)


def _write(store: TaskStore, task: WorkerTask) -> None:
    try:
        store.replace_task(task)
    except Conflict:
        return
