"""The API's contract: the committed OpenAPI document and what the application serves are the same, both ways."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app import app
from chalicelib.edge.rest.check import KNOWN, faults
from chalicelib.edge.rest.contract import Operation
from chalicelib.edge.rest.openapi import refusals
from chalicelib.edge.rest.table import OPERATIONS, SCHEMAS

COMMITTED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8")
)
METHODS = ("get", "post", "put", "patch", "delete")


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in COMMITTED["paths"].items():
        yield from ((path, method, methods[method]) for method in METHODS if method in methods)


def schemas(schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema and every schema in it."""
    yield schema
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from schemas(schema[name])
    for inner in (*schema.get("properties", {}).values(), *schema.get("anyOf", ())):
        yield from schemas(inner)


def fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether an independent validator finds that `value` is of the shape."""
    whole = {**schema, "components": COMMITTED["components"]}
    return bool(Draft202012Validator(whole).is_valid(value))


def test_the_document_is_openapi_3_1() -> None:
    validate(COMMITTED)
    assert COMMITTED["openapi"].startswith("3.1")


def test_every_route_is_in_the_document_and_every_operation_of_the_document_is_served() -> None:
    served = {(path, method.lower()) for path, methods in app.routes.items() for method in methods}
    assert served == {(path, method) for path, method, _ in operations()}


def test_operations_have_ids_of_their_own_and_say_who_may_call_them() -> None:
    shown = [operation for _, _, operation in operations()]
    assert len({operation["operationId"] for operation in shown}) == len(shown)
    schemes = COMMITTED["components"]["securitySchemes"]
    assert all(set(choice) <= set(schemes) for operation in shown for choice in operation["security"])


def test_the_gateways_authorizer_of_a_route_is_the_documents() -> None:
    for path, method, shown in operations():
        route = app.routes[path][method.upper()]
        needed = [scope for choice in shown["security"] for scope in choice.get("tokens", [])]
        assert (route.authorizer.scopes if route.authorizer else []) == needed, (method, path)
        assert bool(route.api_key_required) == any("key" in choice for choice in shown["security"])


def test_every_named_shape_is_used_and_every_reference_leads_somewhere() -> None:
    text = json.dumps(COMMITTED)
    assert [name for name in SCHEMAS if f'"#/components/schemas/{name}"' not in text] == []
    used = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert used <= set(COMMITTED["components"]["schemas"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_an_operation_is_told_whole(operation: Operation) -> None:
    assert operation.summary
    assert not operation.summary.endswith(".")
    assert refusals(operation)
    for schema, example in ((operation.request, operation.sends), (operation.reply, operation.answers)):
        if schema is not None and operation.id != "getOpenApi":
            assert example is not None
            assert list(faults(schema, example, SCHEMAS)) == []
            assert fits(schema, example)


def test_shapes_use_only_what_requests_are_checked_for() -> None:
    roots = [*SCHEMAS.values(), *(query.schema for operation in OPERATIONS for query in operation.query)]
    roots += [shape for operation in OPERATIONS for shape in (operation.request, operation.reply) if shape]
    used = {keyword for root in roots for schema in schemas(root) for keyword in schema}
    assert used <= KNOWN


def test_examples_of_shapes_fit_them() -> None:
    wrong = [
        (name, example)
        for name, root in SCHEMAS.items()
        for schema in schemas(root)
        for example in schema.get("examples", ())
        if list(faults(schema, example, SCHEMAS)) or not fits(schema, example)
    ]
    assert wrong == []
