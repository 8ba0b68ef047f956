"""Steps beside the API itself: its stage, usage plans with their keys, the domain, the firewall."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from deploy.changes import ABSENT, Change
from deploy.gateway import log_role, naming
from deploy.gateway.access_log import FORMAT
from deploy.gateway.method_settings import EVERY, TRANSLATED, escaped, method_settings, plan_rates
from deploy.gateway.present import Present
from deploy.gateway.steps import Call, Client, Made, Step, patch
from deploy.methods import Method
from deploy.stage import Domain, EndpointType, Stage, UsagePlan


def logs_wanted(stage: Stage) -> bool:
    """Whether API Gateway needs a role to write logs."""
    return stage.logs.access or stage.logs.level != "OFF"


class StagePlanning:
    """One comparison of what a stage says with what is there.

    place  the ARN's partition, region and account of the API
    """

    def __init__(self, stage: Stage, now: Present, client: Client, place: tuple[str, str, str]) -> None:
        self._stage = stage
        self._now = now
        self._client = client
        self._partition, self._region, self._account = place

    def logs(self) -> Iterator[Step]:
        """The role that writes logs, and where the access log is kept."""
        if logs_wanted(self._stage) and not self._now.account.get("cloudwatchRoleArn"):
            yield self._step([Change("account/logRole", ABSENT, naming.LOG_ROLE)], *self._log_role())
        if not self._stage.logs.access:
            return
        name, days = naming.log_group(self._stage.name), self._stage.logs.retention_days
        found = self._now.log_group
        before = ABSENT if found is None else found.get("retentionInDays", ABSENT)
        if before != days:
            made = [] if found else [Call("logs", "create_log_group", {"logGroupName": name})]
            kept = Call("logs", "put_retention_policy", {"logGroupName": name, "retentionInDays": days})
            yield self._step([Change(f"logs/{name}/days", before, days)], *made, kept)

    def _log_role(self) -> Iterator[Call]:
        name = naming.LOG_ROLE
        if not self._now.log_role:  # else a deployment was interrupted here
            trusted = json.dumps(log_role.trust())
            yield Call("iam", "create_role", {"RoleName": name, "AssumeRolePolicyDocument": trusted})
        allowed = {"PolicyName": log_role.POLICY_NAME, "PolicyDocument": json.dumps(log_role.permissions())}
        yield Call("iam", "put_role_policy", {"RoleName": name} | allowed)
        arn = f"arn:{self._partition}:iam::{self._account}:role/{name}"
        patches = [patch("replace", "/cloudwatchRoleArn", arn)]
        yield Call("apigateway", "update_account", {"patchOperations": patches})

    def stage(self, methods: Sequence[Method]) -> Iterator[Step]:
        """Cache, traces, access log, and the settings of methods, in one call."""
        yield from self._updated((*self._whole(), *self._methods(methods)))

    def fresh_answers(self, methods: Sequence[Method]) -> Iterator[Step]:
        """Who may ask for a fresh answer, which CloudFormation has no properties for."""
        unnamed = tuple(key for key, (_, name) in TRANSLATED.items() if not name)
        yield from self._updated(each for each in self._methods(methods) if each[0].endswith(unnamed))

    def _updated(self, compared: Iterable[tuple[str, Any, Any, list[Any]]]) -> Iterator[Step]:
        differences, patches = [], []
        for where, before, after, made in compared:
            if before != after:
                differences.append(Change(f"stage/{where}", before, after))
                patches += made
        if patches:
            parameters = {"restApiId": self._now.api, "stageName": naming.API_STAGE, "patchOperations": patches}
            yield self._step(differences, Call("apigateway", "update_stage", parameters))

    def _whole(self) -> Iterator[tuple[str, Any, Any, list[Any]]]:
        found, cache = self._now.stage, self._stage.cache
        enabled = bool(found.get("cacheClusterEnabled", False))
        if cache is not None:
            size = patch("replace", "/cacheClusterSize", cache.size_gb)
            before = found.get("cacheClusterSize", ABSENT) if enabled else ABSENT
            yield "cacheSize", before, cache.size_gb, [size]
        wanted = cache is not None
        yield "cache", enabled, wanted, [patch("replace", "/cacheClusterEnabled", wanted)]
        tracing = patch("replace", "/tracingEnabled", self._stage.tracing)
        yield "tracing", bool(found.get("tracingEnabled", False)), self._stage.tracing, [tracing]
        yield self._access_log()

    def _access_log(self) -> tuple[str, Any, Any, list[Any]]:
        found = self._now.stage.get("accessLogSettings") or {}
        before = (str(found.get("destinationArn", ABSENT)).removesuffix(":*"), found.get("format", ABSENT))
        if not self._stage.logs.access:
            return "accessLog", before, (ABSENT, ABSENT), [patch("remove", "/accessLogSettings")]
        name = naming.log_group(self._stage.name)
        arn = f"arn:{self._partition}:logs:{self._region}:{self._account}:log-group:{name}"
        made = [
            patch("replace", "/accessLogSettings/destinationArn", arn),
            patch("replace", "/accessLogSettings/format", FORMAT),
        ]
        return "accessLog", before, (arn, FORMAT), made

    def _methods(self, methods: Sequence[Method]) -> Iterator[tuple[str, Any, Any, list[Any]]]:
        present = {_normal(key): value for key, value in self._now.stage.get("methodSettings", {}).items()}
        wanted = method_settings(self._stage, methods)
        for setting in wanted:
            found = present.get(setting.key, {})
            for key, after in setting.values.items():
                before = found.get(TRANSLATED[key][0], ABSENT)
                yield (
                    f"{setting.verb} {setting.path}/{key}",
                    before,
                    after,
                    [patch("replace", f"{setting.prefix}/{key}", after)],
                )
        for key in present.keys() - {setting.key for setting in wanted}:
            yield f"methods/{key}", "set", ABSENT, [patch("remove", f"/~1{key}")]

    def plans(self, methods: Sequence[Method]) -> Iterator[Step]:
        """Usage plans and their keys. Plans and keys that no file names any more are left to their owners."""
        for name, key in self._now.keys.items():
            self._now.ids[f"key {name}"] = key
        for name, plan in self._stage.usage_plans.items():
            yield from self._plan(naming.plan_name(self._stage.name, name), plan, methods)

    def _plan(self, name: str, plan: UsagePlan, methods: Sequence[Method]) -> Iterator[Step]:
        found = self._now.plans.get(name)
        if found is None:
            made = Call(
                "apigateway", "create_usage_plan", _new_plan(name, plan, self._now.api, methods), f"plan {name}"
            )
            yield self._step([Change(f"plans/{name}", ABSENT, f"{plan.rate:g}/s, at once {plan.burst}")], made)
        else:
            self._now.ids[f"plan {name}"] = found["id"]
            yield from self._changed_plan(name, plan, found, methods)
        attached = self._now.plan_keys.get(name, frozenset())
        for key in plan.keys:
            yield from self._key(naming.key_name(self._stage.name, key), name, attached)

    def _changed_plan(self, name: str, plan: UsagePlan, found: Any, methods: Sequence[Method]) -> Iterator[Step]:
        differences, patches = [], []
        for where, before, after, made in _plan_differences(plan, found, self._now.api, methods):
            if before != after:
                differences.append(Change(f"plans/{name}/{where}", before, after))
                patches += made
        if patches:
            parameters = {"usagePlanId": found["id"], "patchOperations": patches}
            yield self._step(differences, Call("apigateway", "update_usage_plan", parameters))

    def _key(self, name: str, plan: str, attached: frozenset[str]) -> Iterator[Step]:
        present = self._now.keys.get(name)
        if present is None:
            made = Call("apigateway", "create_api_key", {"name": name, "enabled": True}, f"key {name}")
            yield self._step([Change(f"keys/{name}", ABSENT, "made")], made)
        if present not in attached:
            parameters = {"usagePlanId": Made(f"plan {plan}"), "keyId": Made(f"key {name}"), "keyType": "API_KEY"}
            joined = Call("apigateway", "create_usage_plan_key", parameters)
            yield self._step([Change(f"plans/{plan}/keys/{name}", ABSENT, "a key of the plan")], joined)

    def domain(self) -> Iterator[Step]:
        """The domain name, its TLS, and the path under which the API stands there."""
        domain = self._stage.domain
        if domain is None:
            return
        endpoint = self._stage.endpoint.type
        if self._now.domain is None:
            call = Call("apigateway", "create_domain_name", _new_domain(domain, endpoint))
            yield self._step([Change(f"domain/{domain.name}", ABSENT, domain.certificate_arn)], call)
        else:
            yield from self._changed_domain(domain, self._now.domain, endpoint)
        mapped = {each.get("basePath", "(none)"): each.get("restApiId") for each in self._now.mapped}
        before = mapped.get(domain.base_path or "(none)", ABSENT)
        if before != self._now.api:
            at = {"domainName": domain.name, "basePath": domain.base_path or "(none)"}
            call = (
                Call(
                    "apigateway",
                    "create_base_path_mapping",
                    at | {"restApiId": self._now.api, "stage": naming.API_STAGE},
                )
                if before is ABSENT
                else Call("apigateway", "update_base_path_mapping", at | {"patchOperations": _mapping(self._now.api)})
            )
            yield self._step([Change(f"domain/{domain.name}/{domain.base_path}", before, self._now.api)], call)

    def _changed_domain(self, domain: Domain, found: Any, endpoint: EndpointType) -> Iterator[Step]:
        differences, patches = [], []
        edge, tls = endpoint is EndpointType.EDGE, found.get("mutualTlsAuthentication") or {}
        certificate = "certificateArn" if edge else "regionalCertificateArn"
        for path, before, after in (
            (certificate, found.get(certificate, ""), domain.certificate_arn),
            ("securityPolicy", found.get("securityPolicy", ""), domain.security_policy),
            ("mutualTlsAuthentication/truststoreUri", tls.get("truststoreUri", ""), domain.truststore),
            ("mutualTlsAuthentication/truststoreVersion", tls.get("truststoreVersion", ""), domain.truststore_version),
        ):
            if before != after:
                differences.append(Change(f"domain/{domain.name}/{path}", before or ABSENT, after or ABSENT))
                patches.append(patch("replace", f"/{path}", after))
        if patches:
            parameters = {"domainName": domain.name, "patchOperations": patches}
            yield self._step(differences, Call("apigateway", "update_domain_name", parameters))

    def firewall(self) -> Iterator[Step]:
        """The web ACL in front of the API's stage."""
        wanted, before = self._stage.firewall, self._now.web_acl or ABSENT
        after = wanted.web_acl_arn if wanted else ABSENT
        if before == after:
            return
        path = f"/restapis/{self._now.api}/stages/{naming.API_STAGE}"
        arn = f"arn:{self._partition}:apigateway:{self._region}::{path}"
        call = (
            Call("wafv2", "associate_web_acl", {"WebACLArn": after, "ResourceArn": arn})
            if wanted
            else Call("wafv2", "disassociate_web_acl", {"ResourceArn": arn})
        )
        yield self._step([Change("firewall", before, after)], call)

    def _step(self, differences: Sequence[Change], *calls: Call) -> Step:
        return Step(tuple(differences), calls, self._client, self._now.ids)


