"""What an activity costs on AWS, from activation to FINISHED: counted requests, request units and their price.

Counted twice: with every control event delivered alone, the most that can happen, and in the full batches of ten that
queues under load deliver.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.counting import Counted, counting
from bench.deployed import BUCKET, STAGE, Deployed, deployed
from bench.report import Figure, Goal, Report
from bench.units import Units, units_of
from chalicelib import bootstrap

Objects = list[dict[str, object]]

# US East (N. Virginia), USD; reference: AWS price pages as of 2026 (on-demand Standard table class, x86, first tier).
WRITE_UNIT = 0.625e-6
READ_UNIT = 0.125e-6
SQS_REQUEST = 0.40e-6
LAMBDA_REQUEST = 0.20e-6
API_REQUEST = 3.50e-6
GB_SECOND = 0.0000166667
STEP_FUNCTIONS = 25e-6 * 5
"""A Standard state machine makes about five transitions of $25 a million for what one activity does."""

MEMORY_GB = {"control": 0.5, "timers": 0.5, "tasks": 1.0, "chunks": 1.0, "api_handler": 0.5}
"""As .chalice/config.json gives it to the functions."""

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")

ROUND_TRIP_SECONDS = {"dynamodb": 0.005, "sqs": 0.010, "s3": 0.030}
"""Assumed of AWS for a function that waits for an answer; moto's own time is not counted."""

DEFAULT: dict[str, object] = {"id": "Default", "scheduleType": "ondemand"}


def node(name: str) -> dict[str, object]:
    """An S3 file."""
    return {"id": name, "type": "S3DataNode", "filePath": f"s3://{BUCKET}/{name}.csv"}


def chain(length: int) -> Objects:
    """N0 -> copy -> N1 -> copy -> …"""
    objects: Objects = [DEFAULT, node("N0")]
    for number in range(length):
        objects += [node(f"N{number + 1}"), _copy(number, f"N{number}", f"N{number + 1}")]
    return objects


def fan_out(width: int) -> Objects:
    """N0 -> copies beside each other, each into a node of its own."""
    objects: Objects = [DEFAULT, node("N0")]
    for number in range(width):
        objects += [node(f"N{number + 1}"), _copy(number, "N0", f"N{number + 1}")]
    return objects


def _copy(number: int, source: str, target: str) -> dict[str, object]:
    ends = {"input": {"ref": source}, "output": {"ref": target}}
    return {"id": f"Copy{number}", "type": "CopyActivity", **ends}


def shells(length: int) -> Objects:
    """Shell commands for a Task Runner's worker group, one after the other."""
    objects: Objects = [DEFAULT]
    for number in range(length):
        needs = {"dependsOn": {"ref": f"Shell{number - 1}"}} if number else {}
        command = {"type": "ShellCommandActivity", "command": "true", "workerGroup": "bench"}
        objects.append({"id": f"Shell{number}", **command, **needs})
    return objects


@dataclass(frozen=True, slots=True)
class Case:
    """A pipeline and how many activities it has."""

    name: str
    objects: Objects
    activities: int
    polls: int = 0


def run(_: Sequence[str]) -> Report:
    """Run every case on the deployed adapters."""
    rows: list[tuple[Figure, ...]] = []
    figures: dict[str, Figure] = {}
    with deployed() as account:
        for case in _cases():
            for batch in (1, 10):
                cost = _cost(account, case, batch)
                rows.append((f"{case.name}, batches of {batch}", *cost.row()))
                name = f"{case.name.replace(' ', '_')}_batch_{batch}"
                figures[f"writes_{name}"] = cost.writes
                figures[f"dollars_per_million_{name}"] = cost.dollars * 1e6
    figures["writes_per_activity"] = _highest(figures, "writes_")
    figures["dollars_per_million"] = _highest(figures, "dollars_per_million_")
    figures["of_step_functions"] = float(figures["dollars_per_million"] or 0) / (STEP_FUNCTIONS * 1e6)
    return Report(
        bench="writes",
        head=(
            "per activity",
            "item writes",
            "write reqs",
            "write units",
            "read units",
            "SQS reqs",
            "λ calls",
            "λ ms",
            "$/million",
            "of it: writes",
            "reads",
            "SQS",
            "λ",
            "API",
        ),
        rows=tuple(rows),
        figures=figures,
        goals=(Goal("writes_per_activity", at_most=6), Goal("dollars_per_million", at_most=10)),
        notes=(
            "Everything from ActivatePipeline to FINISHED, over the number of activities; data nodes are theirs.",
            "Write units hold indexes and item sizes. λ ms: processor time here plus "
            + ", ".join(f"{seconds * 1e3:g} ms a request to {name}" for name, seconds in ROUND_TRIP_SECONDS.items())
            + ".",
            f"Step Functions Standard, five transitions: ${STEP_FUNCTIONS * 1e6:g} a million.",
            "Not in it: empty receives (four queues of five pollers, three a minute: about $1 a month), the tick, logs,"
            " S3 requests of the copies themselves.",
        ),
    )


