"""Ends of jobs elsewhere, as their services tell of them: what waits goes on at once instead of at its next look.

    start job ── note what waits ── look, later and later ────────────────────► goes on
                                ▲                     ▲
                 the end is told: the noted task is   told before it was noted, or not at all:
                 queued beside its looks              the next look finds the end

Tellings come late, twice, in any order, and of jobs that are not ours. None of them is believed: a task that is woken
asks the service how its job stands. It leaves no further look behind, since those go on by themselves. A chunk of a
task waits just like a task, for one job after the other.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.completion import Completion, Elsewhere, job_key
from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.codec import encode_task
from chalicelib.domain.run.events import ResourceFailed, ResourceReady
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, InstanceId, PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Message, Queue
from chalicelib.service.control import publish

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WaitingCluster:
    """The attempt of a resource that a cluster is."""

    pipeline: PipelineId
    instance: InstanceId
    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is kept by a job: a task or a chunk as it travels, or a cluster's attempt."""

    task: str | None = None
    cluster: WaitingCluster | None = None
    chunk: str | None = None


def await_job(job: str, task: Task, ports: Ports) -> None:
    """Have the task woken when the job's end is told."""
    ports.store.put_waiting(job, _text(Waiting(task=encode_task(replace(task, woken=True)))))


def await_chunk(job: str, message: str, ports: Ports) -> None:
    """Have a message of the CHUNKS queue sent when the job's end is told."""
    ports.store.put_waiting(job, _text(Waiting(chunk=message)))


def await_cluster(cluster_id: str, waiting: WaitingCluster, ports: Ports) -> None:
    """Have the pipeline told when the cluster is up, and when it ends."""
    ports.store.put_waiting(job_key(Elsewhere.CLUSTER, cluster_id), _text(Waiting(cluster=waiting)))


def wake_waiting(completions: Sequence[Completion], ports: Ports) -> int:
    """Let what waits for these jobs go on; how many were waited for. Safe to repeat.

    Raises   Throttled or Unavailable when one may not have been; tell of all of them again
    """
    return sum(_wake(completion, ports) for completion in completions)


def _wake(completion: Completion, ports: Ports) -> bool:
    text = ports.store.waiting(completion.job)
    if text is None:
        log.info("nothing waits for a job that ended", extra={"job": completion.job})
        return False
    waiting = from_plain(Waiting, json.loads(text))
    if waiting.task is not None:
        ports.sender.send(Queue.TASKS, [Message(f"{completion.job}/woken", waiting.task)])
    if waiting.chunk is not None:
        ports.sender.send(Queue.CHUNKS, [Message(f"{completion.job}/woken", waiting.chunk)])
    if waiting.cluster is not None:
        _tell_cluster(completion, waiting.cluster, ports)
    if not completion.up:
        ports.store.drop_waiting(completion.job)
    return True


def _tell_cluster(completion: Completion, found: WaitingCluster, ports: Ports) -> None:
    now = ports.clock.now()
    event = (
        ResourceReady(found.instance, found.attempt, now)
        if completion.up
        else ResourceFailed(found.instance, found.attempt, now, completion.reason)
    )
    key = f"{found.attempt}/{type(event).__name__}/told"
    publish(ports.sender, found.pipeline, [(key, event)])


def _text(waiting: Waiting) -> str:
    return json.dumps(to_plain(Waiting, waiting))
