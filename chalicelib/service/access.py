"""Who may touch which pipeline. Every operation that names a pipeline starts here."""

from dataclasses import dataclass

from chalicelib.domain.errors import PipelineDeleted, PipelineNotFound
from chalicelib.domain.values import PipelineId, WorkerGroup
from chalicelib.ports.store import PipelineRecord, PipelineStore


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    account  the tenant: owner of everything it creates
    user     the principal within it, shown as `@userId` and `pipelineCreator`
    """

    account: str
    user: str


def known_pipeline(store: PipelineStore, caller: Caller, pipeline_id: PipelineId) -> PipelineRecord:
    """The caller's pipeline, deleted or not.

    Raises   PipelineNotFound, also for another owner's: its existence is nobody else's business
    """
    record = store.pipelines([pipeline_id]).get(pipeline_id)
    if record is None or record.owner != caller.account:
        raise PipelineNotFound(pipeline_id)
    return record


def live_pipeline(store: PipelineStore, caller: Caller, pipeline_id: PipelineId) -> PipelineRecord:
    """The caller's pipeline. Raises PipelineNotFound as above, PipelineDeleted for a deleted one."""
    record = known_pipeline(store, caller, pipeline_id)
    if record.deleted_at is not None:
        raise PipelineDeleted(pipeline_id)
    return record


def scoped_group(owner: str, worker_group: str) -> WorkerGroup:
    """The store's name of an owner's worker group: two owners may use one name and never see each other's tasks."""
    return WorkerGroup(f"{owner}/{worker_group}")
