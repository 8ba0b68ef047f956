"""What an operation of the REST API is: its route, its scope, its shapes, and the function behind it.

From the table of operations (table.py) come the routes, the checking of requests, the OpenAPI document, the gateway's
settings by operation and the tests that walk all of them. Nothing about an operation is declared anywhere else.

To add an operation to a noun, say `things`:

1. Describe its shapes in `schemas/things.py` as JSON Schema (2020-12; the keywords that check.py knows) and add them
   to that module's `SCHEMAS`: the document shows them under these names, and `ref("Thing")` refers to one.
2. Write `run(call, ports) -> Reply` in `things.py`. `call.path`, `call.query` and `call.body` have been checked and
   decoded as declared; `call.caller` goes to the use case in `service/`. Domain and port errors rise as they are
   (errors.py makes answers of them); anything else that the caller has to change is `raise Refused(...)`.
3. Add an `Operation` to `things.py`'s `OPERATIONS`; for a new noun, add its module to table.py.

A listing takes `PAGING` among its queries and answers `listing(call, items, marker)`; see paging.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.edge.identity import Scope
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller

Schema = Mapping[str, Any]
"""A JSON Schema; `{"$ref": "#/components/schemas/X"}` names one of table.SCHEMAS."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query parameter. `many` permits it several times; it then decodes to a tuple.

    schema  of one value; type integer and boolean are decoded, text stays text; its `default` is what absence means
    """

    name: str
    schema: Schema
    summary: str
    required: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request, decoded: what `run` gets.

    headers  names in lower case
    listing  names this listing: the operation, the caller's account, path and filters; cursors belong to it
    base     where the API stands on its host: `/api` for a stage of that name, nothing below a domain of its own
    prefix   `/v1` or `/iam/v1`, whichever the caller came by
    key      the same at every repetition of the call under one Idempotency-Key; empty without
    """

    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    headers: Mapping[str, str]
    caller: Caller
    request_id: str
    listing: str = ""
    base: str = ""
    key: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What `run` answers. `status` None is the operation's own; body None sends none."""

    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One route of the API.

    id          unique, camelCase: `listPipelines`
    path        below the prefix, with `{pipelineId}` and the like; served at /v1 (tokens) and /iam/v1 (AWS credentials)
    noun        the group it is shown in
    scope       what a token must permit; None is public. Callers with AWS credentials are judged by IAM policies
    summary     one line; `description` says what the shapes cannot: effects, order, repeats
    request     shape of the body; None refuses one
    bodiless    whether no body at all is taken for an empty object
    reply       shape of the answer's body; None when there is none
    if_match    takes If-Match: a stale one is answered 412
    if_none_match  takes If-None-Match: what the caller has already is answered 304
    idempotent  takes Idempotency-Key: see idempotency.py
    headers     of the answer, beside the usual ones: ETag, Location
    refusals    statuses of errors beside those that every operation of its kind has
    sends       an example of the body; `answers`: of the reply. A test holds them to the shapes
    """

    id: str
    method: str
    path: str
    noun: str
    scope: Scope | None
    summary: str
    run: Callable[[Call, Ports], Reply]
    reply: Schema | None = None
    status: int = 200
    request: Schema | None = None
    bodiless: bool = False
    query: tuple[Query, ...] = ()
    description: str = ""
    if_match: bool = False
    if_none_match: bool = False
    idempotent: bool = False
    headers: tuple[str, ...] = ()
    refusals: tuple[int, ...] = ()
    sends: Any = None
    answers: Any = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names in the path, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def ref(name: str) -> Schema:
    """The shape of that name in table.SCHEMAS."""
    return {"$ref": f"#/components/schemas/{name}"}


class Refused(Exception):
    """What the caller has to change. `field` is where, as in `objects[3].id`; `expected` what would have been right."""

    def __init__(self, status: int, code: str, message: str, *, field: str = "", expected: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field
        self.expected = expected


def invalid(field: str, message: str, expected: str) -> Refused:
    """A 400 about one member, parameter or header."""
    return Refused(400, "InvalidRequest", f"{field}: {message}; expected {expected}", field=field, expected=expected)
