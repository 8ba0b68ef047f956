"""What came of executing a task. Where it ran decides what is made of it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Finished:
    """Done. `fields` go onto the attempt."""

    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """Not done, and why. The engine decides about another attempt."""

    error_id: str
    message: str
    stack_trace: str = ""


@dataclass(frozen=True, slots=True)
class NotSatisfied:
    """A precondition that does not hold now; it is checked again later."""

    message: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Time ran out, or somebody else works. Executed again, with `checkpoint` in its task, it goes on from there.

    Serverless only.

    after     not before this has passed, at most 15 minutes
    progress  what somebody else's work adds to the attempt's fields, with the message that it goes on; None says
              nothing now
    awaits    key of the job elsewhere whose end it waits for (domain/completion); said once, with the first wait
    """

    checkpoint: str
    after: timedelta = timedelta(0)
    progress: tuple[tuple[str, str], ...] | None = ()
    awaits: str | None = None


@dataclass(frozen=True, slots=True)
class FannedOut:
    """Too much for one function: the chunks are to be done apart, in any order. Serverless only.

    chunks      text of each, at most 200 KB; the registry knows who does them
    checkpoint  executed again with it, the task is cut into the same chunks
    """

    chunks: tuple[str, ...]
    checkpoint: str


Outcome = Finished | Failed | NotSatisfied | Unfinished | FannedOut
