"""kill -9 of a worker at random moments of each kind of copy inside S3: taken up again, it ends as if undisturbed."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import boto3
import pytest
from moto.server import ThreadedMotoServer

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from tests.contract.databases.test_kills import Victim
from tests.workbench import item, task

POINTS = 10
MIB = 1024 * 1024
TSV = item("Tsv", type="TSV")


@dataclass(frozen=True)
class Kind:
    """One kind of copy. `limits` are CopyLimits', so small that little data will do."""

    source: str
    target: str
    fields: Mapping[str, str | Ref] = field(default_factory=dict)
    limits: Mapping[str, int] | None = None

    def task(self) -> Task:
        """The activity."""
        nodes = _node("In", self.source), _node("Out", self.target, **self.fields)
        return task(item("Copy", type="CopyActivity", input=Ref("In"), output=Ref("Out")), *nodes, TSV)


def _node(name: str, path: str, **fields: str | Ref) -> PipelineObject:
    place = {"directoryPath" if path.endswith("/") else "filePath": path}
    return item(name, type="S3DataNode", **place, **fields)


PACKED: Mapping[str, str | Ref] = {"compression": "gzip", "dataFormat": Ref("Tsv")}
KINDS = {
    "one request": Kind("s3://source/small/0", "s3://target/x"),
    "parts": Kind("s3://source/large", "s3://target/x", limits={"single": 6 * MIB, "part": 5 * MIB, "parallel": 1}),
    "directory": Kind("s3://source/small/", "s3://target/d/", limits={"parallel": 2}),
    "chunks": Kind("s3://source/small/", "s3://target/d/", limits={"inline": 10, "chunk_objects": 7, "parallel": 2}),
    "converted": Kind("s3://source/small/", "s3://target/d/", PACKED),
    "converted in parts": Kind("s3://source/large", "s3://target/x", {"dataFormat": Ref("Tsv")}),
    "joined": Kind("s3://source/small/", "s3://target/all", PACKED),
}


class Storage:
    """Two buckets behind a server, and a worker that may be killed."""

    def __init__(self, endpoint: str) -> None:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        self.s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
        self.victim = Victim(endpoint)
        for bucket in ("source", "target"):
            self.s3.create_bucket(Bucket=bucket)
        for number in range(20):
            self.s3.put_object(Bucket="source", Key=f"small/{number}", Body=b"%d,a\n" % number * 100)
        self.s3.put_object(Bucket="source", Key="large", Body=(b"name," + b"x" * 2042 + b"\n") * (9 * 512))

    def etags(self) -> dict[str, str]:
        """Of what is in the target: equal for equal bytes in equal parts."""
        return {found["Key"]: found["ETag"] for found in self.s3.list_objects_v2(Bucket="target").get("Contents", ())}

    def empty(self) -> None:
        for key in self.etags():
            self.s3.delete_object(Bucket="target", Key=key)


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = Storage(f"http://{host}:{port}")
    yield made
    made.victim.end()
    server.stop()


@pytest.mark.parametrize("name", KINDS)
def test_copies_survive_it(storage: Storage, name: str) -> None:
    given, limits = KINDS[name].task(), KINDS[name].limits
    storage.empty()
    storage.victim.do(given, limits=limits)  # the first one of a worker takes longer than others
    storage.empty()
    outcome, took = storage.victim.do(given, limits=limits)
    assert outcome.startswith("Finished")
    whole, killed, chance = storage.etags(), 0, random.Random(took)
    for number in range(POINTS):
        storage.empty()
        outcome, seconds = storage.victim.do(given, took * (number + chance.random()) / POINTS, limits=limits)
        killed += outcome == "killed"
        took = took if outcome == "killed" else min(took, seconds)  # whatever slowed the first one may be over
        assert storage.etags().items() <= whole.items()  # nothing is there in part
        outcome, _ = storage.victim.do(given, limits=limits)
        assert outcome.startswith("Finished"), outcome
        assert storage.etags() == whole
    assert killed > 0
