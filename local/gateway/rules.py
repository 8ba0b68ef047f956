"""What a stage says of the API's methods, with the counters and kept answers that go with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalice.app import Chalice

from deploy.gateway.mocks import BROWSERS, preflight_headers, refusal_body
from deploy.gateway.responses import ALLOW_ORIGIN, RESPONSES, headers
from deploy.methods import Method, methods_of
from deploy.stage import HIGHEST_BURST, HIGHEST_RATE, Stage, Throttle
from local.gateway.buckets import Rates, key_values
from local.gateway.exchange import Answer, Refusal
from local.gateway.kept import Answers
from local.gateway.validation import Models

UNHINDERED = Stage("local", throttle=Throttle(HIGHEST_RATE, HIGHEST_BURST))
"""A stage that nobody notices."""
JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class Rules:
    """One stage at work.

    now     the clock of rates, quotas and kept answers
    record  takes each line of the access log
    """

    stage: Stage
    methods: Mapping[tuple[str, str], Method]
    rates: Rates
    answers: Answers
    models: Models
    keys: Mapping[str, str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    record: Callable[[str], None] = field(default=lambda _line: None)

    def verbs(self, path: str) -> tuple[str, ...]:
        """The methods of a resource."""
        return tuple(verb for resource, verb in self.methods if resource == path)

    def refused(self, refusal: Refusal, request_id: str) -> Answer:
        """A refusal with the body that the stage gives its type."""
        response = RESPONSES.get(refusal.response) or RESPONSES[f"DEFAULT_{refusal.status // 100}XX"]
        sent = [JSON, ("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", refusal.error or response.wire)]
        sent += [(ALLOW_ORIGIN.rpartition(".")[2], value.strip("'")) for _, value in headers(self.stage.cors).items()]
        return Answer(response.status or refusal.status, tuple(sent), response.body(request_id, refusal.message))

    def preflight(self, path: str, origin: str) -> Answer | None:
        """The answer to a browser that asks what a page may do; None where no page may do anything."""
        cors = self.stage.cors
        if cors is None or not path.startswith(BROWSERS):
            return None
        fixed = preflight_headers(cors, self.verbs(path))
        if len(cors.origins) == 1:
            fixed |= {"Access-Control-Allow-Origin": cors.origins[0]}
        elif origin in cors.origins:
            fixed |= {"Access-Control-Allow-Origin": origin}
        return Answer(200, tuple(fixed.items()), b"")


def rules_of(
    app: Chalice,
    stage: Stage = UNHINDERED,
    methods: Sequence[Method] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    record: Callable[[str], None] = lambda _line: None,
) -> Rules:
    """The stage applied to an application; `methods` when more is known of them than their routes."""
    listed = tuple(methods_of(app, (), {}) if methods is None else methods)
    by_route = {(method.path, method.verb): method for method in listed}
    models = Models(stage, listed)
    return Rules(stage, by_route, Rates(stage), Answers(stage), models, key_values(stage), now, record)


def mock_refusal(status: int, code: str, message: str, request_id: str, **more: str) -> Answer:
    """The answer of a mock: a path or method that the API does not have."""
    return Answer(
        status, (JSON, *more.items()), refusal_body(code, message).replace("$context.requestId", request_id).encode()
    )
