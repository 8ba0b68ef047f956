"""The OpenAPI 3.1 document, made from the table of operations; paths beside the table are in beside.py.

Every operation is there as it is served: below /v1 for tokens, with its scope, and below /iam/v1 for AWS credentials.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from chalicelib.domain.definition.parameters import Parameter, ParameterType
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.beside import PATHS
from chalicelib.edge.rest.contract import Operation, Schema, ref
from chalicelib.edge.rest.idempotency import LONGEST_KEY
from chalicelib.edge.rest.register import SIGNED, TOKENS
from chalicelib.edge.rest.table import OPERATIONS, SCHEMAS
from chalicelib.service.templates import Template, named, templates

Plain = dict[str, Any]
VERSION = "1.0.0"
SCOPES: Mapping[Scope, str] = {
    Scope.READ: "Read everything, validate and preview",
    Scope.WRITE: "Create, edit, tag, clone and delete",
    Scope.OPERATE: "Activate, deactivate, rerun, cancel, pause, resume, backfill, redrive and replay",
}
STATUSES: Mapping[int, str] = {
    400: "Something in the request is wrong: `field` and `expected` say what.",
    401: "No token, or one that is expired, not signed by the user pool, or no access token.",
    403: "The caller is known and may not do this.",
    404: "There is no such thing for this caller; what belongs to others does not exist.",
    409: "It contradicts what is there: an idempotency key used with another body, or a race that was lost.",
    412: "If-Match names another revision than the present one.",
    413: "The body is larger than 6 MB.",
    415: "The body's type is not the one that is taken.",
    429: "Too many requests: wait, then send it again.",
    500: "Our fault; `requestId` finds it in the logs.",
    503: "Not now: send it again.",
}
HEADERS: Mapping[str, Plain] = {
    "ETag": {"description": "The revision, for If-Match or If-None-Match.", "schema": {"type": "string"}},
    "Location": {"description": "Where what was made is.", "schema": {"type": "string"}},
}
PARAMETERS: Mapping[str, str] = {
    "pipelineId": "The pipeline's id.",
    "name": "A template's name.",
    "version": "A definition's version number, or `latest`, or `active`.",
    "other": "The version to compare with, spelled in the same ways.",
    "runId": "The run: the time it was scheduled for.",
    "instanceId": "An instance's id, as listings have it.",
    "number": "The attempt's number, from 1.",
    "componentId": "The id of an object of the definition.",
}
ALWAYS = (403, 429, 500, 503)
KEPT_TEXT = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]*$"
"""Texts without the characters that no store keeps; see check.UNKEPT."""

_OTHERS: Mapping[ParameterType | None, Sequence[Plain]] = {
    ParameterType.STRING: [{"type": "number"}, {"type": "boolean"}],
    ParameterType.INTEGER: [{"type": "integer"}],
    ParameterType.DOUBLE: [{"type": "number"}],
}
"""What a value may be beside a text."""


@cache
def document(base: str = "/") -> Plain:
    """The whole document. `base` is where the API stands on its host: `/api` for a stage of that name."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Penstock",
            "version": VERSION,
            "summary": "Pipelines that run AWS Data Pipeline definitions unchanged.",
            "description": _ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "tags": [{"name": noun} for noun in dict.fromkeys(operation.noun for operation in OPERATIONS)]
        + [{"name": "wire"}, {"name": "ingest"}],
        "paths": _paths(),
        "components": {
            "schemas": {name: told(schema) for name, schema in SCHEMAS.items()} | _templates(),
            "responses": {f"Refused{status}": _refused(status) for status in STATUSES},
            "parameters": {name: _path_parameter(name) for name in _names()},
            "headers": dict(HEADERS),
            "securitySchemes": _SECURITY,
        },
    }


def told(schema: Schema) -> Plain:
    """A shape with what every text in it is checked for, which the table does not repeat."""
    found: Plain = dict(schema)
    if found.get("type") == "string" and not {"pattern", "enum", "const", "format"} & found.keys():
        found["pattern"] = KEPT_TEXT
    if found.get("type") == "object" and found.get("additionalProperties", True) is not False:
        found["propertyNames"] = {**found.get("propertyNames", {}), "pattern": KEPT_TEXT}
    for name in ("items", "additionalProperties"):
        if isinstance(found.get(name), Mapping):
            found[name] = told(found[name])
    if "properties" in found:
        found["properties"] = {name: told(each) for name, each in found["properties"].items()}
    if "anyOf" in found:
        found["anyOf"] = [told(each) for each in found["anyOf"]]
    return found


def _templates() -> Plain:
    """FilledTemplate, template by template with the types of its parameters: what validation will find of them."""
    shape = SCHEMAS["FilledTemplate"]
    choices = [_filled(named(name)) for name in templates()]
    return {"FilledTemplate": {"description": shape["description"], "anyOf": choices, "examples": shape["examples"]}}


def _filled(template: Template) -> Plain:
    parameters = {each.parameter.id: _parameter(each.parameter) for each in template.parameters}
    needed = [each.parameter.id for each in template.parameters if each.parameter.required]
    values: Plain = {"type": "object", "additionalProperties": False, "properties": parameters}
    return {
        "title": template.title,
        "type": "object",
        "required": ["name", *(["parameters"] if needed else [])],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "const": template.name},
            "parameters": values | ({"required": needed} if needed else {}),
        },
    }


