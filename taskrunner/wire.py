"""The service as a Task Runner sees it: four operations of its API. Owns the wire's shapes; must not know executors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, PipelineId, Ref
from chalicelib.ports.errors import Rejected
from chalicelib.work.outcome import Failed, Finished, NotSatisfied


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task with the id that reports about it carry."""

    id: str
    task: Task


@dataclass(frozen=True, slots=True)
class Wire:
    """One runner's side of the protocol. Every method raises the port errors; Missing is a task no longer ours.

    client  boto3's datapipeline client, with a read timeout above the 90 s of a long poll
    """

    client: Any
    worker_group: str
    runner_id: str
    hostname: str

    def poll(self) -> Claimed | None:
        """Wait for a task; None when the service had none for a while."""
        reply = call("PollForTask", self.client.poll_for_task, workerGroup=self.worker_group, hostname=self.hostname)
        found = reply.get("taskObject") or {}
        if not found.get("taskId"):
            return None
        try:
            return Claimed(found["taskId"], self._task(found))
        except KeyError as error:
            raise Rejected("PollForTask", f"the service's answer lacks {error}") from error

    def report(self, task_id: str, fields: Sequence[tuple[str, str]]) -> bool:
        """Say that the work goes on; the first time, that it begins. Whether it is to stop."""
        reply = call(
            "ReportTaskProgress",
            self.client.report_task_progress,
            taskId=task_id,
            fields=[{"key": key, "stringValue": value} for key, value in fields],
        )
        return bool(reply["canceled"])

    def end(self, task_id: str, verdict: Finished | Failed | NotSatisfied) -> None:
        """Say how it ended."""
        call("SetTaskStatus", self.client.set_task_status, taskId=task_id, **_status(verdict))

    def heartbeat(self) -> bool:
        """Say that the runner lives. Whether it is to end."""
        reply = call(
            "ReportTaskRunnerHeartbeat",
            self.client.report_task_runner_heartbeat,
            taskrunnerId=self.runner_id,
            workerGroup=self.worker_group,
            hostname=self.hostname,
        )
        return bool(reply["terminate"])

    def _task(self, found: Mapping[str, Any]) -> Task:
        attempt = found["attemptId"]
        objects = {name: _object(name, item) for name, item in found.get("objects", {}).items()}
        return Task(
            PipelineId(found["pipelineId"]),
            AttemptId(attempt),
            1,
            Placement.WORKER_GROUP,
            self.worker_group,
            objects,
        )


def _object(name: str, item: Mapping[str, Any]) -> PipelineObject:
    return PipelineObject(item.get("id", name), item.get("name", name), tuple(map(_field, item.get("fields", ()))))


def _field(field: Mapping[str, str]) -> Field:
    return Field(field["key"], Ref(field["refValue"]) if "refValue" in field else field.get("stringValue", ""))


def _status(verdict: Finished | Failed | NotSatisfied) -> dict[str, str]:
    match verdict:
        case Finished():
            return {"taskStatus": "FINISHED"}
        case NotSatisfied(message):
            return {"taskStatus": "FALSE", "errorMessage": message}
        case Failed(error_id, message, trace):
            return {
                "taskStatus": "FAILED",
                "errorId": error_id,
                "errorMessage": message,
                **({"errorStackTrace": trace} if trace else {}),
            }
