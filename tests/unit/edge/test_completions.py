"""Documented payloads, read into completions: every file in events/ that comes through the completions queue."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.completion import Completion
from chalicelib.edge.completions import completions_of
from chalicelib.edge.unknown import UnknownEvent

EVENTS = Path(__file__).parents[3] / "events"
ENDED = {
    "glue/job-state-change": "glue#jr_0123456789abcdef",
    "athena/query-state-change": "athena#01234567-0123-0123-0123-012345678901",
    "sagemaker/transform-job-state-change": "transform#penstock-4f1c",
    "sagemaker/async-success": "async-inference#0123456789abcdef",
    "sagemaker/async-error": "async-inference#0123456789abcdef",
    "emr/step-status-change": "step#j-123456789ABCD/s-ZYXWVUTSRQPON",
    "redshift-data/statement-status-change": "statement#dd2e1ec8-2ee3-49a2-915c-a8f1d7ba7b6a",
    "rekognition/video-analysis-completed": (
        "video-analysis#270c1cc5e1d0ea2fbc59d97cb69a72a5495da75851976b14a1784ca90fc180e3"
    ),
    "rekognition/video-analysis-failed": (
        "video-analysis#8f0d3a6b1c2e4f5a9b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a"
    ),
}
GOING_ON = {
    "glue/job-state-change": ("state", "RUNNING"),
    "athena/query-state-change": ("currentState", "QUEUED"),
    "sagemaker/transform-job-state-change": ("TransformJobStatus", "InProgress"),
    "emr/step-status-change": ("state", "RUNNING"),
    "emr/cluster-up": ("state", "STARTING"),
    "redshift-data/statement-status-change": ("state", "STARTED"),
}


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize("name", ENDED)
def test_the_end_of_a_job_names_the_job(name: str) -> None:
    (found,) = completions_of(json.dumps(payload(name)))
    assert (found.job, found.up) == (ENDED[name], False)


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED"])
def test_how_an_analysis_of_video_ended_is_told(status: str) -> None:
    name = {"SUCCEEDED": "completed", "FAILED": "failed"}[status]
    (found,) = completions_of(json.dumps(payload(f"rekognition/video-analysis-{name}")))
    assert found.reason == status


@pytest.mark.parametrize("name", GOING_ON)
def test_a_job_that_goes_on_tells_nothing(name: str) -> None:
    key, state = GOING_ON[name]
    event = payload(name)
    event["detail"][key] = state
    assert completions_of(json.dumps(event)) == ()


def test_a_cluster_tells_that_it_is_up_and_why_it_ended() -> None:
    job = "cluster#j-123456789ABCD"
    assert completions_of(json.dumps(payload("emr/cluster-up"))) == (Completion(job, up=True),)
    (ended,) = completions_of(json.dumps(payload("emr/cluster-ended")))
    assert (ended.job, ended.up) == (job, False)
    assert ended.reason.startswith("j-123456789ABCD is TERMINATED_WITH_ERRORS: Amazon EMR cluster")


@pytest.mark.parametrize("body", ["[]", "{}", '{"detail-type": "Something Else", "detail": {}}'])
def test_what_is_none_of_these_is_set_aside(body: str) -> None:
    with pytest.raises(UnknownEvent):
        completions_of(body)
