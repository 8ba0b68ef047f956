"""Everything Penstock keeps about pipelines. Two implementations, one contract suite.

Reads are keyed or indexed and paged; nothing scans. Writes are conditional where a race matters. Times are UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import InstanceId, PipelineId, TaskId, UtcTime, WorkerGroup
from chalicelib.ports.events import EventStore
from chalicelib.ports.page import Page as Page  # noqa: PLC0414 (re-exported: listings of the store are its pages)
from chalicelib.ports.waiting import WaitingStore

ANY_NUMBER = 2**53


@dataclass(frozen=True, slots=True)
class PipelineRecord:
    """What CreatePipeline made, and which definition versions there are.

    owner      tenant: every read and write is checked against it by the services
    user_id    `@userId`, `pipelineCreator`: the caller's principal
    revision   changes with every write; `replace_pipeline` compares it
    latest     number of the last saved definition version; 0 when none
    active     number of the last activated one; 0 when never activated
    activated  whether it was ever activated (edit rules apply from then on)
    deleted_at a tombstone when set: its name is free again, its data goes away
    """

    pipeline_id: PipelineId
    owner: str
    user_id: str
    name: str
    unique_id: str
    description: str
    created: UtcTime
    tags: Mapping[str, str]
    revision: int = 0
    latest: int = 0
    active: int = 0
    deleted_at: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """A definition version that is kept: who saved it and when; `activated` when an activation did."""

    version: int
    saved_at: UtcTime
    saved_by: str
    activated: bool = False


class PipelineStore(Protocol):
    """Pipelines and their definitions."""

    def create_pipeline(self, record: PipelineRecord, most: int = ANY_NUMBER) -> PipelineRecord:
        """Store a new pipeline unless (owner, name, unique_id) already has one, which is then returned instead.

        Raises   Full when the owner has `most` pipelines that are not deleted, whether or not they are listed yet; of
                 several callers at once a few more may get through, never fewer

        Of several callers at once all get the same record. A caller that dies half way leaves nothing that keeps the
        next one from getting a pipeline.
        """

    def pipelines(self, ids: Sequence[PipelineId]) -> Mapping[PipelineId, PipelineRecord]:
        """Records by id, tombstones included; ids never created are absent."""

    def list_pipelines(self, owner: str, marker: str | None, limit: int) -> Page[PipelineRecord]:
        """The owner's pipelines that are not deleted, in order of id."""

    def replace_pipeline(self, record: PipelineRecord) -> PipelineRecord:
        """Write `record` with its revision plus one and return that.

        Raises   Conflict unless the stored revision is `record.revision`; Missing when there is none
        Owner, name, unique_id and created never change after creation.
        A record with `deleted_at` frees its (owner, name, unique_id) and leaves list_pipelines.
        """

    def put_definition(
        self, pipeline_id: PipelineId, version: int, definition: Definition, saved: SavedVersion | None = None
    ) -> None:
        """Store a version; writing one again replaces it. Secrets are sealed before they come here.

        saved  lists it among `versions`; without, it is stored and not listed
        """

    def versions(self, pipeline_id: PipelineId, marker: str | None, limit: int) -> Page[SavedVersion]:
        """Listed versions, the newest first; reading them costs nothing of the definitions' size."""

    def definition(self, pipeline_id: PipelineId, version: int) -> Definition | None:
        """A stored version, or None."""

    def delete_definition(self, pipeline_id: PipelineId, version: int) -> None:
        """Forget a version, listed or not; no error when absent."""


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """What was asked under an idempotency key, as a digest, and what was answered, if anything was yet."""

    digest: str
    answer: str | None = None


