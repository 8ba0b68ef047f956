"""What each function may do: the policies of stage `dev`, kept by hand in .chalice, are the pattern of all others."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PATTERN_STAGE = "dev"
DEFINITIONS_ROLE = "arn:*:iam::*:role/DataPipelineDefaultRole"
MACHINES_ROLE = "arn:*:iam::*:role/DataPipelineDefaultResourceRole"
_NAME = re.compile(rf"penstock([-_/]){PATTERN_STAGE}(?=$|[^a-z0-9])")


def policy_file(stage: str, function: str) -> str:
    """Name of a function's policy file in .chalice."""
    return f"policy-{stage}-{function}.json"


def policies(project: Path, stage: str) -> Mapping[str, dict[str, Any]]:
    """Policy documents by function of app.py."""
    start = f"policy-{PATTERN_STAGE}-"
    return {
        path.stem.removeprefix(start): json.loads(for_stage(path.read_text(), stage))
        for path in sorted((project / ".chalice").glob(f"{start}*.json"))
    }


def naming(document: Mapping[str, Any], roles: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The policy with roles of a stage's own choice: those of `roles` for each that has the service's own name."""
    return {**document, "Statement": [_naming(statement, roles) for statement in document["Statement"]]}


def _naming(statement: Mapping[str, Any], roles: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    given = statement["Resource"]
    named = [
        other
        for arn in ([given] if isinstance(given, str) else given)
        for other in ([_arn(role) for role in roles[arn]] if arn in roles else [arn])
    ]
    return {**statement, "Resource": named[0] if len(named) == 1 else named}


def _arn(role: str) -> str:
    return role if role.startswith("arn:") else f"arn:*:iam::*:role/{role}"


def for_stage(text: str, stage: str) -> str:
    """`text` with every name of the pattern's stage made one of `stage`."""
    return _NAME.sub(rf"penstock\g<1>{stage}", text)


def traced(document: Mapping[str, Any]) -> dict[str, Any]:
    """The policy of a function that is traced: Lambda refuses to trace one whose role may not send traces."""
    sending = {
        "Sid": "Traces",
        "Effect": "Allow",
        "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        "Resource": "*",
    }
    return {**document, "Statement": [*document["Statement"], sending]}
