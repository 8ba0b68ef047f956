"""The methods of the API as a gateway sees them: the application's routes, joined with the table of operations.

Knows no setting. Routes that are no operation of the REST API have ids of their own here, so that a stage file can
name them too.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from chalice.app import Chalice, CognitoUserPoolAuthorizer, IAMAuthorizer, RouteEntry

SIGNED = "/iam"
"""What the paths begin with that take AWS credentials, beside the same path for tokens."""
OTHERS: Mapping[tuple[str, str], str] = {
    ("POST", "/"): "wire",
    ("POST", "/datapipeline"): "wire",
    ("POST", "/v1/ingest/{pipeline}"): "ingest",
    ("GET", "/v1/health"): "health",
    ("GET", "/v1/openapi.json"): "openapi",
}
"""Ids of routes that the table does not declare."""


class Auth(Enum):
    """Who may pass a method."""

    ANYONE = "anyone"
    SIGNED = "signed"
    TOKEN = "token"


class Parameter(Protocol):
    """A query parameter, as the table declares it."""

    @property
    def name(self) -> str: ...

    @property
    def required(self) -> bool: ...


class Operation(Protocol):
    """As much of an operation of the table as a gateway needs."""

    @property
    def id(self) -> str: ...

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def query(self) -> Sequence[Parameter]: ...

    @property
    def request(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Method:
    """One method of one resource.

    operation  its id; the same for the path that takes tokens and the one that takes AWS credentials
    query      every query parameter, with whether it is required; None where the application takes what comes
    body       JSON Schema of the body, without references; None where there is none or it is not described
    """

    operation: str
    verb: str
    path: str
    auth: Auth
    key_required: bool = False
    query: Mapping[str, bool] | None = None
    body: Mapping[str, Any] | None = None

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """Names in the path, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.verb} {self.path}"


def methods_of(
    app: Chalice, operations: Iterable[Operation], schemas: Mapping[str, Mapping[str, Any]]
) -> tuple[Method, ...]:
    """Every method that the application serves. `schemas` are what references in the operations' bodies name."""
    declared = {(operation.method, f"/v1{operation.path}"): operation for operation in operations}
    return tuple(_methods(app, declared, schemas))


def _methods(
    app: Chalice, declared: Mapping[tuple[str, str], Operation], schemas: Mapping[str, Mapping[str, Any]]
) -> Iterator[Method]:
    for path, entries in app.routes.items():
        for verb, entry in entries.items():
            operation = declared.get((verb, path.removeprefix(SIGNED)))
            if operation is None:
                name = OTHERS.get((verb, path), entry.view_name)
                yield Method(name, verb, path, _auth(entry), bool(entry.api_key_required))
            else:
                yield _declared(operation, path, entry, schemas)


def _declared(operation: Operation, path: str, entry: RouteEntry, schemas: Mapping[str, Mapping[str, Any]]) -> Method:
    return Method(
        operation.id,
        operation.method,
        path,
        _auth(entry),
        bool(entry.api_key_required),
        {parameter.name: parameter.required for parameter in operation.query},
        None if operation.request is None else _whole(operation.request, schemas, ()),
    )


def _auth(entry: RouteEntry) -> Auth:
    if isinstance(entry.authorizer, IAMAuthorizer):
        return Auth.SIGNED
    return Auth.TOKEN if isinstance(entry.authorizer, CognitoUserPoolAuthorizer) else Auth.ANYONE


def _whole(schema: Any, schemas: Mapping[str, Mapping[str, Any]], inside: tuple[str, ...]) -> Any:
    """The schema with every reference replaced; a shape inside itself becomes anything."""
    if isinstance(schema, list | tuple):
        return [_whole(each, schemas, inside) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" not in schema:
        return {key: _whole(each, schemas, inside) for key, each in schema.items()}
    name = str(schema["$ref"]).rpartition("/")[2]
    return {} if name in inside else _whole(schemas[name], schemas, (*inside, name))


def deployed() -> tuple[Method, ...]:
    """The methods of the application in this repository; its settings must be in the environment."""
    app = importlib.import_module("app").app
    table = importlib.import_module("chalicelib.edge.rest.table")
    return methods_of(app, table.OPERATIONS, table.SCHEMAS)
