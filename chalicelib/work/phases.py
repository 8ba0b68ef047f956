"""Activities that are several pieces of work, one behind the other, of which each has its own checkpoints.

What a piece leaves unfinished is taken up again in that piece. Must not know what the pieces do.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.run.task import Task
from chalicelib.work.outcome import Finished, Outcome, Unfinished
from chalicelib.work.tools import Tools

Phase = Callable[[Task, Tools], Outcome]


@dataclass(frozen=True, slots=True)
class _At:
    """The piece under way, its checkpoint, and the fields of those that are done."""

    phase: int = 0
    inner: str | None = None
    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, checkpoint: str | None) -> "_At":
        if checkpoint is None:
            return cls()
        phase, inner, fields = json.loads(checkpoint)
        return cls(phase, inner, tuple((key, value) for key, value in fields))

    @property
    def text(self) -> str:
        return json.dumps([self.phase, self.inner, self.fields])


def in_phases(phases: Callable[[Task, Tools], Sequence[Phase]]) -> Phase:
    """An executor of the pieces that `phases` names; they are the same each time it is asked.

    Nothing is handed to other functions: a piece has one place at a time.
    """

    def run(task: Task, tools: Tools) -> Outcome:
        at = _At.read(task.checkpoint)
        made = phases(task, tools)
        while at.phase < len(made):
            outcome = made[at.phase](replace(task, checkpoint=at.inner), replace(tools, fans_out=False))
            match outcome:
                case Finished(fields):
                    at = _At(at.phase + 1, None, (*at.fields, *fields))
                case Unfinished(inner):
                    return replace(outcome, checkpoint=replace(at, inner=inner).text)
                case _:
                    return outcome
        return Finished(at.fields)

    return run
