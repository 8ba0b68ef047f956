"""A task: what an executor needs to do one attempt, and nothing of where it runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.values import AttemptId, PipelineId


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt (and turn) to execute.

    objects  evaluated objects by id: the attempt itself under `attempt`, and every object its references reach
             (references of the attempt point at ids in this mapping)
    checkpoint  what an earlier execution of this very turn left for the next one; None at first
    woken    executed because the job elsewhere that it waits for has ended, beside the looks that it takes from time
             to time; so it leaves no further look behind
    """

    pipeline: PipelineId
    attempt: AttemptId
    turn: int
    placement: Placement
    worker_group: str | None
    objects: Mapping[str, PipelineObject]
    checkpoint: str | None = None
    woken: bool = False

    @property
    def subject(self) -> PipelineObject:
        """The attempt's own evaluated object."""
        return self.objects[self.attempt]

    def linked(self, source: PipelineObject, key: str) -> tuple[PipelineObject, ...]:
        """The objects that a reference field of `source` points at, in order."""
        return tuple(self.objects[target] for target in source.refs(key) if target in self.objects)
