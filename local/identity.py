"""Whose an access key is, and the secret that goes with it.

1. Keys that IAM or STS of the embedded AWS gave out (AKIA…, ASIA…) have their own secrets, and an ASIA… key its token.
   Their holders may do what their policies allow.
2. Every other key id is its own secret: `me` signs with `me`. It is a user of account 123456789012, as in the embedded
   AWS; a key of twelve digits is one of the account of that number, so that several accounts can be played. They may do
   everything in their account.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

DEFAULT_ACCOUNT = "123456789012"
_GIVEN_OUT = re.compile(r"A[KS]IA[A-Z2-7]{16}")


@dataclass(frozen=True, slots=True)
class Key:
    """An access key and its holder.

    token    the session token that has to come with it, if one has to
    expires  when a session ends, ISO 8601
    policies what its holder's IAM policies say; None for holders who may do everything in their account
    """

    access_key: str
    secret: str
    account: str
    arn: str
    token: str = ""
    expires: str = ""
    policies: tuple[Mapping[str, Any], ...] | None = None

    def told(self) -> dict[str, Any]:
        """Its fields."""
        return asdict(self)

    def identity(self) -> dict[str, str]:
        """The caller's part of `requestContext.identity`."""
        return {
            "accountId": self.account,
            "accessKey": self.access_key,
            "caller": self.access_key,
            "user": self.access_key,
            "userArn": self.arn,
        }


class Keys(Protocol):
    """All access keys there are."""

    def find(self, access_key: str) -> Key | None:
        """The key of this id; None when nobody has it."""


def played(access_key: str) -> Key:
    """The holder that rule 2 gives a key."""
    account = access_key if re.fullmatch(r"\d{12}", access_key) else DEFAULT_ACCOUNT
    return Key(access_key, access_key, account, f"arn:aws:iam::{account}:user/{access_key}")


@dataclass(frozen=True, slots=True)
class EmbeddedKeys:
    """Both rules. `given_out` asks the embedded AWS for a key of its own."""

    given_out: Callable[[str], Key | None] = lambda _: None

    def find(self, access_key: str) -> Key | None:
        """The key of this id; None for one that looks given out and was not."""
        return self.given_out(access_key) if _GIVEN_OUT.fullmatch(access_key) else played(access_key)
