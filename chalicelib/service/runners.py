"""Task Runners themselves: their heartbeats, and what the first word of a machine's own runner means."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.errors import InvalidRequest, PipelineDeleted, PipelineNotFound
from chalicelib.domain.run.attempts import split_resource_group
from chalicelib.domain.run.events import ResourceReady
from chalicelib.domain.run.state import attempt_id
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import RunnerRecord
from chalicelib.service.access import Caller, check_signed, live_pipeline
from chalicelib.service.control import publish

TELL_EVERY = timedelta(minutes=15)
"""The engine takes a machine that it has not heard of for 45 minutes for dead."""


@dataclass(frozen=True, slots=True)
class ReportTaskRunnerHeartbeat:
    """A runner lives."""

    taskrunner_id: str
    worker_group: str = ""
    hostname: str = ""


def report_heartbeat(request: ReportTaskRunnerHeartbeat, caller: Caller, ports: Ports) -> bool:
    """Note that a runner lives; whether it is to end."""
    check_signed(caller)
    heard_of_machine(request.worker_group, request.hostname, caller, ports)
    return _noted(request.taskrunner_id, request.worker_group, request.hostname, caller, ports)


def heard_of_machine(worker_group: str, hostname: str, caller: Caller, ports: Ports) -> None:
    """When the group is a resource's own, tell the engine that its machine is up, and later that it still is.

    Raises   InvalidRequest when the group names a pipeline that the caller does not have, or no longer has
    """
    named = split_resource_group(worker_group)
    if named is None:
        return
    now = ports.clock.now()
    known = ports.store.runner(_name(worker_group, caller))
    if known is not None and now - known.seen_at < TELL_EVERY:
        return
    pipeline_id, resource, attempt = named
    _check_pipeline(pipeline_id, caller, ports)
    event = ResourceReady(resource, attempt_id(resource, attempt), now)
    publish(ports.sender, pipeline_id, [(f"{worker_group}/ready/{now.timestamp():.0f}", event)])
    _noted(worker_group, worker_group, hostname, caller, ports)


def _check_pipeline(pipeline_id: PipelineId, caller: Caller, ports: Ports) -> None:
    # The runner's operations do not declare the pipelines' errors.
    try:
        live_pipeline(ports.store, caller, pipeline_id)
    except (PipelineNotFound, PipelineDeleted) as error:
        raise InvalidRequest(f"workerGroup: {error}, so its machines have no more work; end this runner") from error


def _noted(runner: str, worker_group: str, hostname: str, caller: Caller, ports: Ports) -> bool:
    name = _name(runner, caller)
    known = ports.store.runner(name)
    terminate = known is not None and known.terminate
    ports.store.put_runner(RunnerRecord(name, worker_group, hostname, ports.clock.now(), terminate))
    return terminate


def _name(runner: str, caller: Caller) -> str:
    return f"{caller.account}/{runner}"
