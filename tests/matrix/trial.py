"""Tries each route as each caller on each owner's pipeline, through the gateway, and says what came of it."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

os.environ.setdefault("PENSTOCK_CONTROL", "sqlite")
os.environ.setdefault("PENSTOCK_DATABASE", ":memory:")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from app import app
from chalicelib import bootstrap
from chalicelib.domain.trigger.arrival import http_source
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.edge.rest.contract import Operation
from chalicelib.edge.rest.table import OPERATIONS
from chalicelib.service.access import GROUP_TAG, Caller
from chalicelib.service.pipelines import CreatePipeline, create_pipeline
from deploy.stage import HIGHEST_BURST, HIGHEST_RATE, UsagePlan
from local.gateway.authorize import Guard
from local.gateway.exchange import Answer
from local.gateway.front import Gateway
from local.gateway.rules import UNHINDERED, rules_of
from tests.matrix.callers import KEYS, OWNERS, pools
from tests.matrix.rules import ALLOWED, Identity, Owner

STAGE = replace(UNHINDERED, usage_plans={"ingest": UsagePlan(keys=("local",), rate=HIGHEST_RATE, burst=HIGHEST_BURST)})
GATEWAY = Gateway(app, Guard(KEYS, pools), rules_of(app, STAGE))
NUMBERS = count()
PLACES = {
    "runId": "2026-01-01T00:00:00",
    "instanceId": "@A_2026-01-01T00:00:00",
    "number": "1",
    "componentId": "A",
    "version": "1",
    "other": "2",
}
PIPELINE = ("{pipelineId}", "{pipeline}")
NOT_FOUND = ("PipelineNotFound", "PipelineNotFoundException", "NotListening")


@dataclass(frozen=True)
class Route:
    """One method of one path, with a body that its shape lets pass."""

    method: str
    path: str
    body: Any = None
    query: str = ""
    copies: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}{' of a copy' if self.copies else ''}"

    @property
    def owned(self) -> bool:
        """Whether it is about one pipeline."""
        return self.copies or any(place in self.path for place in PIPELINE) or self.path in ("/datapipeline", "/")


def routes() -> Iterator[Route]:
    """All that the application serves."""
    known = {(item.method, f"{prefix}{item.path}"): item for item in OPERATIONS for prefix in ("/v1", "/iam/v1")}
    for path, methods in app.routes.items():
        for method in methods:
            operation = known.get((method, path))
            yield Route(method, path, operation.sends if operation else None, _query(operation))
    for prefix in ("/v1", "/iam/v1"):
        yield Route("POST", f"{prefix}/pipelines", copies=True)  # the one body that names another pipeline


def _query(operation: Operation | None) -> str:
    """What has to be asked for, and not to wait for news."""
    known = operation.query if operation else ()
    wanted = {query.name: _example(query.schema) for query in known if query.required}
    waits = operation is not None and any(query.name == "wait" for query in operation.query)
    asked = wanted | ({"wait": "0"} if waits else {})
    return f"?{urlencode(asked)}" if asked else ""


def _example(schema: Mapping[str, Any]) -> str:
    return str((schema.get("enum") or schema["examples"])[0])


def tried(route: Route, caller: Identity, owner: Owner | None) -> str:
    """`ok`, or the status of the refusal that was about the caller, on a pipeline made for this.

    A refusal that changed something all the same says so.
    """
    pipeline = made(owner) if owner else "df-NONE"
    body = _body(route, pipeline, owner)
    sent = caller.send(route.method, _target(route, pipeline), b"" if body is None else json.dumps(body).encode())
    found = verdict(GATEWAY.answer(sent))
    return found if found == ALLOWED or not _changed(pipeline) else f"{found}, and changed it"


def made(owner: Owner) -> str:
    """A new pipeline of the owner."""
    number = f"matrix {next(NUMBERS)}"
    tags = ((GROUP_TAG, owner.group),) if owner.group else ()
    ports = bootstrap.ports()
    name = create_pipeline(CreatePipeline(number, number, tags=tags), Caller(owner.account, "maker"), ports)
    ports.store.arm(name, [Subscription(name, "Called", http_source(name))])
    return name


def _changed(pipeline: str) -> bool:
    record = bootstrap.ports().store.pipelines([PipelineId(pipeline)]).get(PipelineId(pipeline))
    return record is not None and record.revision > 0


def verdict(answer: Answer) -> str:
    """A refusal for what was sent, not for who sent it, is none here; nor is that a part of the pipeline is missing."""
    if answer.status in (401, 403, 429):
        return str(answer.status)
    if answer.status >= 500:
        return f"{answer.status}!"
    return "404" if _code(answer) in NOT_FOUND else ALLOWED


def _code(answer: Answer) -> str:
    if answer.status < 400:
        return ""
    body: Mapping[str, Any] = json.loads(answer.body or b"{}")
    error = body.get("error")
    return str(error["code"] if isinstance(error, dict) else body.get("__type", ""))


def _target(route: Route, pipeline: str) -> str:
    target = route.path
    for place in PIPELINE:
        target = target.replace(place, pipeline)
    for name, value in PLACES.items():
        target = target.replace(f"{{{name}}}", quote(value))
    return re.sub(r"\{\w+\}", "none", target) + route.query


def _body(route: Route, pipeline: str, owner: Owner | None) -> Any:
    if route.path in ("/datapipeline", "/"):
        return {"pipelineId": pipeline}
    if route.path.startswith("/v1/ingest/"):
        return {}
    if route.method == "POST" and route.path in ("/v1/pipelines", "/iam/v1/pipelines"):
        return {"name": "matrix", "uniqueId": f"{next(NUMBERS)}"} | ({"cloneOf": pipeline} if route.copies else {})
    if route.path.endswith("/tags"):  # all tags anew: without the group's, its members would give it away
        return {GROUP_TAG: owner.group} if owner and owner.group else {}
    return route.body


def cells(route: Route) -> tuple[Owner | None, ...]:
    """The owners that make a difference to the route."""
    return OWNERS if route.owned else (None,)
