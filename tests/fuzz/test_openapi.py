"""Schemathesis over the served OpenAPI document, against the embedded gateway with real tokens: all its checks.

Each operation is sent what the document permits, which has to be accepted, and what it forbids, which has to be
refused; every answer has to be one that the document has. Left out: /iam/v1, which is the same operations behind
another authorizer, and the wire API, whose contract is botocore's model (tests/matrix, tests/contract/wire).
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

os.environ.setdefault("PENSTOCK_CONTROL", "sqlite")
os.environ.setdefault("PENSTOCK_DATABASE", ":memory:")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app import app
from chalicelib import bootstrap
from chalicelib.edge.rest.openapi import document
from deploy.stage import HIGHEST_BURST, HIGHEST_RATE, UsagePlan
from local.cognito.tokens import Issuer
from local.gateway.authorize import Guard
from local.gateway.front import Gateway
from local.gateway.rules import UNHINDERED, rules_of
from local.gateway.server import HttpServer

POOL = Issuer("https://cognito.invalid/us-east-1_fuzz", bootstrap.settings().user_pool)
SCOPES = tuple(f"penstock/{scope}" for scope in ("read", "write", "operate"))
# A stale If-Match is right in itself: 412 is what the document says of it.
ACCEPTED = ["2xx", "401", "403", "404", "409", "412", "429", "5xx"]
CONFIG = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}})
SCHEMA = schemathesis.openapi.from_dict(document(), config=CONFIG)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = HttpServer(0)
    plan = UsagePlan(keys=("local",), rate=HIGHEST_RATE, burst=HIGHEST_BURST)
    rules = rules_of(app, replace(UNHINDERED, usage_plans={"ingest": plan}))
    server.serve(Gateway(app, Guard(pools={POOL.arn: POOL}.get), rules))
    yield server.url
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def token() -> str:
    return POOL.access_token("robot", SCOPES, timedelta(hours=1))


@pytest.mark.timeout(600)
@SCHEMA.include(path_regex="^/v1/").parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_an_operation_does_what_the_document_says(case: Any, url: str, token: str) -> None:
    if case.query and str(case.query.get("wait", "")).isdigit():
        case.query["wait"] = 0  # a long poll of 20 seconds is told by others
    headers = {"Authorization": f"Bearer {token}", "x-api-key": "penstock-local"}
    answer = case.call(base_url=url, headers=headers)
    # What a definition has to be beyond its form is told by its findings; no schema can say it.
    judged = answer.status_code == HTTPStatus.BAD_REQUEST and answer.json()["error"]["code"] == "InvalidDefinition"
    case.validate_response(answer, headers=headers, excluded_checks=[positive_data_acceptance] if judged else [])
