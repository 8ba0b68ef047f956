"""100 no-op Prefect tasks as a chain and as a fan-out, against Prefect's own temporary server."""

import json
import time

from prefect import flow, task


@task
def nothing(_: object = None) -> None:
    return None


@flow
def one() -> None:
    nothing()


@flow
def chain(length: int) -> None:
    last = nothing.submit()
    for _ in range(length - 1):
        last = nothing.submit(last)
    last.wait()


@flow
def fan_out(width: int) -> None:
    for future in [nothing.submit() for _ in range(width)]:
        future.wait()


def timed(run: object) -> float:
    before = time.perf_counter()
    run(100)  # type: ignore[operator]
    return time.perf_counter() - before


if __name__ == "__main__":
    one()  # the server's start is not counted
    print("\n" + json.dumps({"chain": timed(chain), "fan_out": timed(fan_out)}))
