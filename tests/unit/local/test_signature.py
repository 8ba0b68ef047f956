"""The gateway believes a signature that is right, and says what is wrong with one that is not."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from local.gateway.exchange import Incoming
from local.gateway.signature import BadSignature, verified
from local.identity import EmbeddedKeys, Key, played
from tests.signing import presigned, signed

GIVEN_OUT = Key("AKIAQWERTYUIOPASDFGH", "s3cret/", "123456789012", "arn:aws:iam::123456789012:user/ann")
SESSION = replace(GIVEN_OUT, access_key="ASIAQWERTYUIOPASDFGH", token="long", expires="2999-01-01T00:00:00")
OVER = replace(SESSION, access_key="ASIAAAAAAAAAAAAAAAAA", expires="2020-01-01T00:00:00")
KEYS = EmbeddedKeys({key.access_key: key for key in (GIVEN_OUT, SESSION, OVER)}.get)


def holder(request: Incoming) -> Key | None:
    return verified(request, KEYS, datetime.now(UTC))


def refused(request: Incoming) -> BadSignature:
    with pytest.raises(BadSignature) as caught:
        holder(request)
    return caught.value


@pytest.mark.parametrize("service", ["execute-api", "datapipeline"])
def test_a_key_that_is_its_own_secret_signs(service: str) -> None:
    request = signed("POST", "/datapipeline", b'{"a": 1}', {"Content-Type": "x"}, key="me", service=service)
    assert holder(request) == played("me")


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/v1/pipelines/df-1/runs?from=2026-01-01T00%3A00%3A00Z&tag=a%3Db&tag=a&empty=",
        "/v1/a%20b/%C3%A4?q=%C3%A4%20%2B",
    ],
)
def test_path_and_query_are_signed_as_they_are_sent(target: str) -> None:
    assert holder(signed("GET", target)) == played("123456789012")
    assert holder(presigned(target)) == played("me")


def test_a_query_may_be_encoded_otherwise_than_it_is_signed() -> None:
    request = signed("GET", "/v1/pipelines?tag=a%3Db")
    assert holder(replace(request, target="/v1/pipelines?tag=a=b")) == played("123456789012")


def test_a_key_that_was_given_out_signs_with_its_own_secret() -> None:
    assert holder(signed("GET", "/", key=GIVEN_OUT.access_key, secret=GIVEN_OUT.secret)) == GIVEN_OUT
    assert refused(signed("GET", "/", key=GIVEN_OUT.access_key)).error == "InvalidSignatureException"


def test_a_session_signs_with_its_token() -> None:
    assert holder(signed("GET", "/", key=SESSION.access_key, secret=SESSION.secret, token="long")) == SESSION


@pytest.mark.parametrize("token", [None, "other"])
def test_a_session_without_its_token_is_refused(token: str | None) -> None:
    request = signed("GET", "/", key=SESSION.access_key, secret=SESSION.secret, token=token)
    assert refused(request).error == "UnrecognizedClientException"


def test_a_session_that_is_over_is_refused() -> None:
    error = refused(signed("GET", "/", key=OVER.access_key, secret=OVER.secret, token=OVER.token))
    assert (error.error, error.refusal().response) == ("ExpiredTokenException", "EXPIRED_TOKEN")


@pytest.mark.parametrize("key", ["AKIAUNKNOWNUNKNOWNUN", "ASIAUNKNOWNUNKNOWNUN"])
def test_a_key_that_looks_given_out_and_was_not_is_nobodys(key: str) -> None:
    assert refused(signed("GET", "/", key=key)).message == "The security token included in the request is invalid."


def test_nobody_signed() -> None:
    assert holder(Incoming("GET", "/", (), {"host": "here"}, b"")) is None


def good() -> Incoming:
    """A request as it was signed: by the test that asks, since a signature is good for minutes."""
    return signed("POST", "/v1/pipelines?q=1", b"{}", {"Content-Type": "application/json"})


def changed(**other: Any) -> Callable[[], Incoming]:
    return lambda: replace(good(), **other)


def with_header(name: str, value: Callable[[str], str]) -> Callable[[], Incoming]:
    def request() -> Incoming:
        right = good()
        return replace(right, headers={**right.headers, name: value(right.headers[name])})

    return request


def moved() -> Incoming:
    other = presigned("/b", seconds=3600).target.replace("/b?", "/a?")
    return replace(presigned("/a", seconds=3600), target=other)


@pytest.mark.parametrize(
    "bad",
    [
        changed(body=b"{ }"),
        changed(method="PUT"),
        changed(target="/v1/pipelines?q=2"),
        changed(target="/v1/pipelines"),
        changed(target="/iam/v1/pipelines?q=1"),
        with_header("host", lambda _: "elsewhere"),
        with_header("content-type", lambda _: "text/plain"),
        with_header("authorization", lambda right: right[:-1]),
        lambda: signed("GET", "/", key="me", secret="not me"),
        lambda: presigned("/", secret="not me", seconds=3600),
        moved,
    ],
    ids=["body", "method", "query", "no query", "path", "host", "header", "signature", "secret", "presigned", "moved"],
)
def test_whatever_differs_from_what_was_signed_is_refused(bad: Callable[[], Incoming]) -> None:
    error = refused(bad())
    assert error.error == "InvalidSignatureException"
    assert error.message.startswith("The request signature we calculated does not match the signature you provided.")


def test_a_body_hash_that_is_not_the_bodys_is_refused() -> None:
    request = signed("POST", "/", b"{}", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    assert "x-amz-content-sha256" in refused(request).message


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_by_five_minutes(minutes: int) -> None:
    assert holder(signed("GET", "/", at=timedelta(minutes=minutes)))


@pytest.mark.parametrize(("minutes", "said"), [(-6, "Signature expired"), (6, "Signature not yet current")])
def test_clocks_may_not_differ_by_more(minutes: int, said: str) -> None:
    assert refused(signed("GET", "/", at=timedelta(minutes=minutes))).message.startswith(said)


def test_a_presigned_request_ends_when_it_says() -> None:
    assert refused(presigned("/", at=timedelta(minutes=-2))).message.startswith("Signature expired")


def test_another_services_signature_is_refused() -> None:
    error = refused(signed("GET", "/", service="s3"))
    assert error.message == "Credential should be scoped to correct service: 'execute-api'."


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Bearer abc", "Unsupported AWS 'algorithm': 'Bearer'."),
        ("AWS4-HMAC-SHA256", "Authorization header requires 'Credential' parameter."),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host", "Authorization header requires 'Signature' parameter."),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0", "Credential must be <access key id>/"),
    ],
)
def test_a_header_that_lacks_something_is_told_what(header: str, said: str) -> None:
    error = refused(with_header("authorization", lambda _: header)())
    assert error.error == "IncompleteSignatureException"
    assert said in error.message


def test_a_signature_without_a_time_is_refused() -> None:
    right = good()
    headers = {name: value for name, value in right.headers.items() if name != "x-amz-date"}
    assert "'X-Amz-Date' or a 'Date'" in refused(replace(right, headers=headers)).message


def test_a_signature_has_to_cover_the_host() -> None:
    unbound = with_header("authorization", lambda right: right.replace("host;", ""))
    assert "'Host'" in refused(unbound()).message


@pytest.mark.parametrize("change", ["X-Amz-Expires=999999", "X-Amz-Expires=x", "X-Amz-Algorithm=AWS4", "X-Amz-Date="])
def test_a_presigned_query_that_lacks_something_is_refused(change: str) -> None:
    assert refused(replace(presigned("/"), target=f"{presigned('/').target}&{change}")).error == (
        "IncompleteSignatureException"
    )


def by_hand(path: str, canonical: str) -> Incoming:
    """A GET of `path` signed over `canonical`, computed from the documentation alone."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    scope = f"{stamp[:8]}/us-east-1/execute-api/aws4_request"
    empty = hashlib.sha256(b"").hexdigest()
    asked = f"GET\n{canonical}\n\nhost:penstock.invalid\nx-amz-date:{stamp}\n\nhost;x-amz-date\n{empty}"
    digest = hashlib.sha256(asked.encode()).hexdigest()
    key = b"AWS4me"
    for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    given = f"AWS4-HMAC-SHA256 Credential=me/{scope}, SignedHeaders=host;x-amz-date, Signature={key.hex()}"
    headers = {"host": "penstock.invalid", "x-amz-date": stamp, "authorization": given}
    return Incoming("GET", unquote(path), (), headers, b"", path)


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/v1/instances/@Copy_2026-11-21T02:33:36", "/v1/instances/%40Copy_2026-11-21T02%3A33%3A36"),
        ("/v1/instances/%40Copy_2026-11-21T02%3A33%3A36", "/v1/instances/%2540Copy_2026-11-21T02%253A33%253A36"),
    ],
)
def test_a_path_is_signed_with_what_was_sent_encoded_once_more(path: str, canonical: str) -> None:
    assert holder(by_hand(path, canonical)) == played("me")
    assert refused(by_hand(path, path)).error == "InvalidSignatureException"
