"""Makes the user pool that infra/foundation.yaml describes, through Cognito's API: moto's CloudFormation knows none.

The template's properties are the API's members under the same names, so nothing is said twice.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.template import read
from local.foundation import TEMPLATE
from local.identity import DEFAULT_ACCOUNT

PASSWORD = "Penstock-local-1"
USERS: Mapping[str, tuple[str, ...]] = {
    "reader": ("readers",),
    "writer": ("writers",),
    "operator": ("operators",),
    "admin": ("admins",),
    "ann": ("writers", "operators", "analytics"),
    "bob": ("writers", "operators", "billing"),
}
"""Ready-made users, all with the same password, and their groups."""
MAY: Mapping[str, str] = {
    "reader": "sees pipelines and runs",
    "writer": "sees and changes pipelines",
    "operator": "sees, starts and repeats runs",
    "admin": "does everything",
    "ann": "writes, operates: analytics",
    "bob": "writes, operates: billing",
}
"""What the sign-in page says of each."""
_VARIABLE = re.compile(r"\$\{([\w:]+)\}")


@dataclass(frozen=True, slots=True)
class UserPool:
    """What was made. Clients are the console's, for people, and the machines', with its secret."""

    id: str
    arn: str
    console: str
    machine: str
    machine_secret: str


class _Making:
    """One making: calls Cognito and remembers what the template's names became."""

    def __init__(self, cognito: Any, given: Mapping[str, Any]) -> None:
        self._cognito = cognito
        self.made: dict[str, Any] = dict(given)
        self.results: dict[str, Mapping[str, Any]] = {}

    def make(self, name: str, resource: Mapping[str, Any]) -> None:
        """One resource."""
        act, key = _ACTS[resource["Type"]]
        result: Mapping[str, Any] = getattr(self._cognito, act)(**self._resolved(_called(resource)))
        self.results[name] = next(iter(item for item in result.values() if key in item), {}) if key else {}
        self.made[name] = self.results[name].get(key, name)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"Ref"}:
            return self.made[value["Ref"]]
        if value.keys() == {"Fn::Sub"}:
            return _VARIABLE.sub(lambda found: str(self.made[found[1]]), value["Fn::Sub"])
        return {key: self._resolved(item) for key, item in value.items()}


_ACTS: Mapping[str, tuple[str, str]] = {
    "AWS::Cognito::UserPool": ("create_user_pool", "Id"),
    "AWS::Cognito::UserPoolDomain": ("create_user_pool_domain", ""),
    "AWS::Cognito::UserPoolResourceServer": ("create_resource_server", "Identifier"),
    "AWS::Cognito::UserPoolClient": ("create_user_pool_client", "ClientId"),
    "AWS::Cognito::UserPoolGroup": ("create_group", "GroupName"),
}
"""The call that makes each type, in the order in which they are made, and the member that names what was made."""


def create(cognito: Any, stage: str, back_to: Sequence[str]) -> UserPool:
    """Make the pool with its clients, groups and ready-made users. `back_to`: where the sign-in page may lead."""
    resources = read(TEMPLATE)["Resources"]
    making = _Making(cognito, {"Stage": stage, "AWS::AccountId": DEFAULT_ACCOUNT, "ConsoleUrls": list(back_to)})
    for kind in _ACTS:
        for name in (name for name, item in resources.items() if item["Type"] == kind):
            making.make(name, resources[name])
    found, machine = making.results["UserPool"], making.results["MachineClient"]
    _add_users(lambda act, **given: getattr(cognito, act)(UserPoolId=found["Id"], **given))
    console = making.results["ConsoleClient"]["ClientId"]
    return UserPool(found["Id"], found["Arn"], console, machine["ClientId"], machine["ClientSecret"])


def _called(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The template's properties as the API wants them: a pool's name has another member, its kinds of MFA a call."""
    given = dict(resource["Properties"])
    if resource["Type"] == "AWS::Cognito::UserPool":
        given["PoolName"] = given.pop("UserPoolName")
        given.pop("EnabledMfas")
        given.pop("MfaConfiguration")
    return given


def _add_users(call: Callable[..., Any]) -> None:
    for group in ("analytics", "billing"):
        call("create_group", GroupName=group, Description="Has pipelines of its own")
    for name, groups in USERS.items():
        email = {"Name": "email", "Value": f"{name}@example.com"}
        call("admin_create_user", Username=name, UserAttributes=[email], MessageAction="SUPPRESS")
        call("admin_set_user_password", Username=name, Password=PASSWORD, Permanent=True)
        for group in groups:
            call("admin_add_user_to_group", Username=name, GroupName=group)
