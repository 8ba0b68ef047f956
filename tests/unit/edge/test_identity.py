"""The request context says who calls; scopes and groups say what they may do."""

from typing import Any

import pytest

from chalicelib.domain.errors import Forbidden
from chalicelib.edge.identity import ROLES, Scope, Unidentified, caller_of, require
from chalicelib.service.access import Caller

ACCOUNT = "123456789012"
EVERY_SCOPE = " ".join(scope.value for scope in Scope)


def token(**claims: object) -> dict[str, Any]:
    given = {"token_use": "access", "sub": "6a-b7", "client_id": "console", "username": "ann", "scope": EVERY_SCOPE}
    return {"accountId": ACCOUNT, "identity": {"accountId": None}, "authorizer": {"claims": given | claims}}


def machine(scope: str) -> dict[str, Any]:
    return token(sub="robot", client_id="robot", username=None, scope=scope)


def test_a_signer_is_their_account_and_is_confined_to_no_group() -> None:
    context = {"accountId": ACCOUNT, "identity": {"accountId": "999900001111", "userArn": "arn:x"}}
    assert caller_of(context) == Caller("999900001111", "arn:x", None)


def test_a_person_is_of_the_deployments_account_and_of_their_groups() -> None:
    context = token(**{"cognito:groups": "analytics,writers"})
    assert caller_of(context) == Caller(ACCOUNT, "ann", frozenset({"analytics"}))


def test_groups_may_come_as_a_list() -> None:
    assert caller_of(token(**{"cognito:groups": ["analytics", "admins"]})).groups == {"analytics", "admins"}


def test_a_person_in_no_group_is_confined_to_what_bears_no_group() -> None:
    assert caller_of(token()).groups == frozenset()


def test_a_machine_is_its_client_and_of_the_groups_that_its_scopes_name() -> None:
    context = machine("penstock/read penstock-groups/analytics")
    assert caller_of(context) == Caller(ACCOUNT, "client robot", frozenset({"analytics"}))


def test_a_person_gets_no_group_by_a_scope() -> None:
    assert caller_of(token(scope="penstock/read penstock-groups/analytics")).groups == frozenset()


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"identity": {}},
        {"identity": None},
        {"accountId": ACCOUNT},
        token(token_use="id"),
        token(token_use=None),
        token(username=None, sub=None),
        token() | {"accountId": None},
    ],
)
def test_whoever_is_not_named_is_nobody(context: dict[str, Any]) -> None:
    with pytest.raises(Unidentified):
        caller_of(context)


@pytest.mark.parametrize("scope", Scope, ids=lambda scope: scope.name)
@pytest.mark.parametrize("role", ROLES)
def test_a_person_may_do_what_a_role_allows_and_no_more(role: str, scope: Scope) -> None:
    context = token(**{"cognito:groups": f"analytics,{role}"})
    if scope in ROLES[role]:
        require(scope, context)
    else:
        with pytest.raises(Forbidden, match=f"{scope.value} is for members of one of the groups"):
            require(scope, context)


def test_a_role_gives_nothing_that_the_token_was_not_given() -> None:
    with pytest.raises(Forbidden, match="lacks the scope penstock/write"):
        require(Scope.WRITE, token(scope="penstock/read", **{"cognito:groups": "admins"}))


def test_a_person_without_a_role_may_do_nothing() -> None:
    with pytest.raises(Forbidden):
        require(Scope.READ, token(**{"cognito:groups": "analytics"}))


def test_a_machine_needs_no_role() -> None:
    require(Scope.OPERATE, machine("penstock/operate"))
    with pytest.raises(Forbidden):
        require(Scope.READ, machine("penstock/operate"))


def test_a_person_whose_subject_is_a_client_id_is_no_machine() -> None:
    with pytest.raises(Forbidden):
        require(Scope.READ, token(sub="console", scope="penstock/read"))


def test_a_signer_needs_no_scope() -> None:
    require(Scope.WRITE, {"identity": {"accountId": ACCOUNT}})


def test_a_machine_is_called_by_its_client_and_not_as_a_person() -> None:
    assert caller_of(token(sub="4f7a", client_id="4f7a", username=None)).user == "client 4f7a"
    assert caller_of(token(sub="4f7a", client_id="console", username="4f7a")).user == "4f7a"
