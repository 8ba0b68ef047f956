"""What is wrong with a function's policy: wildcards in actions, resources that could be named more closely.

Where an action knows no resource, or the resource is the users' own, the reason is written here, next to the action.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.site import APP

ON_ANYTHING: Mapping[str, str] = {
    "ec2:CreateTags": "only while launching; the instance has no name before",
    "ec2:DescribeInstances": "takes no resource",
    "ec2:DescribeRegions": "takes no resource",
    "ec2:RunInstances": "image, subnet and security groups are the definition's",
    "elasticmapreduce:ListClusters": "takes no resource",
    "elasticmapreduce:RunJobFlow": "takes no resource",
    "iot:ListTopicRules": "takes no resource",
    "kinesis:ListStreams": "takes no resource; Lambda refuses an event source whose role lacks it",
    "cloudwatch:DescribeAlarms": "takes no resource; what is shown is picked by the stage's name",
    "cloudwatch:GetMetricData": "takes no resource; what is asked for has the stage's name",
    "cloudwatch:PutMetricData": "takes no resource; the namespace is in the condition",
    "xray:PutTelemetryRecords": "takes no resource",
    "xray:PutTraceSegments": "takes no resource",
}
"""Actions that may be allowed on `*`, and why."""

NOT_OURS: Mapping[str, str] = {
    "arn:*:kms:*:*:key/*": "keys have ids for names; the condition names the stage's alias",
    "arn:*:ec2:*:*:instance/*": "the condition asks for the stage's tag",
    "arn:*:elasticmapreduce:*:*:cluster/*": "the condition asks for the stage's tag",
    "arn:*:iam::*:role/DataPipelineDefaultRole": "the role that definitions name, with the service's own name",
    "arn:*:iam::*:role/DataPipelineDefaultResourceRole": "the same for machines and clusters",
    "arn:*:kinesisvideo:*:*:stream/*": "streams are the users'",
    "arn:*:rds:*:*:db:*": "databases are the users'; the action only describes",
    "arn:*:secretsmanager:*:*:secret:penstock/*": "secrets that users name so, for definitions without a role",
    "arn:*:ssm:*:*:parameter/aws/service/ami-amazon-linux-latest/*": "AWS's own parameters",
}
"""Resources without the stage's name that may be allowed, and why."""

CONDITIONED = frozenset(
    {"arn:*:kms:*:*:key/*", "arn:*:ec2:*:*:instance/*", "arn:*:elasticmapreduce:*:*:cluster/*"},
)
"""Those that are let in for a condition's sake."""
_ACTION = re.compile(r"[a-z][a-z0-9-]*:[A-Z][A-Za-z0-9]+")


def faults(document: Mapping[str, Any], stage: str) -> Iterator[str]:
    """What is wrong, a sentence each; nothing for a policy that is as narrow as it can be."""
    for statement in document["Statement"]:
        where = statement.get("Sid", "a statement without Sid")
        if statement.get("Effect") != "Allow":
            continue
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{where}: names what is not meant"
            continue
        actions, resources = listed(statement["Action"]), listed(statement["Resource"])
        yield from (f"{where}: {action} is no single action" for action in actions if not _ACTION.fullmatch(action))
        yield from _broad(where, actions, resources, stage, conditioned="Condition" in statement)
        if "iam:PassRole" in actions and "iam:PassedToService" not in str(statement.get("Condition")):
            yield f"{where}: iam:PassRole without the service that the role is passed to"


def listed(value: str | Sequence[str]) -> Sequence[str]:
    """One or several as several."""
    return [value] if isinstance(value, str) else value


def _broad(
    where: str, actions: Sequence[str], resources: Sequence[str], stage: str, *, conditioned: bool
) -> Iterator[str]:
    for resource in resources:
        if resource == "*":
            yield from (f"{where}: {action} on anything" for action in actions if action not in ON_ANYTHING)
        elif resource in CONDITIONED and not conditioned:
            yield f"{where}: {resource} without a condition"
        elif resource not in NOT_OURS and not _is_of_stage(resource, stage):
            yield f"{where}: {resource} is not of the stage"


def _is_of_stage(resource: str, stage: str) -> bool:
    return re.search(rf"{APP}[-_/]{stage}(?![a-z0-9])", resource) is not None
