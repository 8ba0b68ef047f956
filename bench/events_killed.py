"""Events while everything that handles them is killed again and again: processes over one SQLite file.

A worker takes events in, advances the pipeline and ends its tasks at once. The parent tells every event twice, kills a
worker every fraction of a second, and starts another, until every event has a run and nothing is left to do.
"""

import json
import multiprocessing
import random
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.events_parts import PIPELINE, definition, event, made_ports
from bench.report import Figure
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.domain.run.codec import decode_event, decode_task
from chalicelib.domain.run.events import Activated, TaskEnded, TaskStatus
from chalicelib.domain.values import PipelineId
from chalicelib.edge.arrivals import arrivals_of
from chalicelib.ports.bundle import Ports
from chalicelib.ports.events import EventQuery, EventRecord, Standing
from chalicelib.ports.queues import Message, Queue, Received
from chalicelib.service.advance import Engine
from chalicelib.service.control import publish
from chalicelib.service.intake import take
from chalicelib.service.tick import tick, wake

WORKERS = 2
VISIBILITY = timedelta(seconds=1)
SHORTEST, LONGEST = 0.1, 0.6
GIVE_UP_SECONDS = 300
_QUEUES = (Queue.ARRIVALS, Queue.CONTROL, Queue.TASKS, Queue.TIMERS)


def killed_lane(count: int) -> Mapping[str, Figure]:
    """Tell of `count` events, twice each; what became of them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite"
        ports, queues = made_ports(path)
        ports.store.put_definition(PIPELINE, 1, definition())
        publish(queues, PIPELINE, [("activate", Activated("activate", ports.clock.now(), 1))])
        told = [Message(str(number), json.dumps(event(number))) for number in [*range(count), *range(count)]]
        queues.send(Queue.ARRIVALS, told)
        before = time.perf_counter()
        kills = _drive(path, ports, count)
        return {**_outcome(ports, count), "kills": kills, "seconds": time.perf_counter() - before}


def _drive(path: Path, ports: Ports, count: int) -> int:
    rng, kills, deadline = random.Random(4), 0, time.monotonic() + GIVE_UP_SECONDS
    context = multiprocessing.get_context("fork")
    workers = [_started(context, path) for _ in range(WORKERS)]
    while not _is_done(ports, count) and time.monotonic() < deadline:
        time.sleep(rng.uniform(SHORTEST, LONGEST))
        victim = rng.randrange(WORKERS)
        workers[victim].kill()
        workers[victim].join()
        kills += 1
        workers[victim] = _started(context, path)
        tick(ports)
    for worker in workers:
        worker.kill()
        worker.join()
    return kills


def _started(context: "multiprocessing.context.ForkContext", path: Path) -> "multiprocessing.context.ForkProcess":
    worker = context.Process(target=_work, args=(path,), daemon=True)
    worker.start()
    return worker


def _records(ports: Ports, count: int) -> Sequence[EventRecord]:
    now = datetime.now(UTC)
    query = EventQuery(now - timedelta(hours=1), now)
    return ports.store.query_events(PIPELINE, query, None, 2 * count + 1).items


def _is_done(ports: Ports, count: int) -> bool:
    taken = [record for record in _records(ports, count) if record.standing is Standing.TAKEN]
    return len(taken) >= count


def _outcome(ports: Ports, count: int) -> Mapping[str, Figure]:
    records = _records(ports, count)
    runs = Counter(record.run for record in records if record.standing is Standing.TAKEN)
    return {
        "lost": count - sum(record.standing is Standing.TAKEN for record in records),
        "doubled": len(records) - count + sum(times - 1 for times in runs.values()),
        "runs": len(runs),
    }


def _work(path: Path) -> None:
    """Handle whatever comes, until the end."""
    ports, queues = made_ports(path)
    engine = Engine(ports)
    while True:
        for queue in _QUEUES:
            batch = queues.receive(queue, 10, VISIBILITY, timedelta(0))
            if batch:
                _handle(queue, batch, ports, engine)
                queues.delete(queue, [item.receipt for item in batch])
        _pause(queues)


def _pause(queues: SqliteQueues) -> None:
    queues.receive(Queue.CHUNKS, 1, VISIBILITY, timedelta(milliseconds=20))


def _handle(queue: Queue, batch: Sequence[Received], ports: Ports, engine: Engine) -> None:
    match queue:
        case Queue.ARRIVALS:
            take([arrival for item in batch for arrival in arrivals_of(item.body)], ports)
        case Queue.CONTROL:
            engine.process(PIPELINE, [decode_event(item.body) for item in batch])
        case Queue.TIMERS:
            for item in batch:
                wake(PipelineId(item.body), ports)
        case _:
            _end_tasks(batch, ports)


def _end_tasks(batch: Sequence[Received], ports: Ports) -> None:
    for item in batch:
        task = decode_task(item.body)
        ended = TaskEnded(task.attempt, task.turn, ports.clock.now(), TaskStatus.FINISHED)
        publish(ports.sender, PIPELINE, [(f"{task.attempt}/{task.turn}/ended", ended)])