def _parameter(parameter: Parameter) -> Plain:
    """One value, alone or in a list; a list of more where the parameter is one."""
    spelled = [{"pattern": KEPT_TEXT}, {"pattern": f"^({parameter.pattern})$"}]
    one: list[Plain] = [{"type": "string", "allOf": spelled}, *_OTHERS.get(parameter.kind, ())]
    if parameter.allowed:
        one = [{"type": "string", "enum": list(parameter.allowed)}]
    many: Plain = {"type": "array", "items": {"anyOf": one}}
    many |= {"minItems": 1} if parameter.required else {}
    return {"anyOf": [*one, many | ({} if parameter.array else {"maxItems": 1})]}


def _paths() -> Plain:
    paths: Plain = {}
    for operation in OPERATIONS:
        for prefix in (TOKENS,) if operation.scope is None else (TOKENS, SIGNED):
            paths.setdefault(prefix + operation.path, {})[operation.method.lower()] = _operation(operation, prefix)
    return paths | {path: dict(methods) for path, methods in PATHS.items()}


def _operation(operation: Operation, prefix: str) -> Plain:
    signed = prefix == SIGNED
    shown: Plain = {
        "operationId": operation.id + ("Signed" if signed else ""),
        "tags": [operation.noun],
        "summary": operation.summary,
        "security": _security(operation, signed),
        "responses": _responses(operation),
    }
    if operation.description:
        shown["description"] = operation.description
    parameters = list(_parameters(operation))
    if parameters:
        shown["parameters"] = parameters
    if operation.request is not None:
        shown["requestBody"] = {
            "required": not operation.bodiless,
            "content": _json(operation.request, operation.sends),
        }
    return shown


def _security(operation: Operation, signed: bool) -> list[Plain]:
    if operation.scope is None:
        return []
    return [{"signature": []}] if signed else [{"tokens": [operation.scope.value]}]


def _parameters(operation: Operation) -> Iterator[Plain]:
    for name in operation.parameters:
        yield {"$ref": f"#/components/parameters/{name}"}
    for query in operation.query:
        many = {"type": "array", "items": told(query.schema)}
        shown = {"name": query.name, "in": "query", "description": query.summary}
        yield shown | {"required": query.required, "schema": many if query.many else told(query.schema)}
    if operation.if_match:
        says = "The ETag that was read: the edit is refused when it is stale. `*` is any."
        yield _header("If-Match", says, {"examples": ['"7"']})
    if operation.if_none_match:
        yield _header("If-None-Match", "The ETag of what the caller has.", {"examples": ['"7"']})
    if operation.idempotent:
        says = "The same key with the same body is done once and answered alike for a day."
        yield _header("Idempotency-Key", says, {"minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"})


def _header(name: str, says: str, more: Plain) -> Plain:
    return {"name": name, "in": "header", "description": says, "required": False, "schema": {"type": "string", **more}}


def _responses(operation: Operation) -> Plain:
    found: Plain = {"description": operation.summary}
    if operation.reply is not None:
        found["content"] = _json(operation.reply, operation.answers)
    if operation.headers:
        found["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in operation.headers}
    refused = {
        str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in sorted(refusals(operation))
    }
    unchanged = {"304": {"description": "It is what the caller has."}} if operation.if_none_match else {}
    return {str(operation.status): found, **unchanged, **refused}


def refusals(operation: Operation) -> frozenset[int]:
    """Every status of an error that the operation, or the gateway in front of it, may answer."""
    asked = {
        400: True,
        401: operation.scope is not None,
        404: bool(operation.parameters) or any(query.name == "cursor" for query in operation.query),
        409: operation.idempotent or operation.method != "GET",
        412: operation.if_match,
        413: operation.request is not None,
        415: operation.request is not None,
    }
    return frozenset({*(status for status, may in asked.items() if may), *operation.refusals, *ALWAYS})


def _json(schema: Any, example: Any) -> Plain:
    content: Plain = {"schema": dict(schema)}
    if example is not None:
        content["example"] = example
    return {"application/json": content}


def _refused(status: int) -> Plain:
    return {"description": STATUSES[status], "content": {"application/json": {"schema": dict(ref("Error"))}}}


def _names() -> Iterator[str]:
    yield from dict.fromkeys(name for operation in OPERATIONS for name in operation.parameters)


def _path_parameter(name: str) -> Plain:
    schema = {"type": "string", "minLength": 1, "maxLength": 1024}
    return {"name": name, "in": "path", "required": True, "description": PARAMETERS[name], "schema": schema}


_ABOUT = """Every operation is served twice: below `/v1` for access tokens of the stage's user pool, which need the
scope named at the operation, and below `/iam/v1` for requests signed with AWS credentials (Signature Version 4,
service `execute-api`).

Errors have one shape, `Error`. Lists are pages: `items`, and `nextCursor` until the last. Times are ISO 8601 in UTC.
"""
_SECURITY: Plain = {
    "tokens": {
        "type": "oauth2",
        "description": "Access tokens of the stage's user pool. Its address is an output of the foundation.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "https://example.auth.us-east-1.amazoncognito.com/oauth2/authorize",
                "tokenUrl": "https://example.auth.us-east-1.amazoncognito.com/oauth2/token",
                "scopes": {scope.value: says for scope, says in SCOPES.items()},
            },
            "clientCredentials": {
                "tokenUrl": "https://example.auth.us-east-1.amazoncognito.com/oauth2/token",
                "scopes": {scope.value: says for scope, says in SCOPES.items()},
            },
        },
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "AWS Signature Version 4, service `execute-api`.",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "A key of a usage plan."},
}
