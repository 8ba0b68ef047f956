"""What the lanes of the events bench share: a pipeline, events of EventBridge's shape, ports over one SQLite file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.adapters.aws.clock import RandomIds, SystemClock
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.encoding import from_api
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.trigger.arrival import s3_source
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.compute import LaunchRequest, ResourceStatus

BUCKET = "bench-events"
PIPELINE = PipelineId("df-BENCH")
SLOTS = "20"


class Nobody:
    """No topics and no machines: the bench's pipeline has none."""

    def publish(self, topic_arn: str, subject: str, message: str, role: str | None) -> None:
        raise RuntimeError(f"{topic_arn} {subject} {message} {role}")

    def launch(self, request: LaunchRequest) -> str:
        raise RuntimeError(request.token)

    def terminate(self, resource_id: str) -> None:
        raise RuntimeError(resource_id)

    def reason(self, resource_id: str) -> str:
        raise RuntimeError(resource_id)

    def find(self, token: str, region: str | None = None) -> str | None:
        raise RuntimeError(f"{token} {region}")

    def status(self, resource_id: str) -> ResourceStatus:
        raise RuntimeError(resource_id)


def objects() -> list[dict[str, Any]]:
    """A pipeline that copies an empty folder for each object: the cheapest real activity."""
    default = {"scheduleType": "ondemand", "maxActiveInstances": SLOTS, "maximumRetries": "0"}
    return [
        _object("Default", {"trigger": "Dropped"}, **default),
        _object("Dropped", {}, type="S3EventTrigger", bucket=BUCKET, prefix="in/"),
        _object("In", {}, type="S3DataNode", directoryPath=f"s3://{BUCKET}/empty/"),
        _object("Out", {}, type="S3DataNode", directoryPath=f"s3://{BUCKET}/out/#{{trigger.@key}}/"),
        _object("Copy", {"input": "In", "output": "Out"}, type="CopyActivity"),
    ]


def definition() -> Definition:
    """The same, read."""
    return from_api(objects(), [], [])


def _object(name: str, refs: Mapping[str, str], **fields: str) -> dict[str, Any]:
    plain = [{"key": key, "stringValue": value} for key, value in fields.items()]
    links = [{"key": key, "refValue": value} for key, value in refs.items()]
    return {"id": name, "name": name, "fields": [*plain, *links]}


def event(number: int) -> Mapping[str, Any]:
    """What EventBridge tells of one object."""
    created = {"key": f"in/{number}", "size": 1, "etag": f"{number:032x}", "sequencer": f"{number:016X}"}
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-01-01T00:00:00Z",
        "detail": {"bucket": {"name": BUCKET}, "object": created},
    }


def made_ports(path: Path) -> tuple[Ports, SqliteQueues]:
    """Ports and queues over the file; the pipeline listens."""
    clock, nobody, database = SystemClock(), Nobody(), open_database(str(path))
    store, queues = SqliteStore(database, clock), SqliteQueues(database, clock)
    if not store.listening(s3_source(BUCKET)):
        store.arm(PIPELINE, [Subscription(PIPELINE, "Dropped", s3_source(BUCKET), prefix="in/")])
    ports = Ports(
        store=store,
        sender=queues,
        clock=clock,
        ids=RandomIds(),
        sealer=KeySealer(b"k" * 32),
        notifier=nobody,
        compute=nobody,
        limits=Limits(),
    )
    return ports, queues
