"""What a million calls of each route cost: the requests and units counted on the deployed adapters, at list prices."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bench.api_calls import CALLS, Call, preparation
from bench.api_house import Sent, signed
from bench.counting import counting
from bench.deployed import STAGE, Deployed, deployed
from bench.units import Units, units_of
from bench.writes import (
    API_REQUEST,
    GB_SECOND,
    LAMBDA_REQUEST,
    MEMORY_GB,
    READ_UNIT,
    ROUND_TRIP_SECONDS,
    SQS_REQUEST,
    WRITE_UNIT,
)
from chalicelib import bootstrap
from local.gateway.exchange import Incoming
from local.gateway.front import Gateway

URL = "http://penstock.invalid"
TABLES = tuple(f"penstock-{STAGE}-{part}" for part in ("pipelines", "states", "history", "work", "events"))
FUNCTION = "api_handler"
TIMES = 5
"""How often each route is called; what is counted does not vary."""


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million calls in USD, and what one call asked for."""

    dollars: float
    requests: float
    read_units: float
    write_units: float


def prices() -> Iterator[tuple[str, Price]]:
    """Every route's, in order. Once a process: the application keeps its clients."""
    with deployed() as account:
        from app import app  # noqa: PLC0415  the application reads its settings as it is imported

        desk = _Desk(account, Gateway(app))
        made = [desk.call(Sent.of(call.method, call.path, call.body))["pipelineId"] for call in preparation()]
        desk.call(Sent.of("POST", f"/pipelines/{made[0]}/activate", {}))
        account.settle(10)
        with units_of(bootstrap.client("dynamodb"), list(TABLES)) as units:
            for call in CALLS:
                yield call.route, desk.price(call, made, units)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Calls the deployed application through the gateway."""

    account: Deployed
    gateway: Gateway

    def call(self, sent: Sent) -> Any:
        address = urlsplit(sent.path)
        headers = signed(sent.method, URL + sent.path, sent.body)
        incoming = Incoming(sent.method, address.path, tuple(parse_qsl(address.query)), headers, sent.body)
        with self.account.timed(FUNCTION):
            answer = self.gateway.answer(incoming)
        if answer.status >= 300:
            raise RuntimeError(f"{sent.method} {sent.path}: {answer.status} {answer.body[:500]!r}")
        return json.loads(answer.body or b"{}")

    def price(self, call: Call, made: Sequence[str], units: Units) -> Price:
        """Call a route several times, and share out what that asked for."""
        self.account.clear()
        units.clear()
        clients = [bootstrap.client(service) for service in ("dynamodb", "sqs")]
        with counting(*clients) as counted:
            for number in range(TIMES):
                path = call.path.format(p=made[number + 1], run=made[0])
                self.call(Sent.of(call.method, path, call.body))
            asked = sum(counted.requests.values()) / TIMES
            sqs = sum(counted.of("sqs").values()) / TIMES
        reads = sum(units.reads.values()) / 2 / TIMES
        writes = (sum(units.writes.values()) + sum(units.index_writes.values())) / TIMES
        gb_seconds = MEMORY_GB[FUNCTION] * self._seconds() / TIMES
        dollars = API_REQUEST + LAMBDA_REQUEST + gb_seconds * GB_SECOND + sqs * SQS_REQUEST
        return Price((dollars + reads * READ_UNIT + writes * WRITE_UNIT) * 1e6, asked, reads, writes)

    def _seconds(self) -> float:
        """Of the function: its own processor time, and what its requests to AWS would have taken."""
        waited = sum(
            ROUND_TRIP_SECONDS.get(service, 0.01) * number
            for (function, service), number in self.account.requests.items()
            if function == FUNCTION
        )
        return self.account.handler_seconds[FUNCTION] + waited
