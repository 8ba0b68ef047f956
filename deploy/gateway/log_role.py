"""The role with which API Gateway writes logs: one for all APIs of an account in a Region.

Source: API Gateway Developer Guide, "Set up CloudWatch logging for REST APIs"
"""

from typing import Any

ACTIONS = (
    "CreateLogGroup",
    "CreateLogStream",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "FilterLogEvents",
    "GetLogEvents",
    "PutLogEvents",
)
POLICY_NAME = "write-logs"


def trust() -> dict[str, Any]:
    """Who takes the role on."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def permissions() -> dict[str, Any]:
    """What it may do: API Gateway names its log groups itself, so that no resource can be."""
    statement = {"Effect": "Allow", "Action": [f"logs:{name}" for name in ACTIONS], "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
