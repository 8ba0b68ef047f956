"""The API's resource policy: who may reach it at all, before anybody is asked for credentials.

Source: API Gateway Developer Guide, "API Gateway resource policy examples"
"""

from typing import Any

from deploy.stage import Endpoint

EVERY_METHOD = "execute-api:/*"


def policy(endpoint: Endpoint) -> dict[str, Any] | None:
    """The policy that lets in what the settings name; None when they let in all."""
    if endpoint.vpc_endpoints:
        return _only({"StringNotEquals": {"aws:SourceVpce": list(endpoint.vpc_endpoints)}})
    if endpoint.source_addresses:
        return _only({"NotIpAddress": {"aws:SourceIp": list(endpoint.source_addresses)}})
    return None


def _only(others: dict[str, Any]) -> dict[str, Any]:
    """Everybody may, except where `others` holds: methods with IAM need the Allow, and the Deny beats it."""
    statement = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": EVERY_METHOD}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow"} | statement, {"Effect": "Deny"} | statement | {"Condition": others}],
    }
