"""The token endpoint and its neighbours, for programs and for people who are signed in."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from local.gateway.exchange import Incoming
from tests.contract.cognito.signer import Signer, claims, made, told


@pytest.fixture(scope="module")
def pool() -> Iterator[Signer]:
    with mock_aws():
        yield made()


@pytest.fixture
def signer(pool: Signer) -> Signer:
    return Signer(pool.cognito, pool.pool)


def test_a_machine_gets_the_scopes_of_its_client(signer: Signer) -> None:
    found = claims(told(signer.machine())["access_token"])
    assert found["scope"] == "penstock/read penstock/write penstock/operate"
    assert found["sub"] == found["client_id"] == signer.pool.machine
    assert "username" not in found


def test_a_machine_may_ask_for_less_and_not_for_more(signer: Signer) -> None:
    assert claims(told(signer.machine(scope="penstock/read"))["access_token"])["scope"] == "penstock/read"
    assert told(signer.machine(scope="penstock/read openid")) == {"error": "invalid_scope"}


def test_a_machine_may_send_its_secret_in_the_form(signer: Signer) -> None:
    form = {"client_id": signer.pool.machine, "client_secret": signer.pool.machine_secret}
    assert signer.post("/oauth2/token", {"grant_type": "client_credentials"} | form).status == 200


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_a_wrong_secret_is_refused(signer: Signer, secret: str) -> None:
    answer = signer.machine(secret)
    assert (answer.status, told(answer)) == (400, {"error": "invalid_client"})


@pytest.mark.parametrize("header", ["Basic ???", "Basic bm9ib2R5", "Bearer x"])
def test_a_header_that_names_no_client_is_refused(signer: Signer, header: str) -> None:
    answer = signer.post("/oauth2/token", {"grant_type": "client_credentials"}, authorization=header)
    assert told(answer) == {"error": "invalid_client"}


@pytest.mark.parametrize(
    ("grant", "error"),
    [
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "authorization_code"}, "invalid_grant"),
    ],
)
def test_a_public_client_gets_nothing_for_itself(signer: Signer, grant: dict[str, str], error: str) -> None:
    assert told(signer.post("/oauth2/token", {"client_id": signer.pool.console} | grant)) == {"error": error}


def test_a_token_is_asked_for_in_a_form(signer: Signer) -> None:
    answer = signer.door.answer(Incoming("POST", "/oauth2/token", (), {"content-type": "application/json"}, b"{}"))
    assert (answer.status, told(answer)) == (400, {"error": "invalid_request"})


def test_a_refreshed_token_knows_the_groups_of_today(signer: Signer) -> None:
    token = signer.tokens(username="reader")["refresh_token"]
    member = {"UserPoolId": signer.pool.id, "Username": "reader", "GroupName": "operators"}
    signer.cognito.admin_add_user_to_group(**member)
    found = told(signer.refresh(token))
    assert "operators" in claims(found["access_token"])["cognito:groups"]
    assert "refresh_token" not in found
    signer.cognito.admin_remove_user_from_group(**member)
    assert "operators" not in claims(told(signer.refresh(token))["access_token"])["cognito:groups"]


def test_a_refresh_token_is_its_clients_and_lasts_thirty_days(signer: Signer) -> None:
    token = signer.tokens()["refresh_token"]
    secret = {"client_id": signer.pool.machine, "client_secret": signer.pool.machine_secret}
    assert told(signer.refresh(token, **secret)) == {"error": "invalid_grant"}
    signer.later(days=29)
    assert signer.refresh(token).status == 200
    signer.later(days=1)
    assert told(signer.refresh(token)) == {"error": "invalid_grant"}


def test_a_revoked_refresh_token_is_over_and_its_access_token_tells_nothing_more(signer: Signer) -> None:
    given = signer.tokens()
    bearer = f"Bearer {given['access_token']}"
    assert told(signer.get("/oauth2/userInfo", authorization=bearer))["username"] == "writer"
    form = {"client_id": signer.pool.console}
    assert told(signer.post("/oauth2/revoke", form | {"token": given["access_token"]})) == {
        "error": "unsupported_token_type"
    }
    for _ in range(2):
        assert signer.post("/oauth2/revoke", form | {"token": given["refresh_token"]}).status == 200
    assert told(signer.refresh(given["refresh_token"])) == {"error": "invalid_grant"}
    assert signer.get("/oauth2/userInfo", authorization=bearer).status == 401


@pytest.mark.parametrize("scope", ["openid", "penstock/read"])
def test_only_a_token_for_openid_tells_who_somebody_is(signer: Signer, scope: str) -> None:
    bearer = f"Bearer {signer.tokens(scope=scope)['access_token']}"
    assert signer.get("/oauth2/userInfo", authorization=bearer).status == (200 if scope == "openid" else 401)


def test_the_configuration_names_every_address(signer: Signer) -> None:
    found = told(signer.get(f"/{signer.pool.id}/.well-known/openid-configuration"))
    assert found["issuer"] == f"http://sign-in.invalid/{signer.pool.id}"
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint"):
        address = found[name].removeprefix("http://sign-in.invalid")
        assert signer.get(address).status != 404 or signer.post(address, {}).status != 404


def test_a_page_of_another_origin_may_ask_for_tokens(signer: Signer) -> None:
    preflight = signer.door.answer(Incoming("OPTIONS", "/oauth2/token", (), {}, b""))
    assert dict(preflight.headers)["Access-Control-Allow-Origin"] == "*"
    assert dict(signer.machine().headers)["Access-Control-Allow-Origin"] == "*"
