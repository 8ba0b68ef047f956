"""People sign in to real users of the pool, and get tokens that the gateway believes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from moto import mock_aws

from local.cognito.pool import PASSWORD, USERS
from tests.contract.cognito.signer import BACK, CHALLENGE, Signer, claims, led, made, shown, told


@pytest.fixture(scope="module")
def pool() -> Iterator[Signer]:
    with mock_aws():
        yield made()


@pytest.fixture
def signer(pool: Signer) -> Signer:
    return Signer(pool.cognito, pool.pool)


@pytest.mark.parametrize("username", USERS)
def test_a_ready_made_user_signs_in_and_is_of_their_groups(signer: Signer, username: str) -> None:
    found = claims(signer.tokens(username=username)["access_token"])
    assert found["username"] == username
    assert sorted(found["cognito:groups"]) == sorted(USERS[username])


def test_the_tokens_are_as_cognitos(signer: Signer) -> None:
    given = signer.tokens(username="ann", nonce="n-1")
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    keys = told(signer.get(f"/{signer.pool.id}/.well-known/jwks.json"))
    assert [(key["alg"], key["use"], "d" in key) for key in keys["keys"]] == [("RS256", "sig", False)]
    opened = jwt.decode(given["access_token"], KeySet.import_key_set(keys), ["RS256"])
    assert opened.header["kid"] == keys["keys"][0]["kid"]
    access, identity = opened.claims, claims(given["id_token"])
    assert access["iss"] == identity["iss"] == f"http://sign-in.invalid/{signer.pool.id}"
    assert (access["token_use"], identity["token_use"]) == ("access", "id")
    assert (access["client_id"], identity["aud"]) == (signer.pool.console, signer.pool.console)
    assert access["scope"].split()[-3:] == ["penstock/read", "penstock/write", "penstock/operate"]
    assert access["exp"] - access["iat"] == 3600
    assert (identity["cognito:username"], identity["email"], identity["nonce"]) == ("ann", "ann@example.com", "n-1")
    assert access["sub"] == identity["sub"]
    assert access["origin_jti"] == identity["origin_jti"]
    assert "aud" not in access


def test_a_user_made_with_boto3_changes_their_temporary_password_and_signs_in(signer: Signer) -> None:
    at: dict[str, Any] = {"UserPoolId": signer.pool.id, "Username": "eve"}
    signer.cognito.admin_create_user(**at, TemporaryPassword="Temporary-1-x", MessageAction="SUPPRESS")
    page = signer.login("eve", "Temporary-1-x")
    assert "Choose a new password" in shown(page)
    session = re.findall(r'name="session" value="([^"]+)"', shown(page))[0]
    answers = {"username": "eve", "session": session}
    weak = signer.post(f"/login?{signer.asking()}", answers | {"new_password": "weak"})
    assert "needs 12 characters" in shown(weak)
    done = signer.post(f"/login?{signer.asking()}", answers | {"new_password": "Chosen-by-eve-1"})
    assert told(signer.exchange(led(done)["code"]))["access_token"]
    assert led(signer.login("eve", "Chosen-by-eve-1"))["code"]
    signer.cognito.admin_disable_user(**at)
    assert "Incorrect username or password." in shown(signer.login("eve", "Chosen-by-eve-1"))


@pytest.mark.parametrize(("username", "password"), [("writer", "wrong"), ("stranger", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(signer: Signer, username: str, password: str) -> None:
    page = signer.login(username, password)
    assert (page.status, "Incorrect username or password." in shown(page)) == (200, True)
    assert "Set-Cookie" not in dict(page.headers)


def test_what_was_typed_is_shown_again_as_text(signer: Signer) -> None:
    page = shown(signer.login('"><script>alert(1)</script>', "x"))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_page_is_labelled_and_locked_down(signer: Signer) -> None:
    answer = signer.get(f"/login?{signer.asking()}")
    page, headers = shown(answer), dict(answer.headers)
    assert '<html lang="en">' in page
    for name in ("username", "password"):
        assert f'<label for="{name}">' in page
    assert 'autocomplete="current-password"' in page
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_signed_in_browser_is_not_asked_again_until_it_signs_out(signer: Signer) -> None:
    cookie = dict(signer.login().headers)["Set-Cookie"].partition(";")[0]
    again = f"/oauth2/authorize?{signer.asking(state='s-2')}"
    answer = led(signer.get(again, cookie=cookie))
    assert answer["state"] == "s-2"
    assert told(signer.exchange(answer["code"]))["access_token"]
    gone = signer.get(f"/logout?client_id={signer.pool.console}&logout_uri={BACK}", cookie=cookie)
    assert dict(gone.headers)["Location"] == BACK
    assert "Max-Age=0" in dict(gone.headers)["Set-Cookie"]
    assert dict(signer.get(again, cookie=cookie).headers)["Location"].startswith("/login?")


def test_a_session_of_the_page_ends_after_an_hour(signer: Signer) -> None:
    cookie = dict(signer.login().headers)["Set-Cookie"].partition(";")[0]
    signer.later(hours=1)
    answer = signer.get(f"/oauth2/authorize?{signer.asking()}", cookie=cookie)
    assert dict(answer.headers)["Location"].startswith("/login?")


@pytest.mark.parametrize(
    "wrong", [{"client_id": "nobody"}, {"redirect_uri": "http://evil.invalid/"}, {"redirect_uri": f"{BACK}/x"}]
)
def test_an_unknown_client_or_address_leads_nowhere(signer: Signer, wrong: dict[str, str]) -> None:
    for answer in (signer.get(f"/oauth2/authorize?{signer.asking(**wrong)}"), signer.login(**wrong)):
        assert answer.status == 400
        assert "Location" not in dict(answer.headers)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "penstock/admin"}, "invalid_scope"),
    ],
)
def test_a_wrong_request_is_told_to_the_client(signer: Signer, wrong: dict[str, str], error: str) -> None:
    answer = led(signer.get(f"/oauth2/authorize?{signer.asking(**wrong)}"))
    assert (answer["error"], answer["state"]) == (error, "s-1")


def test_a_person_may_ask_for_less(signer: Signer) -> None:
    given = signer.tokens(scope="penstock/read")
    assert claims(given["access_token"])["scope"] == "penstock/read"
    assert "id_token" not in given


@pytest.mark.parametrize(
    "wrong",
    [{"code_verifier": "w" * 43}, {"code_verifier": CHALLENGE}, {"redirect_uri": f"{BACK}2"}, {"client_id": "x"}],
)
def test_a_code_is_for_whoever_asked_for_it(signer: Signer, wrong: dict[str, str]) -> None:
    answer = signer.exchange(signer.code(), **wrong)
    assert answer.status == 400
    assert told(answer)["error"] in ("invalid_grant", "invalid_client")


def test_a_code_is_good_once_and_for_five_minutes(signer: Signer) -> None:
    code = signer.code()
    assert signer.exchange(code).status == 200
    assert told(signer.exchange(code)) == {"error": "invalid_grant"}
    late = signer.code()
    signer.later(minutes=5)
    assert told(signer.exchange(late)) == {"error": "invalid_grant"}
