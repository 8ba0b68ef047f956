"""The page of the REST API, from its table of operations; see docs/generate.py."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.edge.rest.contract import Operation, Schema
from chalicelib.edge.rest.openapi import STATUSES, refusals
from chalicelib.edge.rest.table import OPERATIONS, SCHEMAS

_ABOUT = """Every route is served twice: below `/v1` for access tokens of the stage's user pool, with the scope named
here, and below `/iam/v1` for requests signed with AWS credentials (service `execute-api`). Public routes are served
below `/v1` only.
The same as OpenAPI 3.1: [openapi.json](openapi.json), and `GET /v1/openapi.json` of a running API.
[How to use it](../howto/rest.md).

- A list is a page: `items`, and `nextCursor` until the last. `limit` is how many items a page has at most.
- An `ETag` is a revision. `If-Match` with one that is no longer present refuses an edit with 412.
- `Idempotency-Key` on what creates: the same key and body are done once and answered alike for a day; with another
  body it is a conflict, 409. A call that was never answered is done again, without making a second one.
- Times are ISO 8601 in UTC. Members that are not documented, and unknown query parameters, are refused.
- Another owner's things, and those of groups one is not in, are not found: 404.
"""


def rest_page(made: str) -> str:
    """The page; `made` says that it is generated."""
    lines = ["# REST API", "", made, _ABOUT, *_errors()]
    for noun in dict.fromkeys(operation.noun for operation in OPERATIONS):
        lines += [f"## {noun.capitalize()}", ""]
        for operation in OPERATIONS:
            if operation.noun == noun:
                lines += _section(operation)
    return "\n".join([*lines, *_shapes()])


def _errors() -> Iterator[str]:
    example = SCHEMAS["Error"]["examples"][0]
    yield from ("## Errors", "", "One shape, also where the gateway answers:", "", *_json(example), "")
    yield from ("| status | when |", "|---|---|", *(f"| {status} | {says} |" for status, says in STATUSES.items()), "")


def _section(operation: Operation) -> Iterator[str]:
    yield from (f"### {operation.summary}", "", f"`{operation.method} {operation.path}` · {_scope(operation)}", "")
    if operation.description:
        yield from (operation.description, "")
    if operation.query:
        yield from ("| parameter | value | what |", "|---|---|---|")
        yield from (
            f"| `{each.name}`{', several' * each.many} | {_kind(each.schema)} | {each.summary} |"
            for each in operation.query
        )
        yield ""
    if operation.request is not None:
        yield from (f"Body: {_shape(operation.request)}", "", *_json(operation.sends), "")
    yield from (f"Answers {operation.status}{_reply(operation)}{_headers(operation)}.", "")
    yield from (f"Errors: {', '.join(map(str, sorted(refusals(operation))))}.", "")


def _scope(operation: Operation) -> str:
    return f"scope `{operation.scope.value}`" if operation.scope is not None else "public"


def _reply(operation: Operation) -> str:
    return f" with {_shape(operation.reply)}" if operation.reply is not None else " without a body"


def _headers(operation: Operation) -> str:
    return f" and {', '.join(operation.headers)}" if operation.headers else ""


def _shape(schema: Schema) -> str:
    if "$ref" not in schema:
        return "an object"
    name = schema["$ref"].rpartition("/")[2]
    return f"[{name}](#{name.lower()})"


def _shapes() -> Iterator[str]:
    yield from ("## Shapes", "")
    for name, schema in sorted(SCHEMAS.items()):
        yield from (f"### {name}", "")
        if "description" in schema:
            yield from (schema["description"], "")
        yield from _members(schema)


def _members(schema: Schema) -> Iterator[str]:
    members: Mapping[str, Schema] = schema.get("properties", {})
    if members:
        needed = schema.get("required", ())
        yield from ("| member | value | what |", "|---|---|---|")
        for name, each in members.items():
            must = " (required)" if name in needed else ""
            yield f"| `{name}`{must} | {_kind(each)} | {each.get('description', '')} |"
        yield ""


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        return _shape(schema)
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    kind = "time" if schema.get("format") == "date-time" else str(schema.get("type", "any"))
    default = f", default `{json.dumps(schema['default'])}`" if "default" in schema else ""
    return f"{kind}{_bounds(schema)}{default}"


def _bounds(schema: Schema) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    unit = " characters" if "maxLength" in schema else ""
    if low is None and high is None:
        return ""
    return (
        f", at most {high:,}{unit}" if low is None else f", {low:,} to {high:,}{unit}" if high else f", {low:,} or more"
    )


def _json(value: Any) -> Iterator[str]:
    yield from ("```json", json.dumps(value, indent=2, ensure_ascii=False), "```")
