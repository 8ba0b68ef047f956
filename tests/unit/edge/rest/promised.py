"""Answers against the OpenAPI document, by a validator that is not ours: status, type, headers and shape."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from chalicelib.edge.rest.openapi import document


def check_answer(path: str, method: str, status: int, headers: Mapping[str, str], body: Any) -> None:
    """Fail unless the document permits this answer; `path` is the route's, with its placeholders."""
    responses = document()["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {path} answers {status}, which is not documented"
    response = _resolved(responses[str(status)])
    assert {name.lower() for name in response.get("headers", {})} <= set(headers)
    content = response.get("content")
    assert (body is None) == (content is None), f"{method} {path} {status}: a body is {body!r}"
    if content is not None:
        assert headers["content-type"] == "application/json"
        faults = [error.message for error in _validator(path, method, status).iter_errors(body)]
        assert faults == [], f"{method} {path} {status}"


@cache
def _validator(path: str, method: str, status: int) -> Any:
    response = _resolved(document()["paths"][path][method.lower()]["responses"][str(status)])
    schema = response["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document()["components"]})


def _resolved(response: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = response
    if "$ref" in response:
        found = document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return found
