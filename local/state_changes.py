"""What services tell EventBridge of the jobs that the embedded run carries out for them, in their own words."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Tell = Callable[[dict[str, Any]], None]
ACCOUNT, REGION = "123456789012", "us-east-1"


def nobody(_event: dict[str, Any]) -> None:
    """Where there is nobody to tell."""


def statement_changed(statement: str, name: str, state: str, rows: int) -> dict[str, Any]:
    """A statement of the Redshift Data API that was submitted `WithEvent` came to an end."""
    detail = {"statementName": name, "statementId": statement, "state": state, "rows": rows}
    return _event("aws.redshift-data", "Redshift Data Statement Status Change", detail)


def transform_changed(name: str, status: str) -> dict[str, Any]:
    """A batch transform came to an end."""
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:transform-job/{name}"
    detail = {"TransformJobName": name, "TransformJobArn": arn, "TransformJobStatus": status}
    return _event("aws.sagemaker", "SageMaker Transform Job State Change", detail)


def step_changed(cluster: str, step: str, name: str, state: str, message: str) -> dict[str, Any]:
    """A step of a cluster came to an end."""
    severity = "ERROR" if state == "FAILED" else "INFO"
    detail = {"severity": severity, "clusterId": cluster, "stepId": step, "name": name, "state": state}
    return _event("aws.emr", "EMR Step Status Change", {**detail, "message": message})


def cluster_changed(cluster: str, name: str, state: str) -> dict[str, Any]:
    """A cluster is up, or at its end."""
    detail = {"severity": "INFO", "clusterId": cluster, "name": name, "state": state, "stateChangeReason": ""}
    return _event("aws.emr", "EMR Cluster State Change", detail)


def _event(source: str, kind: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [],
        "detail": dict(detail),
    }
