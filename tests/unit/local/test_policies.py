"""IAM policies open the routes that they name."""

from typing import Any

import pytest

from local.gateway.policies import permitted, route_arn

ROUTE = route_arn("GET", "/iam/v1/pipelines/df-1")
BASE = "arn:aws:execute-api:us-east-1:123456789012:penstock/api"


def says(effect: str, action: Any = "execute-api:Invoke", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": effect, "Action": action, "Resource": resource} | more]}


@pytest.mark.parametrize(
    "policy",
    [
        says("Allow"),
        says("Allow", "*"),
        says("Allow", ["s3:GetObject", "EXECUTE-API:invoke"]),
        says("Allow", "execute-api:*", f"{BASE}/GET/*"),
        says("Allow", resource=[f"{BASE}/POST/*", f"{BASE}/GET/iam/v1/pipelines/df-?"]),
        {"Statement": {"Effect": "Allow", "NotAction": "s3:*", "NotResource": f"{BASE}/POST/*"}},
    ],
)
def test_a_policy_that_names_the_route_opens_it(policy: dict[str, Any]) -> None:
    assert permitted([policy], ROUTE)


@pytest.mark.parametrize(
    "policies",
    [
        [],
        [{}],
        [says("Allow", "execute-api:InvalidateCache")],
        [says("Allow", "s3:*")],
        [says("Allow", resource=f"{BASE}/POST/*")],
        [says("Allow", resource=f"{BASE}/GET/iam/v1/pipelines")],
        [says("Allow", resource=f"{BASE.upper()}/GET/*")],
        [says("Allow"), says("Deny", resource=f"{BASE}/GET/*")],
        [says("Allow", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})],
        [says("Allow"), says("Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})],
        [{"Statement": [{"Effect": "Allow", "NotAction": "execute-api:*", "Resource": "*"}]}],
    ],
)
def test_everything_else_stays_shut(policies: list[dict[str, Any]]) -> None:
    assert not permitted(policies, ROUTE)