class KeyStore(Protocol):
    """Idempotency keys. They expire."""

    def claim_key(self, key: str, digest: str, until: UtcTime) -> KeyedRequest:
        """Note, until then, that this was asked under the key; what was asked under it before stays and is returned.

        Of several callers at once all get the same.
        """

    def answer_key(self, key: str, answer: str) -> None:
        """Keep the answer with the key; no error when the key has expired meanwhile."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """The live item: `payload` is what domain/run/codec made, `version` the number of its last commit.

    wake_at  as loaded: where the pipeline stands in the wake index, if it does
    """

    payload: bytes
    version: int
    wake_at: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class Wake:
    """A pipeline that wants to be woken at a time."""

    pipeline_id: PipelineId
    at: UtcTime


class StateStore(Protocol):
    """Live state: one item a pipeline, one conditional write a commit."""

    def load_state(self, pipeline_id: PipelineId) -> StoredState | None:
        """The newest committed state, read consistently."""

    def save_state(self, pipeline_id: PipelineId, state: StoredState, wake_at: UtcTime | None) -> None:
        """Commit. `state.version` must be the stored version plus one (1 when there is none).

        Raises   Conflict otherwise, changing nothing
        wake_at  puts the pipeline into the wake index at that time; None takes it out
        """

    def wait_for_commit(self, pipeline_id: PipelineId, version: int, timeout: timedelta) -> None:
        """Return when the stored version may be another than `version`, or after `timeout` at the latest.

        May return early, without having looked: load the state again.
        """

    def due(self, until: UtcTime, limit: int) -> Sequence[Wake]:
        """Pipelines whose wake_at is at or before `until`, earliest first within a shard, at most `limit`.

        Cost grows with what is due, never with how many pipelines exist.
        """

    def delete_state(self, pipeline_id: PipelineId) -> None:
        """Forget the live item; no error when absent."""


class TimeField(Enum):
    """The two indexed times of an instance."""

    SCHEDULED_START = "@scheduledStartTime"
    ACTUAL_START = "@actualStartTime"


@dataclass(frozen=True, slots=True)
class TimeQuery:
    """Instances whose time `by` lies in [low, high]; with `newest_first` in falling order of time, then id."""

    by: TimeField
    low: UtcTime
    high: UtcTime
    newest_first: bool = False


class HistoryStore(Protocol):
    """Instances that ended or are stuck, attempts included. Rows expire by themselves after the retention time.

    The scheduled start that queries go by is the one that the instance's id ends in, to the second.
    """

    def put_history(self, pipeline_id: PipelineId, instances: Sequence[Instance]) -> None:
        """Write rows, replacing any of the same id. Called before the commit that drops them from live state."""

    def history(self, pipeline_id: PipelineId, ids: Sequence[InstanceId]) -> Mapping[InstanceId, Instance]:
        """Rows by instance id, read consistently; absent ones are absent."""

    def query_history(
        self, pipeline_id: PipelineId, query: "TimeQuery", marker: str | None, limit: int
    ) -> Page[Instance]:
        """Rows whose time lies in [low, high], in order of that time then id, or all the other way round.

        At most `limit` a page.
        """

    def delete_history(self, pipeline_id: PipelineId) -> None:
        """Forget every row of the pipeline."""


@dataclass(frozen=True, slots=True)
class WorkerTask:
    """A task that waits for, or is with, a Task Runner.

    id            what PollForTask gives out; a hand-out adds its number to it (see service/tasks)
    body          the task as text (service/codec); secrets still sealed
    hand_out      how often it was given to a runner
    acknowledged  whether the runner of this hand-out reported; from then on it is never handed out again
    canceled      ReportTaskProgress answers with it
    ended         its status was set before anything acknowledged it
    progress_at   last report; told_at: when the engine was last told of one
    """

    id: TaskId
    pipeline_id: PipelineId
    worker_group: WorkerGroup
    body: str
    offered_at: UtcTime
    hand_out: int = 0
    acknowledged: bool = False
    canceled: bool = False
    ended: bool = False
    progress_at: UtcTime | None = None
    told_at: UtcTime | None = None


class TaskStore(Protocol):
    """Tasks for Task Runners. A row may expire once it was neither offered nor reported on for the retention time."""

    def offer_task(self, task: WorkerTask) -> None:
        """Store unless a task of this id exists already (dispatch may repeat)."""

    def claim_task(self, worker_group: WorkerGroup, now: UtcTime, until: UtcTime) -> WorkerTask | None:
        """The oldest task of the group that is visible at `now`, hidden until `until`, its hand_out raised by one.

        Two callers never get the same hand-out. Acknowledged, canceled and ended tasks are not given out. A task
        offered a moment ago may be missed once, and the order may be off by as much: poll again.
        """

    def wait_for_task(self, worker_group: WorkerGroup, timeout: timedelta) -> None:
        """Return when a task of the group may be waiting, or after `timeout` at the latest; may return early."""

    def task(self, task_id: TaskId) -> WorkerTask | None:
        """The task, read consistently."""

    def replace_task(self, task: WorkerTask) -> None:
        """Write acknowledged, canceled, ended, progress_at and told_at; the rest stays as it was offered.

        The three flags are only ever set: a runner's report and a cancellation may both have read the task before
        either wrote, and neither may take back what the other said.
        Raises   Conflict unless the stored hand_out is `task.hand_out`; Missing when there is none
        """

    def delete_tasks(self, task_ids: Sequence[TaskId]) -> None:
        """Forget tasks; absent ones are ignored."""


@dataclass(frozen=True, slots=True)
class RunnerRecord:
    """The last heartbeat of a Task Runner. `terminate` is what it is told at the next."""

    runner_id: str
    worker_group: str
    hostname: str
    seen_at: UtcTime
    terminate: bool = False


class RunnerStore(Protocol):
    """Task Runners by id. Heartbeats expire as history does."""

    def put_runner(self, runner: RunnerRecord) -> None:
        """Write the heartbeat, replacing the last."""

    def runner(self, runner_id: str) -> RunnerRecord | None:
        """The last heartbeat, or None."""

    def runners(self, owner: str, marker: str | None, limit: int) -> Page[RunnerRecord]:
        """Last heartbeats of runners whose ids begin with `<owner>/`, in order of id."""


class ChunkStore(Protocol):
    """Completion of fanned-out attempts: one mark per chunk, counted once however often it is delivered.

    key      attempt id and turn of the fanned-out task
    """

    def begin_chunks(self, key: str, total: int, note: str) -> None:
        """Announce `total` chunks, keeping `note` (any text) with them; announcing again changes nothing."""

    def end_chunk(self, key: str, chunk: int, result: str) -> int:
        """Mark a chunk (0..total-1) done with its result and return how many are still missing.

        Marking again changes nothing and answers in the same way, so that a delivery repeated after a crash still
        learns that all is done. While one is missing the answer is never 0, but may be too high; the call that marks
        the last one, and every call after it, answer 0.
        Raises   Missing when the key was never announced
        """

    def chunks(self, key: str) -> "ChunkTally | None":
        """What is known; None when never announced."""

    def delete_chunks(self, key: str) -> None:
        """Forget; no error when absent."""


@dataclass(frozen=True, slots=True)
class ChunkTally:
    """`done` maps chunk number to its result."""

    total: int
    note: str
    done: Mapping[int, str]


class Store(
    PipelineStore,
    KeyStore,
    StateStore,
    HistoryStore,
    TaskStore,
    RunnerStore,
    ChunkStore,
    EventStore,
    WaitingStore,
    Protocol,
):
    """All of it, as adapters implement it."""
