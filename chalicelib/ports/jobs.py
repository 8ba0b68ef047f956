"""Work that other services do on our word: Glue jobs, Athena queries, batch transforms, functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class JobStatus(Enum):
    """How a job stands."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True)
class GlueJob:
    """A run of a Glue job.

    arguments  over the job's own, names with their `--`
    workers    and their type; None is the job's own
    """

    name: str
    arguments: Mapping[str, str]
    worker_type: str | None = None
    workers: int | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class AthenaQuery:
    """A statement. `output` is an S3 folder; None is the workgroup's."""

    sql: str
    database: str | None = None
    catalog: str | None = None
    workgroup: str | None = None
    output: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class TransformJob:
    """A batch transform of the objects below an S3 prefix, each to one with `.out` behind its name.

    split   `None`, or `Line` where a record is one; results are then put together again in the same order
    """

    model: str
    source: str
    target: str
    content_type: str
    accept: str
    split: str
    instance_type: str
    instances: int
    region: str | None = None


Job = GlueJob | AthenaQuery | TransformJob


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job as its service tells of it. `facts` are worth showing on the attempt."""

    status: JobStatus
    reason: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionAnswer:
    """What a function gave back; `error` is its own fault's kind, empty when it had none."""

    content: bytes
    error: str = ""


class Jobs(Protocol):
    """Every method raises Missing, Denied, Rejected, Throttled or Unavailable."""

    def start(self, job: Job, token: str) -> str:
        """Start, unless a job was started with the token before, and return its id.

        token  up to 63 letters, digits and `-`. Glue knows no tokens: two starts at the same moment may both start
        """

    def report(self, job: Job, job_id: str) -> JobReport:
        """How it stands. Missing when there is no such job."""

    def stop(self, job: Job, job_id: str) -> None:
        """Ask it to stop; no error when it has ended."""

    def invoke(self, function: str, payload: bytes, wait: bool, region: str | None) -> FunctionAnswer:
        """Call a Lambda function, and wait for its answer if told to; else the answer is empty."""
