"""The Lambda proxy integration: a request as the function's event, the function's result as a response.

Source: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway"
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from local.gateway.authorize import Admission
from local.gateway.exchange import Answer, Incoming
from local.gateway.routes import Route
from local.identity import DEFAULT_ACCOUNT

Event = dict[str, Any]
SURELY_SMALL = 512 * 1024
"""Characters of a body that are no payload's limit however they are escaped."""


def proxy_event(request: Incoming, route: Route, admitted: Admission, binary: bool, request_id: str) -> Event:
    """The event that API Gateway makes of a request (REST API, Lambda proxy integration)."""
    multi: dict[str, list[str]] = {}
    for key, value in request.query:
        multi.setdefault(key, []).append(value)
    identity = {"sourceIp": "127.0.0.1", "userAgent": request.headers.get("user-agent", "")}
    return {
        "resource": route.resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "multiValueHeaders": {key: [value] for key, value in request.headers.items()},
        "queryStringParameters": {key: values[-1] for key, values in multi.items()} or None,
        "multiValueQueryStringParameters": multi or None,
        "pathParameters": dict(route.parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": route.resource,
            "httpMethod": request.method,
            "path": request.path,
            "stage": "local",
            "requestId": request_id,
            "accountId": DEFAULT_ACCOUNT,  # the API's own; the caller's is in the identity
            "identity": identity | dict(admitted.identity),
            **({"authorizer": dict(admitted.authorizer)} if admitted.authorizer is not None else {}),
        },
        "body": base64.b64encode(request.body).decode() if binary else request.body.decode("utf-8", "replace") or None,
        "isBase64Encoded": binary,
    }


def payload_bytes(event: Event) -> int:
    """The event's size as a function's payload, at least; exact where it matters, when the body is large."""
    body = event["body"] or ""
    return len(body) if len(body) < SURELY_SMALL else len(json.dumps(event))


def rendered(result: Mapping[str, Any]) -> Answer:
    """The HTTP response of a proxy integration's result."""
    body = result.get("body") or ""
    content = base64.b64decode(body) if result.get("isBase64Encoded") else str(body).encode()
    headers = [(key, str(value)) for key, value in (result.get("headers") or {}).items()]
    for key, values in (result.get("multiValueHeaders") or {}).items():
        headers.extend((key, str(value)) for value in values)
    return Answer(int(result["statusCode"]), tuple(headers), content)
