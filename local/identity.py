"""Who calls: what API Gateway's IAM authorization tells the application, read from a Signature Version 4 request.

Imitated: the caller must have signed; the account comes from the access key. Not imitated: the signature itself is
not verified and no policy is evaluated. An access key id of twelve digits stands for the account of that number, so
that two accounts can be played; every other key belongs to account 123456789012, as in the embedded AWS.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

DEFAULT_ACCOUNT = "123456789012"
_HEADER = re.compile(r"^AWS4-HMAC-SHA256\s+.*?Credential=([^/,\s]+)/")


@dataclass(frozen=True, slots=True)
class Caller:
    """A signing caller."""

    access_key: str

    @property
    def account(self) -> str:
        """The account that the access key belongs to."""
        return self.access_key if re.fullmatch(r"\d{12}", self.access_key) else DEFAULT_ACCOUNT

    @property
    def arn(self) -> str:
        """The caller's principal."""
        return f"arn:aws:iam::{self.account}:user/{self.access_key}"

    def identity(self) -> dict[str, str]:
        """The caller's part of `requestContext.identity`."""
        return {
            "accountId": self.account,
            "accessKey": self.access_key,
            "caller": self.access_key,
            "user": self.access_key,
            "userArn": self.arn,
        }


def caller_of(headers: Mapping[str, str], query: Mapping[str, str]) -> Caller | None:
    """The caller named by the Authorization header (lower-case key) or a presigned query; None when nobody signed."""
    found = _HEADER.match(headers.get("authorization", ""))
    if found:
        return Caller(found.group(1))
    credential = unquote(query.get("X-Amz-Credential", ""))
    return Caller(credential.split("/")[0]) if "/" in credential else None