def _highest(figures: dict[str, Figure], prefix: str) -> float:
    return max(float(value) for name, value in figures.items() if name.startswith(prefix) and isinstance(value, float))


def _cases() -> Iterator[Case]:
    for count in (10, 100):
        yield Case(f"chain {count}", chain(count), count)
        yield Case(f"fan-out {count}", fan_out(count), count)
    yield Case("worker group 10", shells(10), 10, polls=10)


@dataclass(frozen=True, slots=True)
class Cost:
    """Per activity."""

    writes: float
    write_requests: float
    write_units: float
    read_units: float
    sqs_requests: float
    calls: float
    api_calls: float
    gb_seconds: float
    milliseconds: float

    @property
    def parts(self) -> tuple[float, ...]:
        """List prices of one activity: writes, reads, SQS, functions, API."""
        functions = self.calls * LAMBDA_REQUEST + self.gb_seconds * GB_SECOND
        store = (self.write_units * WRITE_UNIT, self.read_units * READ_UNIT)
        return (*store, self.sqs_requests * SQS_REQUEST, functions, self.api_calls * API_REQUEST)

    @property
    def dollars(self) -> float:
        """List price of one activity."""
        return sum(self.parts)

    def row(self) -> tuple[Figure, ...]:
        """As the table shows it."""
        calls = (self.sqs_requests, self.calls, self.milliseconds, self.dollars * 1e6)
        parts = (part * 1e6 for part in self.parts)
        return (self.writes, self.write_requests, self.write_units, self.read_units, *calls, *parts)


def _cost(account: Deployed, case: Case, batch: int) -> Cost:
    s3 = bootstrap.client("s3")
    s3.put_object(Bucket=BUCKET, Key="N0.csv", Body=b"id,name\n1,one\n")
    dynamo, sqs = bootstrap.client("dynamodb"), bootstrap.client("sqs")
    tables = [f"penstock-{STAGE}-{part}" for part in ("pipelines", "states", "history", "work", "events")]
    with units_of(dynamo, tables) as units:
        pipeline = account.created(f"{case.name} {batch}", case.objects)
        account.clear()
        units.clear()
        with counting(dynamo, sqs, s3) as counted:
            account.wire.activate_pipeline(pipelineId=pipeline)
            _work(account, case, batch)
            cost = _summed(account, counted, units, case.activities)
    if account.state_of(pipeline) != "FINISHED":
        raise RuntimeError(f"{case.name} is {account.state_of(pipeline)}")
    return cost


def _work(account: Deployed, case: Case, batch: int) -> None:
    """Deliver, and be the Task Runner, until nothing is left to do."""
    account.settle(batch)
    for _ in range(case.polls):
        task = account.wire.poll_for_task(workerGroup="bench")["taskObject"]
        account.wire.report_task_progress(taskId=task["taskId"])
        if batch == 1:
            account.settle(batch)
        account.wire.set_task_status(taskId=task["taskId"], taskStatus="FINISHED")
        account.settle(batch)


def _summed(account: Deployed, counted: Counted, units: Units, activities: int) -> Cost:
    times = {name: seconds + _waited(account, name) for name, seconds in account.handler_seconds.items()}
    requests = {service: sum(counted.of(service).values()) for service in ("dynamodb", "sqs")}
    writes = sum(n for name, n in counted.of("dynamodb").items() if name in WRITES)
    return Cost(
        writes=sum(counted.items_written.values()) / activities,
        write_requests=writes / activities,
        write_units=(sum(units.writes.values()) + sum(units.index_writes.values())) / activities,
        read_units=sum(units.reads.values()) / 2 / activities,
        sqs_requests=(requests["sqs"] - account.empty_receives) / activities,
        calls=sum(account.invocations.values()) / activities,
        api_calls=account.invocations["api_handler"] / activities,
        gb_seconds=sum(MEMORY_GB[name] * seconds for name, seconds in times.items()) / activities,
        milliseconds=sum(times.values()) * 1e3 / activities,
    )


def _waited(account: Deployed, function: str) -> float:
    """Seconds that a function's requests to AWS would have taken."""
    made = account.requests.items()
    return sum(ROUND_TRIP_SECONDS.get(service, 0.01) * n for (name, service), n in made if name == function)
