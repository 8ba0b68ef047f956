"""Answers that need no function: preflights of browsers, methods that a path does not have, and unknown paths.

Without them API Gateway answers 403 "Missing Authentication Token" to all three.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from deploy.gateway.responses import GatewayResponse
from deploy.methods import Method
from deploy.stage import Cors

ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
ELSEWHERE = "/{unknown+}"
REQUEST_HEADERS = "Authorization,Content-Type,Idempotency-Key,If-Match,If-None-Match,X-Api-Key"
BROWSERS = "/v1/"
"""Only these paths are for pages: the others take AWS credentials, which no page should hold."""


def verbs_by_path(methods: Iterable[Method]) -> dict[str, tuple[str, ...]]:
    """Every path with the methods it has."""
    found: dict[str, tuple[str, ...]] = {}
    for method in methods:
        found[method.path] = (*found.get(method.path, ()), method.verb)
    return found


def mocks(methods: Iterable[Method], cors: Cors | None) -> dict[str, dict[str, Any]]:
    """Methods without a function, by path and then by the name of the method, as OpenAPI 3 or Swagger 2.0."""
    found: dict[str, dict[str, Any]] = {}
    for path, verbs in verbs_by_path(methods).items():
        found[path] = {ANY: _refusal(405, "MethodNotAllowed", f"Expected {' or '.join(verbs)}", {"Allow": verbs})}
        if cors is not None and path.startswith(BROWSERS):
            found[path]["options"] = _preflight(cors, verbs)
    found[ELSEWHERE] = {ANY: _refusal(404, "NotFound", "There is no such path", {})}
    found[ELSEWHERE][ANY]["parameters"] = [{"name": "unknown", "in": "path", "required": True, "type": "string"}]
    return found


def refusal_body(code: str, message: str) -> str:
    """The body of a refusal that a mock gives, with API Gateway's variable for the request's id in it."""
    return GatewayResponse(None, code, "UnknownOperationException", message).template()


def _refusal(status: int, code: str, message: str, more: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    fixed = {name: ", ".join(values) for name, values in more.items()}
    return _mock(status, fixed, refusal_body(code, message))


def preflight_headers(cors: Cors, verbs: Iterable[str]) -> dict[str, str]:
    """Headers of a preflight's answer, besides the origin."""
    return {
        "Access-Control-Allow-Methods": ",".join((*verbs, "OPTIONS")),
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": str(cors.max_age_seconds),
        "Vary": "Origin",
    }


def _preflight(cors: Cors, verbs: tuple[str, ...]) -> dict[str, Any]:
    if len(cors.origins) == 1:
        fixed = preflight_headers(cors, verbs) | {"Access-Control-Allow-Origin": cors.origins[0]}
        return _mock(200, fixed, "")
    # The header cannot hold two origins: the template answers with the caller's own when it is one of them.
    listed = ",".join(f'"{origin}"' for origin in cors.origins)
    template = (
        '#set($origin = $input.params().header.get("Origin"))'
        '#if(!$origin)#set($origin = $input.params().header.get("origin"))#end'
        f"#if([{listed}].contains($origin))"
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end"
    )
    return _mock(200, preflight_headers(cors, verbs), template)


def _mock(status: int, fixed: Mapping[str, str], template: str) -> dict[str, Any]:
    return {
        "responses": {str(status): {"description": "", "headers": {name: {"type": "string"} for name in fixed}}},
        INTEGRATION: {
            "type": "mock",
            # Passing a body of another type through would make the mock fail on it: 415 is the better answer.
            "passthroughBehavior": "when_no_templates",
            "requestTemplates": {"application/json": json.dumps({"statusCode": status})},
            "responses": {
                "default": {
                    "statusCode": str(status),
                    "responseParameters": {
                        f"method.response.header.{name}": f"'{text}'" for name, text in fixed.items()
                    },
                    "responseTemplates": {"application/json": template},
                }
            },
        },
    }
