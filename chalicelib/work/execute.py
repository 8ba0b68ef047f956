"""Running one executor so that whatever happens becomes an outcome. Must not know who asked."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace

from chalicelib.domain.errors import DataPipelineError
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import PortError
from chalicelib.work.catalog_tables import registered
from chalicelib.work.journal import Journal
from chalicelib.work.masking import Masker
from chalicelib.work.outcome import Failed, Finished, NotSatisfied, Outcome, Unfinished
from chalicelib.work.registry import Executor
from chalicelib.work.tools import Tools

_LONGEST_TRACE = 1024  # SetTaskStatus errorStackTrace


def execute(executors: Mapping[str, Executor], task: Task, tools: Tools) -> Outcome:
    """Run the executor of the task's type. Never raises."""
    name = task.subject.type or "(none)"
    executor = executors.get(name)
    if executor is None:
        known = ", ".join(sorted(executors))
        return Failed("UnsupportedType", f"{name} cannot run here; what can is {known}")
    return guarded(lambda: registered(task, executor(task, tools), tools), tools.masker)


def guarded(run: Callable[[], Outcome], masker: Masker | None = None) -> Outcome:
    """The outcome of `run`, whatever it raises. A trace is masked before it is cut, lest half a secret stay.

    What we raise on purpose is told by its own sentence; anything else with its stack trace, since it is a fault of
    ours or of the machine's that somebody has to find. This is the border that style.md calls an edge: a failure has
    to reach the engine as the attempt's verdict, or the attempt would hang until its timeout.
    """
    try:
        return run()
    except DataPipelineError as error:
        return Failed(type(error).__name__, str(error))
    except Exception as error:  # noqa: BLE001  # the border described above
        told = traceback.format_exc() if masker is None else masker.text(traceback.format_exc())
        return Failed(type(error).__name__, str(error) or type(error).__name__, last_lines(told))


def last_lines(trace: str) -> str:
    """The end of a stack trace, which tells more than its beginning, at most 1,024 characters."""
    return trace[-_LONGEST_TRACE:]


def run_logged(task: Task, tools: Tools, run: Callable[[Tools], Outcome]) -> Outcome:
    """Run with a first and a last line in the attempt's log, and write that."""
    tools.journal.say(f"{task.subject.type} {task.attempt} turn {task.turn} begins")
    outcome = tools.masker.outcome(guarded(lambda: run(tools), tools.masker))
    tools.journal.say(_told(outcome))
    if isinstance(outcome, Unfinished) and outcome.after:
        return outcome  # work elsewhere, looked at again and again: its log is written once, at the end
    return _closed(tools.journal, outcome)


def _told(outcome: Outcome) -> str:
    """The outcome as a line of a log."""
    match outcome:
        case Failed(error_id, message, trace):
            return f"FAILED {error_id}: {message}" + (f"\n{trace}" if trace else "")
        case NotSatisfied(message):
            return f"NOT SATISFIED: {message}"
        case _:
            return type(outcome).__name__.upper()


def _closed(journal: Journal, outcome: Outcome) -> Outcome:
    """The outcome after its log is written. A log that cannot be written fails nothing, but the attempt says so."""
    try:
        journal.close()
    except PortError as error:
        return _with_log_error(outcome, str(error))
    return outcome


def _with_log_error(outcome: Outcome, reason: str) -> Outcome:
    match outcome:
        case Finished(fields):
            return Finished((*fields, ("logError", reason)))
        case Failed():
            return replace(outcome, message=f"{outcome.message} (its log could not be written: {reason})")
        case _:
            return outcome
