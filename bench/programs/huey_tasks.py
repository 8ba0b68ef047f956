"""100 no-op huey tasks as a chain and as a fan-out: SQLite queue, a consumer with one worker thread in this process."""

import json
import tempfile
import threading
import time

from huey import SqliteHuey

folder = tempfile.mkdtemp()
huey = SqliteHuey(filename=f"{folder}/huey.db")
left = threading.Semaphore(0)


@huey.task()
def nothing(*_: object) -> int:
    left.release()
    return 1


def timed(enqueue: object) -> float:
    before = time.perf_counter()
    enqueue()  # type: ignore[operator]
    for _ in range(100):
        left.acquire()
    return time.perf_counter() - before


def chain() -> None:
    pipeline = nothing.s()
    for _ in range(99):
        pipeline = pipeline.then(nothing)
    huey.enqueue(pipeline)


def fan_out() -> None:
    for _ in range(100):
        nothing()


if __name__ == "__main__":
    consumer = huey.create_consumer(workers=1, initial_delay=0.001, backoff=1.0, max_delay=0.001)
    consumer.start()
    found = {"chain": timed(chain), "fan_out": timed(fan_out)}
    print("\n" + json.dumps(found), flush=True)
    consumer.stop(graceful=True)
