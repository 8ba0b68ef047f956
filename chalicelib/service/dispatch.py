"""Performing effects: the only place where the control plane acts on the outside.

Each effect stands alone: one that cannot be performed now stays in the outbox and is sent again. What cannot succeed is
told to the engine as a failure.
"""

import logging
from dataclasses import replace
from typing import assert_never

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.run.advance import Advanced
from chalicelib.domain.run.assemble import Blueprint, action_for, on_cluster, resource_for, task_for
from chalicelib.domain.run.attempts import polled_resource, resource_group
from chalicelib.domain.run.codec import encode_task
from chalicelib.domain.run.effects import (
    BuryEvents,
    CancelTask,
    CheckResource,
    Dispatch,
    Effect,
    LaunchResource,
    Placement,
    ReclaimEvents,
    RunAction,
    TerminateResource,
)
from chalicelib.domain.run.events import (
    EffectDone,
    Event,
    ResourceCreated,
    ResourceFailed,
    ResourceReady,
    ResourceTerminated,
    TaskEnded,
    TaskStatus,
)
from chalicelib.domain.run.state import Instance, PipelineState, split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, InstanceId, PipelineId, TaskId, WorkerGroup, render_time
from chalicelib.ports.bundle import Ports
from chalicelib.ports.compute import LaunchRequest, ResourceStatus
from chalicelib.ports.errors import PortError, failure
from chalicelib.ports.events import Standing
from chalicelib.ports.queues import Message, Queue
from chalicelib.ports.store import WorkerTask
from chalicelib.service.access import scoped_group
from chalicelib.service.actions import run_action
from chalicelib.service.backlog import claimed_keys, with_events
from chalicelib.service.blueprints import blueprint_of
from chalicelib.service.chronicle import tell_buried
from chalicelib.service.completions import WaitingCluster, await_cluster
from chalicelib.service.control import publish
from chalicelib.service.secrets import unseal_object

log = logging.getLogger(__name__)


def perform_effects(result: Advanced, ports: Ports) -> None:
    """Perform every effect that the step decided to send."""
    ended = {instance.id: instance for instance in result.ended}
    for effect in result.send:
        _Performer(result.state, ended, ports).perform(effect)


