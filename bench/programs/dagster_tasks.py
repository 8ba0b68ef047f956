"""100 no-op Dagster ops as a chain and as a fan-out, in process, on an instance with its usual SQLite storage."""

import json
import tempfile
import time

from dagster import DagsterInstance, In, Nothing, Out, job, op


@op(ins={"after": In(Nothing)}, out=Out(Nothing))
def nothing() -> None:
    return None


@op(out=Out(Nothing))
def first() -> None:
    return None


@job
def chain() -> None:
    last = first()
    for number in range(99):
        last = nothing.alias(f"op{number}")(last)


@job
def fan_out() -> None:
    for number in range(100):
        first.alias(f"op{number}")()


def timed(work: object, instance: DagsterInstance) -> float:
    before = time.perf_counter()
    work.execute_in_process(instance=instance)  # type: ignore[attr-defined]
    return time.perf_counter() - before


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, DagsterInstance.local_temp(folder) as instance:
        print("\n" + json.dumps({"chain": timed(chain, instance), "fan_out": timed(fan_out, instance)}))
