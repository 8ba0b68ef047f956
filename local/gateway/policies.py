"""What IAM policies say of calling the API: `execute-api:Invoke` on the route.

Not imitated: resource policies, permission boundaries, session policies and conditions. A statement with a condition
allows nothing here and denies whatever it names, so that nothing passes that AWS might refuse.
Source: IAM User Guide, "Policy evaluation logic"; API Gateway, "Control access for invoking an API"
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.environment import REGION
from local.identity import DEFAULT_ACCOUNT

ACTION = "execute-api:Invoke"
API = "penstock/api"
"""API and stage, as they stand in the names of routes here."""
Policy = Mapping[str, Any]


def route_arn(method: str, path: str) -> str:
    """The name that policies give a route."""
    return f"arn:aws:execute-api:{REGION}:{DEFAULT_ACCOUNT}:{API}/{method}{path}"


def permitted(policies: Sequence[Policy], resource: str) -> bool:
    """Whether the policies let their holder call: something allows it and nothing denies it."""
    found = {str(item["Effect"]) for policy in policies for item in _statements(policy) if _speaks_of(item, resource)}
    return found == {"Allow"}


def _statements(policy: Policy) -> Sequence[Mapping[str, Any]]:
    found = policy.get("Statement", ())
    return [found] if isinstance(found, Mapping) else list(found)


def _speaks_of(statement: Mapping[str, Any], resource: str) -> bool:
    if statement.get("Condition") and statement["Effect"] == "Allow":
        return False
    return _covers(statement, "Action", ACTION.lower(), fold=True) and _covers(statement, "Resource", resource)


def _covers(statement: Mapping[str, Any], member: str, wanted: str, *, fold: bool = False) -> bool:
    if f"Not{member}" in statement:
        return not _any(statement[f"Not{member}"], wanted, fold)
    return _any(statement.get(member, ()), wanted, fold)


def _any(patterns: str | Sequence[str], wanted: str, fold: bool) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(_fits(pattern.lower() if fold else pattern, wanted) for pattern in listed)


def _fits(pattern: str, wanted: str) -> bool:
    """`*` stands for any characters, slashes included, and `?` for one."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, wanted, re.DOTALL) is not None
