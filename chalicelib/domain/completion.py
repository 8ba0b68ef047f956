"""Jobs that other services do for us, named so that what waits for one is found when its service tells of its end."""

from dataclasses import dataclass
from enum import Enum


class Elsewhere(Enum):
    """Who does a job."""

    GLUE = "glue"
    ATHENA = "athena"
    TRANSFORM = "transform"
    ASYNC_INFERENCE = "async-inference"
    STEP = "step"
    CLUSTER = "cluster"
    STATEMENT = "statement"
    VIDEO_ANALYSIS = "video-analysis"


def job_key(service: Elsewhere, job_id: str) -> str:
    """What a job is kept under. Ids of one service are unique in an account."""
    return f"{service.value}#{job_id}"


@dataclass(frozen=True, slots=True)
class Completion:
    """A job's service says that it came to an end, well or not; of a cluster also that it is up.

    up      whether it works now, which only a cluster tells
    reason  in the service's words
    """

    job: str
    up: bool = False
    reason: str = ""