class _Performer:
    """One effect's surroundings: the committed state, and the instances that ended in this step."""

    def __init__(self, state: PipelineState, ended: dict[InstanceId, Instance], ports: Ports) -> None:
        self.state = state
        self.ended = ended
        self.ports = ports

    def perform(self, effect: Effect) -> None:
        """Do it, and tell the engine what came of it where it needs to know."""
        event = self._guarded(effect)
        if event is not None:
            publish(self.ports.sender, self.pipeline, [(f"{effect.id}/{type(event).__name__}", event)])

    @property
    def pipeline(self) -> PipelineId:
        return self.state.pipeline_id

    def _guarded(self, effect: Effect) -> Event | None:
        try:
            return self._performed(effect)
        except ExpressionError as error:
            return self._impossible(effect, "ExpressionError", str(error))
        except PortError as error:
            log.warning("effect.failed", extra={"pipeline": self.pipeline, "effect": effect.id, **failure(error)})
            return None if error.retryable else self._impossible(effect, type(error).__name__, str(error))

    def _performed(self, effect: Effect) -> Event | None:
        match effect:
            case Dispatch():
                self._dispatch(effect)
                return None
            case CancelTask():
                return self._cancel(effect)
            case RunAction():
                return self._act(effect)
            case LaunchResource() | CheckResource() | TerminateResource():
                return self._on_machine(effect)
            case BuryEvents() | ReclaimEvents():
                return self._on_events(effect)
            case _:
                assert_never(effect)

    def _on_machine(self, effect: LaunchResource | CheckResource | TerminateResource) -> Event | None:
        match effect:
            case LaunchResource():
                return self._launch(effect)
            case CheckResource():
                return self._check(effect)
            case TerminateResource():
                return self._terminate(effect)
            case _:
                assert_never(effect)

    def _impossible(self, effect: Effect, error_id: str, reason: str) -> Event | None:
        """The event that says an effect will never succeed."""
        now = self.ports.clock.now()
        match effect:
            case Dispatch():
                return TaskEnded(effect.attempt, effect.turn, now, TaskStatus.FAILED, error_id, reason)
            case LaunchResource() | CheckResource():
                return ResourceFailed(effect.instance, effect.attempt, now, reason)
            case TerminateResource() | CancelTask() | RunAction() | BuryEvents() | ReclaimEvents():
                log.error(
                    "effect.impossible", extra={"pipeline": self.pipeline, "effect": effect.id, "error": error_id}
                )
                return self._confirmation(effect)
            case _:
                assert_never(effect)

    def _confirmation(self, effect: CancelTask | RunAction | TerminateResource | BuryEvents | ReclaimEvents) -> Event:
        now = self.ports.clock.now()
        if isinstance(effect, TerminateResource):
            return ResourceTerminated(effect.instance, effect.attempt, now)
        return EffectDone(effect.id, now)

    def _instance(self, name: InstanceId) -> Instance | None:
        """Live, or ended in this step, or in history."""
        found = self.state.instances.get(name) or self.ended.get(name)
        return found or self.ports.store.history(self.pipeline, [name]).get(name)

    def _blueprint(self, instance: Instance) -> Blueprint:
        source = blueprint_of(self.pipeline, instance.version, self.state.first_activation, self.ports)
        return with_events(source, instance, self.ports)

    def _dispatch(self, effect: Dispatch) -> None:
        instance = self.state.instances.get(effect.instance)
        if instance is not None:
            self._dispatch_from(instance, effect)

    def _dispatch_from(self, instance: Instance, effect: Dispatch) -> None:
        owner = self._instance(instance.owner) if instance.owner else None
        source = self._blueprint(instance)
        task = self._with_cluster(source, instance, task_for(source, instance, owner, effect))
        if effect.placement is Placement.SERVERLESS:
            self.ports.sender.send(Queue.TASKS, [Message(effect.id, encode_task(task))])
        else:
            self._offer(effect, task)

    def _with_cluster(self, source: Blueprint, instance: Instance, task: Task) -> Task:
        """A task that a function submits to a cluster carries that cluster."""
        cluster = polled_resource(source.plan, self.state, instance)
        return task if cluster is None else on_cluster(task, self._blueprint(cluster), cluster)

    def _offer(self, effect: Dispatch, task: Task) -> None:
        self.ports.store.offer_task(
            WorkerTask(
                id=task_id(self.pipeline, effect.attempt, effect.turn),
                pipeline_id=self.pipeline,
                worker_group=self._group(effect.worker_group or ""),
                body=encode_task(task),
                offered_at=self.ports.clock.now(),
            )
        )

    def _group(self, worker_group: str) -> WorkerGroup:
        record = self.ports.store.pipelines([self.pipeline]).get(self.pipeline)
        return scoped_group(record.owner if record else "", worker_group)

    def _cancel(self, effect: CancelTask) -> Event:
        """A serverless worker asks the live state by itself; a Task Runner hears it with its next report.

        What runs on a cluster has nobody on it who asks: its task, handed out once more, stops it there.
        """
        row = self.ports.store.task(task_id(self.pipeline, effect.attempt, effect.turn))
        if row is not None and not row.ended:
            self.ports.store.replace_task(replace(row, canceled=True))
        elif row is None:
            self._recall(effect)
        return self._confirmation(effect)

    def _recall(self, effect: CancelTask) -> None:
        split = split_attempt_id(effect.attempt)
        instance = self._instance(split[0]) if split else None
        if instance is None or polled_resource(self._blueprint(instance).plan, self.state, instance) is None:
            return
        self._dispatch_from(
            instance, Dispatch(effect.id, instance.id, effect.attempt, effect.turn, Placement.SERVERLESS)
        )

    def _act(self, effect: RunAction) -> Event:
        instance = self._instance(effect.instance)
        if instance is not None:
            run_action(action_for(self._blueprint(instance), effect.action, instance), self.ports.notifier)
        return self._confirmation(effect)

    def _on_events(self, effect: BuryEvents | ReclaimEvents) -> Event:
        keys = claimed_keys(self.pipeline, effect.events, self.ports)
        if isinstance(effect, BuryEvents):
            self.ports.store.mark_events(self.pipeline, keys, Standing.DEAD, effect.run, effect.reason)
            tell_buried(self.pipeline, len(keys), effect.run)
        else:
            self.ports.store.reclaim_events(self.pipeline, keys, effect.run)
        return self._confirmation(effect)

    def _launch(self, effect: LaunchResource) -> Event | None:
        instance = self.state.instances.get(effect.instance)
        if instance is None or instance.head is None:
            return None
        resource, linked = resource_for(self._blueprint(instance), instance)
        request = LaunchRequest(
            token=_token(self.pipeline, effect.attempt),
            pipeline=self.pipeline,
            worker_group=resource_group(self.pipeline, instance.id, instance.head.number),
            resource=self._opened(resource),
            tags=self._tags(instance),
            linked={name: self._opened(item) for name, item in linked.items()},
            label=f"{instance.component}_{render_time(instance.head.created)}",
            last_attempt=instance.tries_left <= 0,
        )
        resource_id = self.ports.compute.launch(request)
        if self._blueprint(instance).plan.component_of(instance).polled:
            waiting = WaitingCluster(self.pipeline, instance.id, effect.attempt)
            await_cluster(resource_id, waiting, self.ports)
        return ResourceCreated(effect.instance, effect.attempt, resource_id, self.ports.clock.now())

    def _opened(self, item: PipelineObject) -> PipelineObject:
        """With its secrets readable: a proxy's password has to reach the machine."""
        return unseal_object(item, self.pipeline, self.ports.sealer)

    def _check(self, effect: CheckResource) -> Event | None:
        """How a cluster is; nothing while it starts, so that it is asked again."""
        now = self.ports.clock.now()
        match self.ports.compute.status(effect.resource_id):
            case ResourceStatus.UP:
                return ResourceReady(effect.instance, effect.attempt, now)
            case ResourceStatus.STARTING:
                return None
            case ResourceStatus.ENDING | ResourceStatus.GONE as status:
                reason = self.ports.compute.reason(effect.resource_id) or "it ended by itself"
                return ResourceFailed(
                    effect.instance, effect.attempt, now, f"{effect.resource_id} is {status.value}: {reason}"
                )

    def _tags(self, instance: Instance) -> tuple[tuple[str, str], ...]:
        record = self.ports.store.pipelines([self.pipeline]).get(self.pipeline)
        own = {"penstock:pipeline": self.pipeline, "penstock:instance": instance.id}
        return tuple({**(record.tags if record else {}), **own}.items())

    def _terminate(self, effect: TerminateResource) -> Event:
        resource_id = effect.resource_id or self._launched(effect)
        if resource_id is not None:
            self.ports.compute.terminate(resource_id)
        return self._confirmation(effect)

    def _launched(self, effect: TerminateResource) -> str | None:
        """What a launch made that was never confirmed."""
        instance = self._instance(effect.instance)
        region = self._region(instance) if instance is not None else None
        return self.ports.compute.find(_token(self.pipeline, effect.attempt), region)

    def _region(self, instance: Instance) -> str | None:
        try:
            return resource_for(self._blueprint(instance), instance)[0].text("region")
        except ExpressionError:
            return None  # nothing can have been launched from it either


def task_id(pipeline: PipelineId, attempt: AttemptId, turn: int) -> TaskId:
    """The store's id of a task for Task Runners; the same however often its dispatch is repeated."""
    return TaskId(f"{pipeline}/{attempt}/{turn}")


def _token(pipeline: PipelineId, attempt: AttemptId) -> str:
    """The idempotency token of a launch."""
    return f"{pipeline}/{attempt}"
