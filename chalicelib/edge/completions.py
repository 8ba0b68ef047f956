"""What arrives on the completions queue, in its services' own words, made into completions.

Known are state changes through EventBridge, and the notifications of asynchronous endpoints and of stored-video
analyses, which come wrapped by SNS or as they are. A state that is no end tells nothing.
Source  EventBridge's events of Glue, Athena, SageMaker, EMR and the Redshift Data API; SageMaker developer guide,
        "Check prediction results"; Rekognition developer guide, "Getting the analysis results of a Rekognition Video
        operation" and "Reference: Video analysis results notification", whose examples differ
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.completion import Completion, Elsewhere, job_key
from chalicelib.edge.unknown import UnknownEvent

_Detail = Mapping[str, Any]
_ENDED = frozenset({"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED", "CANCELLED", "COMPLETED"}) | {
    "INTERRUPTED",
    "FINISHED",
    "ABORTED",
    "TERMINATED",
    "TERMINATED_WITH_ERRORS",
}
_UP = frozenset({"RUNNING", "WAITING"})
"""Of a cluster. Source: EMR management guide, "Understanding the cluster lifecycle"."""


def completions_of(body: str) -> tuple[Completion, ...]:
    """What one message tells: one completion, or none for a job that goes on.

    Raises   UnknownEvent, KeyError, TypeError or ValueError for what cannot be read
    """
    found = _completion(json.loads(body))
    return (found,) if found is not None else ()


def _completion(message: Any) -> Completion | None:
    if not isinstance(message, Mapping):
        raise UnknownEvent(f"a JSON {type(message).__name__}")
    if message.get("Type") == "Notification" and "Message" in message:
        return _completion(json.loads(message["Message"]))
    if message.get("eventSource") == "aws:sagemaker":
        return Completion(job_key(Elsewhere.ASYNC_INFERENCE, message["inferenceId"]))
    if {"JobId", "API", "Status"} <= message.keys():  # the API is StartLabelDetection or LABEL_DETECTION
        return Completion(job_key(Elsewhere.VIDEO_ANALYSIS, message["JobId"]), reason=str(message["Status"]))
    return _state_change(message)


def _state_change(message: Mapping[str, Any]) -> Completion | None:
    read = _CHANGES.get(str(message.get("detail-type")))
    if read is None:
        raise UnknownEvent(f"an object with {', '.join(sorted(map(str, message))[:10])}")
    return read(message["detail"])


def _ended(service: Elsewhere, state: str, job_id: str) -> Completion | None:
    return Completion(job_key(service, job_id)) if state.upper() in _ENDED else None


def _cluster(detail: _Detail) -> Completion | None:
    key, state = job_key(Elsewhere.CLUSTER, detail["clusterId"]), detail["state"]
    if state in _UP:
        return Completion(key, up=True)
    told = detail.get("message") or detail.get("stateChangeReason") or ""
    return Completion(key, reason=f"{detail['clusterId']} is {state}: {told}") if state in _ENDED else None


_CHANGES: Mapping[str, Callable[[_Detail], Completion | None]] = {
    "Glue Job State Change": lambda told: _ended(Elsewhere.GLUE, told["state"], told["jobRunId"]),
    "Athena Query State Change": lambda told: _ended(Elsewhere.ATHENA, told["currentState"], told["queryExecutionId"]),
    "SageMaker Transform Job State Change": lambda told: _ended(
        Elsewhere.TRANSFORM, told["TransformJobStatus"], told["TransformJobName"]
    ),
    "EMR Step Status Change": lambda told: _ended(
        Elsewhere.STEP, told["state"], f"{told['clusterId']}/{told['stepId']}"
    ),
    "EMR Cluster State Change": _cluster,
    "Redshift Data Statement Status Change": lambda told: _ended(
        Elsewhere.STATEMENT, told["state"], told["statementId"]
    ),
}
