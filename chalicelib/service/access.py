"""Who may touch which pipeline. Every operation that names a pipeline starts here.

A pipeline has an owner, the account that made it, and may have a group, which is the value of its tag `penstock:group`:

1. Another account's pipeline does not exist for the caller.
2. A caller without groups of its own (IAM) has the whole account.
3. A caller with groups has what bears no group, and what bears one of theirs; members of `admins` have everything.
4. Nobody gives a pipeline to a group that is not theirs, and only IAM callers and admins take a group's tag away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import Forbidden, InvalidRequest, PipelineDeleted, PipelineNotFound
from chalicelib.domain.values import PipelineId, WorkerGroup
from chalicelib.ports.store import PipelineRecord, PipelineStore

GROUP_TAG = "penstock:group"
ADMINS = "admins"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    account  the tenant: owner of everything it creates
    user     the principal within it, shown as `@userId` and `pipelineCreator`: a name, an ARN, `client` and its id
    groups   what the principal is confined to; None for the whole account
    """

    account: str
    user: str
    groups: frozenset[str] | None = None

    @property
    def unconfined(self) -> bool:
        """Whether groups say nothing to this caller."""
        return self.groups is None or ADMINS in self.groups

    def has(self, group: str) -> bool:
        """Whether the caller may act for this group."""
        return self.unconfined or (self.groups is not None and group in self.groups)

    def sees(self, record: PipelineRecord) -> bool:
        """Whether the pipeline exists for this caller."""
        group = record.tags.get(GROUP_TAG)
        return record.owner == self.account and (group is None or self.has(group))


def known_pipeline(store: PipelineStore, caller: Caller, pipeline_id: PipelineId) -> PipelineRecord:
    """The caller's pipeline, deleted or not.

    Raises   PipelineNotFound, also for another owner's or group's: its existence is nobody else's business
    """
    record = store.pipelines([pipeline_id]).get(pipeline_id)
    if record is None or not caller.sees(record):
        raise PipelineNotFound(pipeline_id)
    return record


def live_pipeline(store: PipelineStore, caller: Caller, pipeline_id: PipelineId) -> PipelineRecord:
    """The caller's pipeline. Raises PipelineNotFound as above, PipelineDeleted for a deleted one."""
    record = known_pipeline(store, caller, pipeline_id)
    if record.deleted_at is not None:
        raise PipelineDeleted(pipeline_id)
    return record


def visible(records: Iterable[PipelineRecord], caller: Caller) -> tuple[PipelineRecord, ...]:
    """Those that exist for the caller, in their order. Every listing goes through here."""
    return tuple(record for record in records if caller.sees(record))


def born_tags(tags: Mapping[str, str], caller: Caller) -> Mapping[str, str]:
    """The tags of a pipeline that the caller creates: members of one group create for it, of several name it.

    Raises   InvalidRequest when several groups could be meant, Forbidden for a group that is not the caller's
    """
    own = sorted((caller.groups or frozenset()) - {ADMINS})
    if GROUP_TAG not in tags and len(own) == 1:
        return {**tags, GROUP_TAG: own[0]}
    if GROUP_TAG not in tags and len(own) > 1:
        raise InvalidRequest(f"group: expected one of your groups ({', '.join(own)}), since you are in several")
    check_retagging({}, tags, caller)
    return tags


def check_retagging(before: Mapping[str, str], after: Mapping[str, str], caller: Caller) -> None:
    """Rule 4. Raises Forbidden, or InvalidRequest for a group without a name."""
    group = after.get(GROUP_TAG)
    if group == before.get(GROUP_TAG):
        return
    if group is None:
        if not caller.unconfined:
            raise Forbidden(f"tags: only IAM callers and members of {ADMINS} take {GROUP_TAG} away")
        return
    if not group.strip():
        raise InvalidRequest(f"tags: {GROUP_TAG} has to name a group")
    if not caller.has(group):
        raise Forbidden(f"tags: {GROUP_TAG} may only be a group of yours, and you are not in {group!r}")


def check_signed(caller: Caller) -> None:
    """Tasks carry opened secrets of whole accounts. Raises Forbidden for callers who are confined to groups."""
    if caller.groups is not None:
        raise Forbidden("Tasks are for Task Runners, which sign their requests with AWS credentials")


def scoped_group(owner: str, worker_group: str) -> WorkerGroup:
    """The store's name of an owner's worker group: two owners may use one name and never see each other's tasks."""
    return WorkerGroup(f"{owner}/{worker_group}")
