"""The line that API Gateway writes about each request: JSON, one member per variable.

Source: API Gateway Developer Guide, "Variables for access logging for API Gateway"
"""

import json
from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "milliseconds": "$context.responseLatency",
    "functionMilliseconds": "$context.integration.latency",
    "address": "$context.identity.sourceIp",
    "agent": "$context.identity.userAgent",
    "account": "$context.identity.accountId",
    "user": "$context.authorizer.claims.sub",
    "keyId": "$context.identity.apiKeyId",
    "refusal": "$context.error.responseType",
    "trace": "$context.xrayTraceId",
}
"""Neither bodies, queries nor credentials: the path holds ids only."""

FORMAT = json.dumps(FIELDS, separators=(",", ":"))


def line(values: Mapping[str, str]) -> str:
    """The line of one request; a variable without a value is written as `-`."""
    return json.dumps({name: values.get(variable, "-") for name, variable in FIELDS.items()}, separators=(",", ":"))
