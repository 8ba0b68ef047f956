"""Creates on the embedded AWS what infra/foundation.yaml creates on AWS, as far as its CloudFormation reaches."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.template import read
from local.deployment.reach import reachable

TEMPLATE = Path(__file__).resolve().parent.parent / "infra" / "foundation.yaml"


def create(cloudformation: Any, stage: str) -> Mapping[str, str]:
    """Create the stack and return its outputs; raise RuntimeError when it fails."""
    name = f"penstock-{stage}-foundation"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(reachable(read(TEMPLATE)).template),
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise RuntimeError(f"foundation stack: {stack['StackStatus']} {stack.get('StackStatusReason', '')}")
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", ())}
