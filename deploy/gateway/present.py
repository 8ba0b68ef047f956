"""How a stage's API is set up now. Only reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.gateway import naming
from deploy.gateway.steps import Client
from deploy.stage import Stage

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """A path of the API with its methods by verb, as the service describes them."""

    id: str
    methods: Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Present:
    """What is there. Names are those of naming.py; what is of no concern to the stage is left out."""

    api: str
    rest_api: Table
    stage: Table
    resources: Mapping[str, Resource]
    responses: Mapping[str, Table]
    models: Mapping[str, Table]
    validators: Mapping[str, Table]
    plans: Mapping[str, Table]
    keys: Mapping[str, str]
    plan_keys: Mapping[str, frozenset[str]]
    account: Table
    domain: Table | None = None
    mapped: tuple[Table, ...] = ()
    log_group: Table | None = None
    log_role: bool = False
    web_acl: str = ""
    ids: dict[str, str] = field(default_factory=dict)


def read(stage: Stage, client: Client, api: str) -> Present:
    """The API with this id and what belongs to it. Raises botocore's errors."""
    gateway = client("apigateway")
    found = gateway.get_stage(restApiId=api, stageName=naming.API_STAGE)
    prefix = naming.plan_name(stage.name, "")
    plans = {each["name"]: each for each in _pages(gateway, "get_usage_plans") if each["name"].startswith(prefix)}
    keys = {each["name"]: each["id"] for each in _pages(gateway, "get_api_keys", nameQuery=prefix)}
    domain = _domain(stage, gateway)
    return Present(
        api=api,
        rest_api=gateway.get_rest_api(restApiId=api),
        stage=found,
        resources=_resources(gateway, api),
        responses={each["responseType"]: each for each in _items(gateway.get_gateway_responses(restApiId=api))},
        models={each["name"]: each for each in _pages(gateway, "get_models", restApiId=api)},
        validators={each["name"]: each for each in _items(gateway.get_request_validators(restApiId=api))},
        plans=plans,
        keys=keys,
        plan_keys={name: _keys_of(gateway, plan["id"]) for name, plan in plans.items()},
        account=gateway.get_account(),
        domain=domain,
        mapped=_mapped(gateway, domain),
        log_group=_log_group(client, naming.log_group(stage.name)),
        log_role=_has_role(client("iam"), naming.LOG_ROLE),
        web_acl=found.get("webAclArn", ""),
    )


def _pages(gateway: Any, operation: str, **parameters: Any) -> Iterator[Table]:
    for page in gateway.get_paginator(operation).paginate(**parameters):
        yield from _items(page)


def _items(page: Table) -> list[Table]:
    found: list[Table] = page.get("items", [])
    return found


def _resources(gateway: Any, api: str) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for each in _pages(gateway, "get_resources", restApiId=api, embed=["methods"]):
        known = found.get(each["path"], Resource(each["id"], {}))
        found[each["path"]] = Resource(known.id, {**known.methods, **each.get("resourceMethods", {})})
    return found


def _keys_of(gateway: Any, plan: str) -> frozenset[str]:
    return frozenset(each["id"] for each in _pages(gateway, "get_usage_plan_keys", usagePlanId=plan))


def _domain(stage: Stage, gateway: Any) -> Table | None:
    if stage.domain is None:
        return None
    try:
        found: Table = gateway.get_domain_name(domainName=stage.domain.name)
    except gateway.exceptions.NotFoundException:
        return None
    return found


def _mapped(gateway: Any, domain: Table | None) -> tuple[Table, ...]:
    if domain is None:
        return ()
    return tuple(_pages(gateway, "get_base_path_mappings", domainName=domain["domainName"]))


def _log_group(client: Client, name: str) -> Table | None:
    found = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next((each for each in found if each["logGroupName"] == name), None)


def _has_role(iam: Any, name: str) -> bool:
    try:
        iam.get_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True
