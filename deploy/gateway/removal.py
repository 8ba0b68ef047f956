"""Steps that take away what plan.py brought, before the API goes: API Gateway keeps one that a domain maps to.

The role that writes logs stays: it is the account's, not the stage's.
"""

from collections.abc import Iterator

from deploy.changes import ABSENT, Change
from deploy.gateway import present
from deploy.gateway.naming import API_STAGE, log_group
from deploy.gateway.steps import Call, Client, Step, patch
from deploy.stage import Stage


def removal(stage: Stage, client: Client, rest_api_id: str) -> tuple[Step, ...]:
    """The steps, in an order in which nothing refers to what is gone. Raises botocore's errors."""
    now = present.read(stage, client, rest_api_id)
    pairs = (*_domain(stage, now), *_plans(now), *_keys(now), *_log(stage, now))
    return tuple(Step((Change(where, "there", ABSENT),), tuple(calls), client) for where, calls in pairs)


def _domain(stage: Stage, now: present.Present) -> Iterator[tuple[str, list[Call]]]:
    if now.domain is None or stage.domain is None:
        return
    at = {"domainName": stage.domain.name}
    for mapping in now.mapped:
        if mapping.get("restApiId") == now.api:
            path = mapping.get("basePath", "(none)")
            yield f"domain/{stage.domain.name}/{path}", [_call("delete_base_path_mapping", **at, basePath=path)]
    if all(mapping.get("restApiId") == now.api for mapping in now.mapped):
        yield f"domain/{stage.domain.name}", [_call("delete_domain_name", **at)]


def _plans(now: present.Present) -> Iterator[tuple[str, list[Call]]]:
    for name, plan in now.plans.items():
        at = {"usagePlanId": plan["id"]}
        joined = any(each.get("apiId") == now.api for each in plan.get("apiStages", []))
        parting = [patch("remove", "/apiStages", f"{now.api}:{API_STAGE}")]
        first = [_call("update_usage_plan", **at, patchOperations=parting)] if joined else []
        yield f"plans/{name}", [*first, _call("delete_usage_plan", **at)]


def _keys(now: present.Present) -> Iterator[tuple[str, list[Call]]]:
    for name, key in now.keys.items():
        yield f"keys/{name}", [_call("delete_api_key", apiKey=key)]


def _log(stage: Stage, now: present.Present) -> Iterator[tuple[str, list[Call]]]:
    if now.log_group is not None:
        name = log_group(stage.name)
        yield f"logs/{name}", [Call("logs", "delete_log_group", {"logGroupName": name})]


def _call(operation: str, **parameters: object) -> Call:
    return Call("apigateway", operation, parameters)
