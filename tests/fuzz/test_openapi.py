"""Schemathesis over the served OpenAPI document, against the embedded gateway with real credentials: all its checks.

Each operation is sent what the document permits, which has to be accepted, and what it forbids, which has to be
refused; every answer has to be one that the document has. Below /v1 with a token, below /iam/v1 signed. Left out: the
wire API, whose contract is botocore's model (test_wire.py).
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chalicelib.edge.rest.openapi import document
from local.cognito.tokens import Issuer
from tests.fuzz.effort import effort

SCOPES = tuple(f"penstock/{scope}" for scope in ("read", "write", "operate"))
# A stale If-Match is right in itself: 412 is what the document says of it.
ACCEPTED = ["2xx", "401", "403", "404", "409", "412", "429", "5xx"]
CONFIG = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}})
SCHEMA = schemathesis.openapi.from_dict(document(), config=CONFIG)


class Signature(AuthBase):
    """Signs a request as it will be sent."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        made = AWSRequest(request.method, request.url, {}, request.body)
        SigV4Auth(Credentials("me", "me"), "execute-api", "us-east-1").add_auth(made)
        request.headers.update(made.headers)
        return request


@pytest.fixture(scope="module")
def token(pool: Issuer) -> str:
    return pool.access_token("robot", SCOPES, timedelta(hours=1))


@pytest.mark.timeout(600)
@SCHEMA.include(path_regex="^/v1/").parametrize()
@effort(8)
def test_an_operation_does_what_the_document_says(case: Any, url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "x-api-key": "penstock-local"}
    answer = unhurried(case).call(base_url=url, headers=headers)
    case.validate_response(answer, headers=headers, excluded_checks=unsaid_by_schemas(answer))


@pytest.mark.timeout(600)
@SCHEMA.include(path_regex="^/iam/v1/").parametrize()
@effort(2, cases=False)
def test_a_signed_operation_does_what_the_document_says(case: Any, url: str) -> None:
    # To the document the signature is a header like others, which some cases leave out to see whether it is missed.
    if getattr(case.meta.phase.data, "parameter", None) == "Authorization":
        assert case.call(base_url=url).status_code == HTTPStatus.FORBIDDEN
        return
    answer = unhurried(case).call(base_url=url, auth=Signature())
    headers = {"Authorization": answer.request.headers["Authorization"]}
    case.validate_response(answer, headers=headers, excluded_checks=unsaid_by_schemas(answer))


def unhurried(case: Any) -> Any:
    """The case without its long poll: that of 20 seconds is told by others."""
    if case.query and str(case.query.get("wait", "")).isdigit():
        case.query["wait"] = 0
    return case


def unsaid_by_schemas(answer: Any) -> list[Any]:
    """What a definition has to be beyond its form is told by its findings; no schema can say it."""
    judged = answer.status_code == HTTPStatus.BAD_REQUEST and answer.json()["error"]["code"] == "InvalidDefinition"
    return [positive_data_acceptance] if judged else []
