"""A stage that is confined to addresses or endpoints leaves to IAM what callers who sign may do."""

from fnmatch import fnmatchcase

import pytest

from deploy.gateway.policy import UNSIGNED
from deploy.methods import Auth, Method, deployed


@pytest.mark.parametrize("method", deployed(), ids=lambda method: f"{method.verb} {method.path}")
def test_the_policy_allows_what_is_not_signed_and_nothing_else(method: Method) -> None:
    asked = f"execute-api:/api/{method.verb}{method.path}"
    assert any(fnmatchcase(asked, pattern) for pattern in UNSIGNED) is (method.auth is not Auth.SIGNED)
