"""A task's chunks on their queue: announced once, done in any order, counted once.

1. `begin_chunks` is what makes a cut the cut. A planner that comes second, by a crash or a double delivery, cuts again
   at the recorded bounds and sends what is not marked yet: a chunk sent twice is done once, or twice to the same end.
2. A chunk is marked after it is done. Whoever finds nothing missing reports the end, which is safe to repeat.
3. Chunks of an attempt that is no longer wanted are dropped with their marks.
4. A chunk that waits for work elsewhere is looked at again later, and woken beside its looks when the end of that work
   is told (completions.py). A woken one leaves no further look behind. Should it wait for something else now, it is
   looked at once more, at once: the end of that may have been told while it was noted.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.codec import decode_task, encode_task
from chalicelib.domain.run.task import Task
from chalicelib.ports import trail
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Message, Queue
from chalicelib.ports.store import ChunkTally
from chalicelib.service.chronicle import tell_chunk, tell_work
from chalicelib.service.completions import await_chunk
from chalicelib.service.reports import report_end, report_progress
from chalicelib.service.secrets import unseal
from chalicelib.service.worksite import Worksite, is_current, work
from chalicelib.work.catalog_tables import registered
from chalicelib.work.outcome import Failed, FannedOut, Finished, NotSatisfied, Outcome, Unfinished
from chalicelib.work.registry import CHUNKS

_MISSING = "chunksMissing"
_AGAIN = 2
"""The delivery of what may have happened before, whatever the message's is."""

_Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChunkMessage:
    """One message of the CHUNKS queue. `checkpoint` when it was begun before; `woken` as in a task."""

    key: str
    number: int
    text: str
    checkpoint: str | None = None
    woken: bool = False


@dataclass(frozen=True, slots=True)
class _Note:
    """What is kept with the marks: the task as it travelled, and where it was cut."""

    task: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class _Result:
    fields: _Fields


def announce(task: Task, cut: FannedOut, ports: Ports, site: Worksite) -> str | None:
    """Announce and send the chunks, unless the task was cut differently before: then return that cut's checkpoint."""
    key = _key(task)
    note = _Note(encode_task(replace(task, checkpoint=None)), cut.checkpoint)
    ports.store.begin_chunks(key, len(cut.chunks), _text(_Note, note))
    tally = ports.store.chunks(key)
    if tally is None:
        return None
    recorded = _note(tally)
    if recorded.checkpoint != cut.checkpoint:
        return recorded.checkpoint
    missing = [number for number in range(len(cut.chunks)) if number not in tally.done]
    messages = [ChunkMessage(key, number, cut.chunks[number]) for number in missing]
    ports.sender.send(Queue.CHUNKS, [Message(f"{key}/{item.number}", encode_chunk_message(item)) for item in messages])
    _finish(task, tally, ports, site)
    return None


def perform_chunk(message: ChunkMessage, ports: Ports, site: Worksite, delivery: int = 1) -> None:
    """Do a chunk of the CHUNKS queue, mark it, and report the task's end when it was the last.

    delivery  the message's receive count, from 1
    Raises    Throttled, Unavailable when the marks, the report or the queue failed: let the message come again
    """
    tally = ports.store.chunks(message.key)
    if tally is None:
        return
    task = decode_task(_note(tally).task)
    with trail.along({"pipeline": task.pipeline, **trail.attempt_ids(task.attempt)}):
        if not is_current(ports.store, task):
            ports.store.delete_chunks(message.key)
        elif message.number in tally.done:
            _finish(task, tally, ports, site)
        else:
            _perform_chunk(task, message, ports, site, delivery)


def _perform_chunk(task: Task, message: ChunkMessage, ports: Ports, site: Worksite, delivery: int) -> None:
    began = ports.clock.now()
    outcome = _do(task, message, ports, site, delivery)
    tell_chunk(task, message.number, outcome, ports.clock.now() - began, delivery)
    match outcome:
        case Finished(fields):
            _mark(task, message, fields, ports, site)
        case Unfinished():
            _queue_again(task, message, outcome, ports)
        case Failed() | NotSatisfied():
            report_end(task, ports, outcome)
        case FannedOut():
            report_end(task, ports, Failed("InternalError", "a chunk cannot be cut into chunks"))


def _queue_again(task: Task, message: ChunkMessage, outcome: Unfinished, ports: Ports) -> None:
    """Queue the rest of a chunk."""
    if outcome.after and outcome.progress is not None:
        report_progress(task, ports, outcome.progress)
    again = replace(message, checkpoint=outcome.checkpoint)
    if outcome.awaits is not None:
        await_chunk(outcome.awaits, encode_chunk_message(replace(again, woken=True)), ports)
    if message.woken and outcome.after and outcome.awaits is None:
        return
    after = timedelta(0) if message.woken else outcome.after
    ports.sender.send(Queue.CHUNKS, [Message(ports.ids.fresh(), encode_chunk_message(again), delay=after)])


def encode_chunk_message(message: ChunkMessage) -> str:
    """As a message body."""
    return _text(ChunkMessage, message)


def decode_chunk_message(text: str) -> ChunkMessage:
    """The message that `encode_chunk_message` was given."""
    return from_plain(ChunkMessage, json.loads(text))


def _do(task: Task, message: ChunkMessage, ports: Ports, site: Worksite, delivery: int) -> Outcome:
    opened = replace(unseal(task, ports.sealer), checkpoint=message.checkpoint, woken=message.woken)
    executor = CHUNKS[opened.subject.type or ""]
    return work(
        opened, ports, site, lambda tools: executor.act(opened, message.text, tools), delivery=delivery, logged=False
    )


def _mark(task: Task, message: ChunkMessage, fields: _Fields, ports: Ports, site: Worksite) -> None:
    missing = ports.store.end_chunk(message.key, message.number, _text(_Result, _Result(fields)))
    if missing:
        report_progress(task, ports, ((_MISSING, str(missing)),))
        return
    tally = ports.store.chunks(message.key)
    if tally is not None:
        _finish(task, tally, ports, site)


def _finish(task: Task, tally: ChunkTally, ports: Ports, site: Worksite) -> None:
    """Do what is left and report the end when every chunk is marked; then the marks have served."""
    if len(tally.done) < tally.total:
        return
    opened = replace(unseal(task, ports.sealer), checkpoint=_note(tally).checkpoint)
    executor, began = CHUNKS[opened.subject.type or ""], ports.clock.now()
    results = [from_plain(_Result, json.loads(text)).fields for _, text in sorted(tally.done.items())]
    outcome = work(
        opened,
        ports,
        site,
        lambda tools: registered(opened, executor.finish(opened, results, tools), tools),
        delivery=_AGAIN,
        logged=False,
    )
    tell_work(task, outcome, ports.clock.now() - began, _AGAIN)
    match outcome:
        case Finished(fields):
            report_end(task, ports, Finished((*fields, (_MISSING, "0"))))
        case Failed() | NotSatisfied():
            report_end(task, ports, outcome)
        case Unfinished() | FannedOut():
            report_end(task, ports, Failed("InternalError", "the end of a task cannot be put off"))
    ports.store.delete_chunks(_key(task))


def _key(task: Task) -> str:
    return f"{task.pipeline}/{task.attempt}/{task.turn}"


def _note(tally: ChunkTally) -> _Note:
    return from_plain(_Note, json.loads(tally.note))


def _text(kind: type, value: object) -> str:
    return json.dumps(to_plain(kind, value), separators=(",", ":"), ensure_ascii=False)
