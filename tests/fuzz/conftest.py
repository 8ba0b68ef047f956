"""The embedded gateway on a socket, with a user pool that signs tokens and no limits."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

os.environ.setdefault("PENSTOCK_CONTROL", "sqlite")
os.environ.setdefault("PENSTOCK_DATABASE", ":memory:")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from app import app
from chalicelib import bootstrap
from deploy.stage import HIGHEST_BURST, HIGHEST_RATE, UsagePlan
from local.cognito.tokens import Issuer
from local.gateway.authorize import Guard
from local.gateway.front import Gateway
from local.gateway.rules import UNHINDERED, rules_of
from local.gateway.server import HttpServer


@pytest.fixture(scope="session")
def pool() -> Issuer:
    return Issuer("https://cognito.invalid/us-east-1_fuzz", bootstrap.settings().user_pool)


@pytest.fixture(scope="session")
def url(pool: Issuer) -> Iterator[str]:
    server = HttpServer(0)
    plan = UsagePlan(keys=("local",), rate=HIGHEST_RATE, burst=HIGHEST_BURST)
    rules = rules_of(app, replace(UNHINDERED, usage_plans={"ingest": plan}))
    server.serve(Gateway(app, Guard(pools={pool.arn: pool}.get), rules))
    yield server.url
    server.shutdown()
    server.server_close()
