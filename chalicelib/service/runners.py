"""Task Runners themselves: their heartbeats, and what the first word of a machine's own runner means."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.errors import InvalidRequest, PipelineDeleted, PipelineNotFound
from chalicelib.domain.run.attempts import split_resource_group
from chalicelib.domain.run.events import ResourceReady
from chalicelib.domain.run.state import attempt_id
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.page import Page
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


ALIVE = timedelta(minutes=15)
"""A runner that was not heard of for longer is taken for gone; it speaks every few minutes."""


@dataclass(frozen=True, slots=True)
class ShownRunner:
    """A Task Runner as its owner sees it."""

    runner_id: str
    worker_group: str
    hostname: str
    seen_at: UtcTime
    alive: bool
    ending: bool


def list_runners(marker: str | None, limit: int, caller: Caller, ports: Ports) -> Page[ShownRunner]:
    """A page of the caller's Task Runners, in order of id; those on machines of pipelines that do not exist for the
    caller are left out, so a page may be short and still go on.

    Raises   InvalidRequest for a marker of another listing
    """
    try:
        page = ports.store.runners(caller.account, marker or None, limit)
    except Rejected as error:
        raise InvalidRequest("cursor: not one of this listing; start again without a cursor") from error
    named = {runner.runner_id: split_resource_group(runner.worker_group) for runner in page.items}
    records = ports.store.pipelines(sorted({split[0] for split in named.values() if split is not None}))
    now = ports.clock.now()
    found = []
    for runner in page.items:
        split = named[runner.runner_id]
        record = records.get(split[0]) if split is not None else None
        if split is None or (record is not None and caller.sees(record)):
            found.append(_shown(runner, now))
    return Page(tuple(found), page.marker)


def _shown(runner: RunnerRecord, now: UtcTime) -> ShownRunner:
    name = runner.runner_id.partition("/")[2]
    alive = now - runner.seen_at <= ALIVE
    return ShownRunner(name, runner.worker_group, runner.hostname, runner.seen_at, alive, runner.terminate)


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
