"""The gateway reads the claims of a good token and refuses every other."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from local.cognito.tokens import Issuer, Person, Session
from local.gateway.tokens import BadToken, claims_of

ARN = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_a"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
POOL = Issuer("https://pool.invalid/us-east-1_a", ARN, lambda: NOW)
ANN = Person("6a-b7", "ann", "ann@example.com", ("red", "writers"))
SESSION = Session("origin", NOW - HOUR, "n-1")


def claims(token: str, scopes: Sequence[str] = ("penstock/read",), now: datetime = NOW) -> dict[str, str]:
    return claims_of(f"Bearer {token}", [ARN], scopes, {ARN: POOL}.get, now)


def test_a_persons_claims_are_told_as_text() -> None:
    found = claims(POOL.access_token("console", ["openid", "penstock/read"], HOUR, ANN, SESSION))
    jti = found.pop("jti")
    assert len(jti) == 36
    assert found == {
        "iss": POOL.url,
        "sub": "6a-b7",
        "token_use": "access",
        "scope": "openid penstock/read",
        "version": "2",
        "client_id": "console",
        "username": "ann",
        "cognito:groups": "red,writers",
        "origin_jti": "origin",
        "auth_time": str(int((NOW - HOUR).timestamp())),
        "iat": "Thu Jan 01 00:00:00 UTC 2026",
        "exp": "Thu Jan 01 01:00:00 UTC 2026",
    }


def test_a_machine_is_its_own_subject() -> None:
    found = claims(POOL.access_token("robot", ["penstock/read"], HOUR))
    assert (found["sub"], found["client_id"], "username" in found) == ("robot", "robot", False)


def test_the_word_bearer_may_be_left_out() -> None:
    token = POOL.access_token("robot", ["penstock/read"], HOUR)
    assert claims_of(token, [ARN], ["penstock/read"], {ARN: POOL}.get, NOW)["sub"] == "robot"


def test_any_of_the_scopes_is_enough() -> None:
    token = POOL.access_token("robot", ["penstock/write"], HOUR)
    assert claims(token, ["penstock/read", "penstock/write"])
    with pytest.raises(BadToken):
        claims(token, ["penstock/read"])


def test_a_route_without_scopes_takes_id_tokens_and_no_others() -> None:
    found = claims(POOL.id_token("console", ANN, SESSION, HOUR), ())
    assert (found["aud"], found["nonce"], found["email_verified"]) == ("console", "n-1", "true")
    with pytest.raises(BadToken):
        claims(POOL.access_token("robot", ["penstock/read"], HOUR), ())


def test_an_expired_token_is_told_so() -> None:
    token = POOL.access_token("robot", ["penstock/read"], HOUR)
    assert claims(token, now=NOW + HOUR - timedelta(seconds=1))
    with pytest.raises(BadToken, match="The incoming token has expired"):
        claims(token, now=NOW + HOUR)


@pytest.mark.parametrize("wrong", [{"iss": "https://elsewhere"}, {"exp": "never"}, {"exp": None}])
def test_a_signature_is_not_enough(wrong: dict[str, object]) -> None:
    good = {"token_use": "access", "scope": "penstock/read"}
    assert claims(POOL.signed(good, HOUR))
    with pytest.raises(BadToken):
        claims(POOL.signed(good | wrong, HOUR))


@pytest.mark.parametrize("token", ["", "a.b.c", "é.é.é", "e30.e30.", "." * 50, "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        claims(token)