def _normal(key: str) -> str:
    """The key of method settings in one spelling: the service has been seen to answer with and without `~1` first."""
    return EVERY if key in (EVERY, "/*/*") else key.removeprefix("/").removeprefix("~1")


def _new_plan(name: str, plan: UsagePlan, api: str, methods: Sequence[Method]) -> dict[str, Any]:
    single = {path: {"rateLimit": r.rate, "burstLimit": r.burst} for path, r in plan_rates(plan, methods).items()}
    stage: dict[str, Any] = {"apiId": api, "stage": naming.API_STAGE}
    found: dict[str, Any] = {
        "name": name,
        "apiStages": [stage | ({"throttle": single} if single else {})],
        "throttle": {"rateLimit": plan.rate, "burstLimit": plan.burst},
    }
    return found if plan.quota is None else found | {"quota": {"limit": plan.quota, "period": plan.period.value}}


def _plan_differences(
    plan: UsagePlan, found: Any, api: str, methods: Sequence[Method]
) -> Iterator[tuple[str, Any, Any, list[Any]]]:
    throttle, quota = found.get("throttle") or {}, found.get("quota") or {}
    rate = patch("replace", "/throttle/rateLimit", plan.rate)
    yield "rate", float(throttle.get("rateLimit", 0)), plan.rate, [rate]
    yield (
        "burst",
        int(throttle.get("burstLimit", 0)),
        plan.burst,
        [patch("replace", "/throttle/burstLimit", plan.burst)],
    )
    before = (int(quota["limit"]), quota["period"]) if quota else ABSENT
    if plan.quota is None:
        yield "quota", before, ABSENT, [patch("remove", "/quota")]
    else:
        made = [
            patch("replace", "/quota/limit", plan.quota),
            patch("replace", "/quota/period", plan.period.value),
        ]
        yield "quota", before, (plan.quota, plan.period.value), made
    yield from _plan_stage_differences(plan, found, api, methods)


