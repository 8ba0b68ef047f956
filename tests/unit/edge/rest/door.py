"""The REST API in process: requests as API Gateway makes them, on a store in memory, by whoever is named."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice, CognitoUserPoolAuthorizer, IAMAuthorizer

from chalicelib.edge import rest
from local.gateway.routes import match_route
from tests.unit.edge.rest.promised import check_answer
from tests.unit.service.world import World

ACCOUNT = "111122223333"
POOL = "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_test"


@dataclass(frozen=True)
class Got:
    """An answer; `body` decoded, headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def error(self) -> dict[str, Any]:
        """The answer's error without its request id."""
        return {name: value for name, value in self.body["error"].items() if name != "requestId"}


class Door:
    """Calls the API. `account` signs with AWS credentials unless a call says otherwise."""

    def __init__(self, world: World, account: str = ACCOUNT) -> None:
        self.world = world
        self.account = account
        self._app = Chalice("penstock-test", configure_logs=False)
        pool = CognitoUserPoolAuthorizer("people", [POOL])
        rest.register(self._app, lambda: self.world.ports, pool, IAMAuthorizer())

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Got:
        """One request below /iam/v1, or at `path` itself when that begins with /v1. Text is sent as it is.

        Every answer is held against the OpenAPI document.
        """
        full = path if path.startswith("/v1") else f"/iam/v1{path}"
        route = match_route(tuple(self._app.routes), full)
        assert route is not None, f"no route {full}"
        many: dict[str, list[str]] = {}
        for name, value in query:
            many.setdefault(name, []).append(value)
        sent = {} if body is None else {"content-type": "application/json"}
        found = self._app(
            {
                "headers": sent | dict(headers or {}),
                "requestContext": {"httpMethod": method, "resourcePath": route.resource, "requestId": "r-1"}
                | dict(context or {"identity": {"accountId": self.account, "userArn": "maria"}}),
                "multiValueQueryStringParameters": many or None,
                "pathParameters": dict(route.parameters) or None,
                "stageVariables": None,
                "body": body if isinstance(body, str) or body is None else json.dumps(body),
            },
            None,
        )
        headers = {name.lower(): value for name, value in found["headers"].items()}
        answer = json.loads(found["body"]) if found["body"] else None
        check_answer(route.resource, method, found["statusCode"], headers, answer)
        return Got(found["statusCode"], headers, answer)
