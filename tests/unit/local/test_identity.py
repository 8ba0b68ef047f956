"""A signed request names its caller; the access key decides the account."""

from local.identity import caller_of


def header(key: str) -> dict[str, str]:
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/datapipeline/aws4_request, "
        "SignedHeaders=host, Signature=00"
    }


def test_any_key_is_the_default_account() -> None:
    caller = caller_of(header("me"), {})
    assert caller is not None
    assert caller.identity()["accountId"] == "123456789012"
    assert caller.identity()["userArn"] == "arn:aws:iam::123456789012:user/me"


def test_a_key_of_twelve_digits_is_that_account() -> None:
    caller = caller_of(header("999900001111"), {})
    assert caller is not None
    assert caller.account == "999900001111"


def test_a_presigned_query_names_its_caller() -> None:
    caller = caller_of({}, {"X-Amz-Credential": "me%2F20260101%2Fus-east-1%2Fdatapipeline%2Faws4_request"})
    assert caller is not None
    assert caller.access_key == "me"


def test_an_unsigned_request_has_no_caller() -> None:
    assert caller_of({"authorization": "Bearer abc"}, {}) is None