def _plan_stage_differences(
    plan: UsagePlan, found: Any, api: str, methods: Sequence[Method]
) -> Iterator[tuple[str, Any, Any, list[Any]]]:
    own = [each for each in found.get("apiStages", []) if each.get("apiId") == api]
    joined = [patch("add", "/apiStages", f"{api}:{naming.API_STAGE}")]
    yield "api", own[0]["apiId"] if own else ABSENT, api, joined
    present = (own[0].get("throttle") or {}) if own else {}
    wanted = plan_rates(plan, methods)
    at = f"/apiStages/{api}:{naming.API_STAGE}/throttle"
    for path, rate in wanted.items():
        known = present.get(path, {})
        before = (known.get("rateLimit"), known.get("burstLimit")) if known else ABSENT
        made = [
            patch("replace", f"{at}/{_method_pointer(path)}/rateLimit", rate.rate),
            patch("replace", f"{at}/{_method_pointer(path)}/burstLimit", rate.burst),
        ]
        yield f"operations{path}", before, (rate.rate, rate.burst), made
    for path in present.keys() - wanted.keys():
        yield f"operations{path}", "set", ABSENT, [patch("remove", f"{at}/{_method_pointer(path)}")]


def _method_pointer(path: str) -> str:
    """`/v1/things/GET` within a JSON pointer."""
    resource, _, verb = path.rpartition("/")
    return f"{escaped(resource)}/{verb}"


def _new_domain(domain: Domain, endpoint: EndpointType) -> dict[str, Any]:
    certificate = "certificateArn" if endpoint is EndpointType.EDGE else "regionalCertificateArn"
    found: dict[str, Any] = {
        "domainName": domain.name,
        certificate: domain.certificate_arn,
        "endpointConfiguration": {"types": [endpoint.value.upper()]},
        "securityPolicy": domain.security_policy,
    }
    if domain.truststore:
        found["mutualTlsAuthentication"] = {"truststoreUri": domain.truststore}
        if domain.truststore_version:
            found["mutualTlsAuthentication"]["truststoreVersion"] = domain.truststore_version
    return found


def _mapping(api: str) -> list[Any]:
    return [patch("replace", "/restapiId", api), patch("replace", "/stage", naming.API_STAGE)]
