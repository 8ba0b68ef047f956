"""The API's resource policy: who may reach it at all, before anybody is asked for credentials.

1. What is asked for by token or key, or public, needs an Allow, since a policy that is silent shuts it.
2. What is signed gets none: with an Allow here its account's own callers need no policy of their own, and IAM would
   decide no more. Callers of other accounts need one here too, and so stay out.
3. A Deny beats everything: from elsewhere nobody comes in.

Source: API Gateway Developer Guide, "API Gateway resource policy examples" and "How API Gateway resource policies
affect authorization workflow" (tables A and B)
"""

from typing import Any

from deploy.gateway.mocks import BROWSERS
from deploy.gateway.naming import API_STAGE
from deploy.stage import Endpoint

EVERY_METHOD = "execute-api:/*"
_VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNSIGNED = (
    *(f"execute-api:/{API_STAGE}/{verb}{BROWSERS}*" for verb in _VERBS),
    *(f"execute-api:/{API_STAGE}/GET/console{rest}" for rest in ("", "/*")),
)
"""The methods of rule 1. Verb by verb: a `*` in its place would take in `GET/iam`."""


def policy(endpoint: Endpoint) -> dict[str, Any] | None:
    """The policy that lets in what the settings name; None when they let in all."""
    if endpoint.vpc_endpoints:
        return _only({"StringNotEquals": {"aws:SourceVpce": list(endpoint.vpc_endpoints)}})
    if endpoint.source_addresses:
        return _only({"NotIpAddress": {"aws:SourceIp": list(endpoint.source_addresses)}})
    return None


def _only(others: dict[str, Any]) -> dict[str, Any]:
    """The rules; whoever `others` holds for comes from elsewhere."""
    call = {"Principal": "*", "Action": "execute-api:Invoke"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow"} | call | {"Resource": list(UNSIGNED)},
            {"Effect": "Deny"} | call | {"Resource": EVERY_METHOD, "Condition": others},
        ],
    }
