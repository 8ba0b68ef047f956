"""Each function's role allows what the function does, and what it does not do has a reason to be allowed.

The calls are those that the functions really make: see drive.py.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest

from bench.deployed import STAGE
from deploy.manifest import manifest
from deploy.policies import policies
from deploy.policy_lint import listed
from local.environment import REPOSITORY

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("policies")]  # one run of the functions for all
FUNCTIONS = manifest(REPOSITORY / "app.py").functions
FREE = frozenset({"sts:GetCallerIdentity"})  # nobody can be denied it

FOR_LAMBDA: Mapping[str, str] = {
    "logs:CreateLogGroup": "Lambda writes the log",
    "logs:CreateLogStream": "Lambda writes the log",
    "logs:PutLogEvents": "Lambda writes the log",
    "sqs:ChangeMessageVisibility": "the event source takes messages under the function's role",
    "sqs:DeleteMessage": "the event source takes messages under the function's role",
    "sqs:GetQueueAttributes": "the event source takes messages under the function's role",
    "sqs:ReceiveMessage": "the event source takes messages under the function's role",
    "sqs:GetQueueUrl": "asked once a process, whichever function is first; here all are in one",
    "kms:Decrypt": "tables, queues and buckets are sealed with the stage's key: asked by those services",
    "kms:GenerateDataKey": "tables, queues and buckets are sealed with the stage's key: asked by those services",
    "iam:PassRole": "asked by the service that is given the role",
    "ssm:GetParameters": "EC2 asks it for the newest image",
    "ec2:CreateTags": "part of RunInstances with tags",
    "elasticmapreduce:AddTags": "part of RunJobFlow with tags",
    "xray:PutTelemetryRecords": "Lambda writes traces",
    "xray:PutTraceSegments": "Lambda writes traces",
}
"""What is asked of AWS under a function's role, and not by the function."""

ITEMS = ("BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem")
STORE = {f"dynamodb:{name}": "the adapter of the store that it has asks for this for others" for name in ITEMS}
RARE: Mapping[str, Mapping[str, str]] = {
    "api_handler": {
        "cloudwatch:DescribeAlarms": "somebody who looks after the stage",
        "cloudwatch:GetMetricData": "somebody who looks after the stage",
        "iot:ListTopicRules": "a pipeline that is deactivated after its definition was replaced",
        "iot:ReplaceTopicRule": "a rule that is armed again",
        "logs:FilterLogEvents": "the lines of an attempt that somebody looks at",
        "sts:AssumeRole": "data, results and logs that somebody looks at",
    },
    "arrivals": STORE,
    "chunks": {
        **STORE,
        "rds:DescribeDBInstances": "a part of a copy from a database that RDS runs",
        "secretsmanager:GetSecretValue": "the same, its password in a secret",
        "sts:AssumeRole": "credentials that another function of this process holds already",
    },
    "control": {
        "ec2:TerminateInstances": "a machine that is still there",
        "elasticmapreduce:TerminateJobFlows": "a cluster that is still there",
        "sts:AssumeRole": "an alarm, under its own role",
    },
    "sweep": {
        "ec2:TerminateInstances": "a machine that was left behind",
        "elasticmapreduce:TerminateJobFlows": "a cluster that was left behind",
        "iot:DeleteTopicRule": "a rule that was left behind",
        **STORE,
    },
    "sweep_video": {**STORE, "sqs:SendMessage": "for fragments that are new; moto has none"},
    "tasks": {
        **STORE,
        "elasticmapreduce:CancelSteps": "a step that is still there when its attempt is canceled",
        "elasticmapreduce:ListInstanceGroups": "a cluster that is resized before a HiveActivity",
        "elasticmapreduce:ModifyInstanceGroups": "a cluster that is resized before a HiveActivity",
    },
}
"""What a function may and did not do in this run, and when it does."""


@pytest.fixture(scope="module")
def calls() -> Mapping[str, frozenset[tuple[str, str]]]:
    """Actions and resources by function."""
    command = [sys.executable, "-m", "tests.contract.policies.drive"]
    ended = subprocess.run(command, cwd=REPOSITORY, text=True, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    made = json.loads(ended.stdout.splitlines()[-1])
    return {name: frozenset((action, arn) for who, action, arn in made if who == name) for name in FUNCTIONS}


def allows(document: Mapping[str, Any], action: str, arn: str) -> bool:
    """Whether a statement allows the action on the resource; conditions are not looked at."""
    return any(
        action in listed(statement["Action"])
        and any(fnmatchcase(arn, pattern) for pattern in listed(statement["Resource"]))
        for statement in document["Statement"]
    )


def test_every_function_was_seen_at_work(calls: Mapping[str, frozenset[tuple[str, str]]]) -> None:
    assert [name for name in FUNCTIONS if not calls[name]] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_it_does(function: str, calls: Mapping[str, frozenset[tuple[str, str]]]) -> None:
    document = policies(REPOSITORY, STAGE)[function]
    denied = [(action, arn) for action, arn in sorted(calls[function]) if not allows(document, action, arn)]
    assert [item for item in denied if item[0] not in FREE] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_a_function_may_and_does_not_do_has_a_reason(
    function: str, calls: Mapping[str, frozenset[tuple[str, str]]]
) -> None:
    allowed = {
        action for item in policies(REPOSITORY, STAGE)[function]["Statement"] for action in listed(item["Action"])
    }
    reasons = {**FOR_LAMBDA, **RARE.get(function, {})}
    done = {action for action, _ in calls[function]}
    assert allowed - done - reasons.keys() == set()
