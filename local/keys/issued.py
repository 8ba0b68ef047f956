"""The keys that moto's IAM and STS gave out, read in moto's own process, and an address where the gateway asks for one.

Secrets of the embedded AWS open nothing elsewhere; the address is on loopback like everything else.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from moto.iam.access_control import AssumedRoleAccessKey, IAMPolicy, IAMUserAccessKey
from moto.iam.exceptions import NotFoundException
from moto.iam.models import AccessKey, get_account_id_from, iam_backends
from moto.sts.models import AssumedRole, sts_backends

from local.identity import Key

PATH = "/_penstock/keys/"
PARTITION = "aws"
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def issued(access_key: str) -> Key | None:
    """The key, if it was given out and is active."""
    account = get_account_id_from(access_key)
    iam = iam_backends[account][PARTITION]
    found = iam.access_keys.get(access_key)
    if found is None or found.status != "Active":
        return None
    if found.user_name is None:
        return _of_role(found, account)
    holder = IAMUserAccessKey(account, PARTITION, access_key, {})
    return Key(access_key, found.secret_access_key, account, holder.arn, policies=_documents(holder))


def _of_role(found: AccessKey, account: str) -> Key | None:
    role = sts_backends[account][PARTITION].get_assumed_role_from_access_key(found.access_key_id)
    if role is None:
        return None
    return Key(
        found.access_key_id,
        found.secret_access_key,
        account,
        role.arn,
        role.session_token,
        role.expiration.isoformat(),
        _of_existing_role(role),
    )


def _of_existing_role(role: AssumedRole) -> tuple[dict[str, Any], ...]:
    """moto lets roles be assumed that nobody made: those have no policies."""
    holder = AssumedRoleAccessKey(
        role.account_id, PARTITION, role.access_key_id, {"X-Amz-Security-Token": role.session_token}
    )
    try:
        return _documents(holder)
    except NotFoundException:
        return ()


def _documents(holder: IAMUserAccessKey | AssumedRoleAccessKey) -> tuple[dict[str, Any], ...]:
    return tuple(IAMPolicy(policy)._policy_json for policy in holder.collect_policies())


def with_keys(inner: Application) -> Application:
    """`inner`, except that the gateway is told of keys."""

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(PATH):
            return inner(environ, start_response)
        key = issued(path.removeprefix(PATH))
        content = json.dumps(None if key is None else key.told()).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
        return [content]

    return application
