"""Who is in the user pool: clients, people and their passwords, asked of moto's Cognito each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from local.cognito.tokens import Person

_UNITS = {"seconds": "seconds", "minutes": "minutes", "hours": "hours", "days": "days"}


@dataclass(frozen=True, slots=True)
class Client:
    """An app client. `secret` is empty for a public one."""

    id: str
    secret: str
    scopes: tuple[str, ...]
    flows: tuple[str, ...]
    back_to: tuple[str, ...]
    leave_to: tuple[str, ...]
    access_lasts: timedelta
    id_lasts: timedelta
    refresh_lasts: timedelta


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The password was a temporary one; `session` goes with the new one."""

    session: str


@dataclass(unsafe_hash=True)
class WrongPassword(Exception):
    """Nobody of this name has this password, or the new password will not do."""

    reason: str = "Incorrect username or password."


class Directory:
    """One user pool. `cognito` is a boto3 client."""

    def __init__(self, cognito: Any, pool: str) -> None:
        self._cognito = cognito
        self.pool = pool

    def client(self, client_id: str) -> Client | None:
        """The client of this id, or None."""
        try:
            found = self._cognito.describe_user_pool_client(UserPoolId=self.pool, ClientId=client_id or "-")
        except ClientError:
            return None
        return _client(found["UserPoolClient"])

    def check(self, client: Client, username: str, password: str) -> NewPassword | None:
        """Check a password; None when it is right and permanent. Raises WrongPassword."""
        found = self._answer(
            "admin_initiate_auth",
            ClientId=client.id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        challenge = found.get("ChallengeName")
        if challenge is None:
            return None
        if challenge != "NEW_PASSWORD_REQUIRED":
            raise WrongPassword(f"This page does not know the challenge {challenge}.")
        return NewPassword(found["Session"])

    def renew(self, client: Client, username: str, session: str, password: str) -> None:
        """Set the password that replaces a temporary one. Raises WrongPassword when it is too weak."""
        self._answer(
            "admin_respond_to_auth_challenge",
            ClientId=client.id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            ChallengeResponses={"USERNAME": username, "NEW_PASSWORD": password},
            Session=session,
        )

    def person(self, username: str) -> Person | None:
        """The user as they are now, or None when there is no such user any more or they were disabled."""
        try:
            found = self._cognito.admin_get_user(UserPoolId=self.pool, Username=username)
        except ClientError:
            return None
        if not found.get("Enabled", True):
            return None
        told = {item["Name"]: item["Value"] for item in found["UserAttributes"]}
        listed = self._cognito.admin_list_groups_for_user(UserPoolId=self.pool, Username=username)["Groups"]
        groups = tuple(item["GroupName"] for item in listed)
        return Person(told["sub"], found["Username"], told.get("email", ""), groups)

    def _answer(self, act: str, **given: Any) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = getattr(self._cognito, act)(UserPoolId=self.pool, **given)
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidPasswordException":
                raise WrongPassword("The new password needs 12 characters of all kinds: aA1!") from error
            raise WrongPassword from error
        return found


def _client(found: Mapping[str, Any]) -> Client:
    return Client(
        found["ClientId"],
        found.get("ClientSecret", ""),
        tuple(found.get("AllowedOAuthScopes", ())),
        tuple(found.get("AllowedOAuthFlows", ())),
        tuple(found.get("CallbackURLs", ())),
        tuple(found.get("LogoutURLs", ())),
        _lasts(found, "AccessToken", "hours", 1),
        _lasts(found, "IdToken", "hours", 1),
        _lasts(found, "RefreshToken", "days", 30),
    )


def _lasts(found: Mapping[str, Any], token: str, unit: str, number: int) -> timedelta:
    named = found.get("TokenValidityUnits", {}).get(token, unit)
    return timedelta(**{_UNITS[named]: found.get(f"{token}Validity", number)})
