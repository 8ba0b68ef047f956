"""What is deployed fits together: function timeouts and queues, functions and what their roles allow."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name
from chalice.config import Config

from chalicelib.adapters.messages import MAX_RECEIVES

ROOT = Path(__file__).parents[2]
ADAPTERS = ROOT / "chalicelib" / "adapters" / "aws"
CONSUMERS = {
    "control": "Control",
    "timers": "Timers",
    "tasks": "Tasks",
    "chunks": "Chunks",
    "arrivals": "Arrivals",
    "completions": "Completions",
}
FUNCTIONS = ("api_handler", "tick", "sweep", "sweep_video", "results", *CONSUMERS)
LONGEST_ANSWER_SECONDS = 29  # API Gateway's

STORE = ("dynamodb", "dynamodb/table.py")
QUEUES = ("sqs", "sqs.py")
SEALER = ("kms", "kms.py")
ROLES = ("sts", "sessions.py")
COMPUTE = (("ec2", "ec2.py"), ("emr", "emr.py"))
PASSWORDS = (("rds", "../sql/databases.py"), ("secretsmanager", "../sql/databases.py"))
WIRED: dict[str, tuple[tuple[str, str], ...]] = {
    "api_handler": (
        *(STORE, QUEUES, SEALER, ROLES, ("iot", "iot_rules.py")),
        *(("logs", "function_log.py"), ("cloudwatch", "cloudwatch.py")),
    ),
    "control": (STORE, QUEUES, ROLES, ("s3", "staging.py"), ("sns", "sns.py"), *COMPUTE),
    "timers": (QUEUES,),
    "arrivals": (STORE, ("dynamodb", "dynamodb/events.py"), QUEUES),
    "completions": (STORE, QUEUES),
    "results": (STORE, ("dynamodb", "dynamodb/events.py"), QUEUES),
    "tick": (STORE, QUEUES),
    "sweep": (STORE, ("iot", "iot_rules.py"), *COMPUTE),
    "sweep_video": (STORE, ("dynamodb", "dynamodb/events.py"), QUEUES, ("kinesisvideo", "video.py")),
    "tasks": (STORE, QUEUES, SEALER, ROLES, *PASSWORDS, ("emr", "emr_steps.py")),
    "chunks": (STORE, QUEUES, SEALER, ROLES, *PASSWORDS),
}
"""Service and file of the adapters that bootstrap wires into a function."""

TAKING = {
    f"sqs:{name}" for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
}
SEALING = {"kms:Encrypt"}
WRITING = {f"dynamodb:{kind}Item" for kind in ("Put", "Update", "Delete", "Get", "BatchGet", "BatchWrite")}
READING = {"dynamodb:GetItem", "dynamodb:BatchGetItem"}
MAKING_RULES = {"iot:CreateTopicRule", "iot:ReplaceTopicRule"}
UNUSED: dict[str, set[str]] = {
    "api_handler": TAKING,
    "tick": TAKING | WRITING,
    "sweep_video": TAKING,
    "results": TAKING,
    "control": {"ec2:DescribeRegions", "sns:Publish"},  # alarms go out under their own roles
    "completions": {"dynamodb:Query"} | WRITING - {"dynamodb:GetItem", "dynamodb:DeleteItem"},
    "sweep": {"ec2:RunInstances", "elasticmapreduce:RunJobFlow", "dynamodb:Query", *MAKING_RULES} | WRITING - READING,
    "tasks": SEALING,
    "chunks": SEALING,
}
"""What the wired adapters can do and the function never asks them for."""

FREE = {"sts:GetCallerIdentity"}  # nobody can be denied it
SINGLE = {f"{name}Batch": name for name in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")}
PREFIX = {"emr": "elasticmapreduce"}


class Plain(yaml.SafeLoader):
    """Reads the template without resolving its functions."""


Plain.add_multi_constructor("!", lambda _loader, _tag, _node: None)


def config(function: str) -> Config:
    return Config("dev", function, config_from_disk=json.loads((ROOT / ".chalice" / "config.json").read_text()))


def template() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((ROOT / "infra" / "foundation.yaml").read_text(), Plain)["Resources"]
    return found


def statements(function: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / ".chalice" / config(function).iam_policy_file).read_text())[
        "Statement"
    ]
    return found


def actions(function: str) -> set[str]:
    listed = [item["Action"] for item in statements(function)]
    return {action for each in listed for action in ([each] if isinstance(each, str) else each)}


def called(service: str, file: str) -> Iterator[str]:
    """IAM actions of the boto3 operations that the adapter's text names."""
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name): name for name in model.operation_names}
    for node in ast.walk(ast.parse((ADAPTERS / file).read_text())):
        if isinstance(node, ast.Attribute) and node.attr in operations and _is_client(node):
            name = operations[node.attr]
            yield f"{PREFIX.get(service, service)}:{SINGLE.get(name, name)}"


def _is_client(node: ast.Attribute) -> bool:
    """Names of one word are also methods of other things."""
    return "_" in node.attr or "client" in ast.unparse(node.value)


@pytest.mark.parametrize(("function", "queue"), CONSUMERS.items())
def test_a_queue_hides_a_message_for_six_times_its_functions_timeout(function: str, queue: str) -> None:
    properties = template()[f"{queue}Queue"]["Properties"]
    assert properties["VisibilityTimeout"] >= 6 * config(function).lambda_timeout
    assert properties["RedrivePolicy"]["maxReceiveCount"] == MAX_RECEIVES


def test_the_api_answers_before_the_gateway_gives_up_and_long_work_gets_all_the_time_there_is() -> None:
    assert config("api_handler").lambda_timeout <= LONGEST_ANSWER_SECONDS
    assert [config(name).lambda_timeout for name in ("tasks", "chunks")] == [900, 900]
    assert all(config(name).lambda_memory_size >= 512 for name in FUNCTIONS)


def test_uploads_that_nobody_ends_are_dropped() -> None:
    rules = template()["StagingBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_role_allows_what_its_adapters_call(function: str) -> None:
    needed = {action for adapter in WIRED[function] for action in called(*adapter)} - UNUSED.get(function, set()) - FREE
    assert needed
    assert needed | {"sqs:GetQueueUrl"} <= actions(function)


@pytest.mark.parametrize("function", UNUSED)
def test_a_functions_role_does_not_allow_what_the_function_never_does(function: str) -> None:
    assert not UNUSED[function] & actions(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_role_has_no_wildcard_action(function: str) -> None:
    assert not [action for action in actions(function) if "*" in action]


def test_only_what_performs_work_or_shows_it_takes_on_the_roles_of_definitions() -> None:
    takers = {"api_handler", "control", "tasks", "chunks"}
    assert {name for name in FUNCTIONS if "sts:AssumeRole" in actions(name)} == takers
    assert {name for name in FUNCTIONS if "ec2:RunInstances" in actions(name)} == {"control"}
