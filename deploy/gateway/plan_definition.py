"""Steps that change the API itself: its reach, its own answers, what is checked, what kept answers depend on, mocks.

`chalice deploy` imports the whole API anew and with that takes all of this away; so each deployment ends with it.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from deploy.changes import ABSENT, Change
from deploy.gateway import naming
from deploy.gateway.caching import kept_seconds, key_headers, key_parameters
from deploy.gateway.fragments import VALIDATORS, validates_body, validator_of
from deploy.gateway.mocks import ANY, INTEGRATION, mocks
from deploy.gateway.models import model, model_name
from deploy.gateway.policy import policy
from deploy.gateway.present import Present, Resource
from deploy.gateway.responses import RESPONSES, GatewayResponse, headers
from deploy.gateway.steps import Call, Client, Made, Step, patch
from deploy.methods import Method
from deploy.stage import Stage, Validation

VERB_OF = {ANY: "ANY", "options": "OPTIONS"}
COMPRESSION = "minimumCompressionSize"


def definition_steps(stage: Stage, methods: Sequence[Method], now: Present, client: Client) -> Iterator[Step]:
    """Every step, in an order in which what is referred to is there."""
    planning = _Planning(stage, now, client)
    yield from planning.reach()
    yield from planning.responses()
    yield from planning.validators(methods)
    yield from planning.models(methods)
    for method in methods:
        yield from planning.method(method)
    yield from planning.mocks(methods)


class _Planning:
    """One comparison of what a stage says with what is there."""

    def __init__(self, stage: Stage, now: Present, client: Client) -> None:
        self._stage = stage
        self._now = now
        self._client = client

    def reach(self) -> Iterator[Step]:
        """Endpoint, policy and the default address; and compression."""
        # In one call: an API can become private only together with its endpoints and policy.
        closed = self._plain("disableExecuteApiEndpoint", not self._stage.endpoint.default_address, False)
        yield from self._updated(self._types(), self._endpoints(), self._policy(), closed)
        yield from self._updated(self._plain(COMPRESSION, self._stage.minimum_compression_bytes, None))

    def _updated(self, *compared: tuple[str, Any, Any, list[Any]]) -> Iterator[Step]:
        differences, patches = [], []
        for where, before, after, made in compared:
            if before != after:
                differences.append(Change(f"api/{where}", before, after))
                patches += made
        if patches:
            yield self._step(differences, self._call("update_rest_api", patchOperations=patches))

    def _types(self) -> tuple[str, Any, Any, list[Any]]:
        before = self._now.rest_api.get("endpointConfiguration", {}).get("types", ["EDGE"])[0]
        after = self._stage.endpoint.type.value.upper()
        return "endpointType", before, after, [patch("replace", f"/endpointConfiguration/types/{before}", after)]

    def _endpoints(self) -> tuple[str, Any, Any, list[Any]]:
        before = set(self._now.rest_api.get("endpointConfiguration", {}).get("vpcEndpointIds", []))
        after, path = set(self._stage.endpoint.vpc_endpoints), "/endpointConfiguration/vpcEndpointIds"
        made = [patch("add", path, each) for each in sorted(after - before)]
        made += [patch("remove", path, each) for each in sorted(before - after)]
        return "vpcEndpoints", sorted(before), sorted(after), made

    def _policy(self) -> tuple[str, Any, Any, list[Any]]:
        before, after = _read_policy(self._now), policy(self._stage.endpoint)
        text = "" if after is None else json.dumps(after)
        return "policy", before or ABSENT, after or ABSENT, [patch("replace", "/policy", text)]

    def _plain(self, name: str, after: Any, default: Any) -> tuple[str, Any, Any, list[Any]]:
        before = self._now.rest_api.get(name, default)
        return name, before, after, [patch("replace", f"/{name}", "" if after is None else after)]

    def responses(self) -> Iterator[Step]:
        """Bodies and headers of the gateway's own answers."""
        for kind, response in RESPONSES.items():
            wanted = self._response(response)
            found = self._now.responses.get(kind, {})
            present = {key: found.get(key) or {} for key in ("responseParameters", "responseTemplates")}
            if response.status is not None:
                present["statusCode"] = str(found.get("statusCode", ""))
            if present != wanted:
                before = ABSENT if not found or found.get("defaultResponse") else present["responseTemplates"]
                change = Change(f"api/responses/{kind}", before, response.code)
                yield self._step([change], self._call("put_gateway_response", responseType=kind, **wanted))

    def _response(self, response: GatewayResponse) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            "responseParameters": headers(self._stage.cors),
            "responseTemplates": {"application/json": response.template()},
        }
        return wanted if response.status is None else wanted | {"statusCode": str(response.status)}

    def validators(self, methods: Sequence[Method]) -> Iterator[Step]:
        """The request validators that the stage's methods use."""
        for name, found in self._now.validators.items():
            self._now.ids[f"validator {name}"] = found["id"]
        wanted = VALIDATORS.get(self._stage.validation)
        if any(validator_of(self._stage, each) for each in methods) and wanted not in self._now.validators:
            body = self._stage.validation is Validation.ALL
            call = self._call(
                "create_request_validator",
                f"validator {wanted}",
                name=wanted,
                validateRequestBody=body,
                validateRequestParameters=True,
            )
            yield self._step([Change(f"api/validators/{wanted}", ABSENT, "made")], call)

    def models(self, methods: Sequence[Method]) -> Iterator[Step]:
        """Models of the bodies that are checked."""
        for method in {each.operation: each for each in methods if validates_body(self._stage, each)}.values():
            name, wanted = model_name(method), model(method.body or {})
            found = self._now.models.get(name)
            if found is None:
                parameters = {"contentType": "application/json", "schema": json.dumps(wanted)}
                call = self._call("create_model", name=name, **parameters)
                yield self._step([Change(f"api/models/{name}", ABSENT, "made")], call)
            elif json.loads(found["schema"]) != wanted:
                call = self._call(
                    "update_model", modelName=name, patchOperations=[patch("replace", "/schema", json.dumps(wanted))]
                )
                yield self._step([Change(f"api/models/{name}", json.loads(found["schema"]), wanted)], call)

    def method(self, method: Method) -> Iterator[Step]:
        """What is checked of a method's requests, and what its kept answers depend on."""
        resource = self._now.resources.get(method.path)
        found = resource.methods.get(method.verb) if resource else None
        if resource is None or found is None:
            return  # Chalice did not deploy it: nothing to set
        where, at = f"api/methods/{method.name}", {"resourceId": resource.id, "httpMethod": method.verb}
        differences, patches = self._checked(method, found, where)
        if patches:
            yield self._step(differences, self._call("update_method", patchOperations=patches, **at))
        before = set(found.get("methodIntegration", {}).get("cacheKeyParameters") or [])
        after = set(key_parameters(method)) if kept_seconds(self._stage, method) is not None else before
        if before != after:
            keys = [patch("add", f"/cacheKeyParameters/{each}", "") for each in sorted(after - before)]
            keys += [patch("remove", f"/cacheKeyParameters/{each}", "") for each in sorted(before - after)]
            change = Change(f"{where}/cacheKeyParameters", sorted(before), sorted(after))
            yield self._step([change], self._call("update_integration", patchOperations=keys, **at))

    def _checked(self, method: Method, found: Any, where: str) -> tuple[list[Change], list[Any]]:
        if method.query is None:
            return [], []
        differences, patches = self._parameters(method, found, where)
        wanted = validator_of(self._stage, method)
        names = {each["id"]: name for name, each in self._now.validators.items()}
        before = names.get(found.get("requestValidatorId", ""))
        if before != wanted:
            differences.append(Change(f"{where}/validator", before or ABSENT, wanted or ABSENT))
            value: Any = Made(f"validator {wanted}") if wanted else ""
            patches.append(patch("replace", "/requestValidatorId", value))
        modelled = (found.get("requestModels") or {}).get("application/json")
        if validates_body(self._stage, method) and modelled != model_name(method):
            differences.append(Change(f"{where}/model", modelled or ABSENT, model_name(method)))
            patches.append(
                patch("replace" if modelled else "add", "/requestModels/application~1json", model_name(method))
            )
        return differences, patches

    def _parameters(self, method: Method, found: Any, where: str) -> tuple[list[Change], list[Any]]:
        """Parameters must be declared to be required, or to be a part of the cache's key."""
        query = {f"method.request.querystring.{name}": required for name, required in (method.query or {}).items()}
        wanted = query if kept_seconds(self._stage, method) is not None else {}
        if validator_of(self._stage, method) is not None:
            wanted = wanted | {name: True for name, required in query.items() if required}
        if kept_seconds(self._stage, method) is not None:
            wanted = wanted | {f"method.request.header.{name}": False for name in key_headers(method)}
            wanted |= {f"method.request.path.{name}": True for name in method.path_parameters}
        present = found.get("requestParameters") or {}
        differences, patches = [], []
        for name, required in wanted.items():
            before = present.get(name, ABSENT)
            if before != required:
                differences.append(Change(f"{where}/{name}", before, required))
                patches.append(patch("add" if before is ABSENT else "replace", f"/requestParameters/{name}", required))
        return differences, patches

    def mocks(self, methods: Sequence[Method]) -> Iterator[Step]:
        """Preflights, wrong methods and unknown paths, in one import that adds them to what is there."""
        paths: dict[str, Any] = {}
        differences = []
        for path, wanted in mocks(methods, self._stage.cors).items():
            for name, document in wanted.items():
                if not _is_there(document, self._now.resources.get(path), VERB_OF[name]):
                    paths.setdefault(path, {})[name] = _as_openapi(document)
                    differences.append(Change(f"api/methods/{VERB_OF[name]} {path}", ABSENT, "mock"))
        if paths:
            info = {"title": naming.api_name(self._stage.name), "version": "1.0"}
            content = json.dumps({"openapi": "3.0.1", "info": info, "paths": paths}).encode()
            yield self._step(differences, self._call("put_rest_api", mode="merge", body=content))

    def _call(self, operation: str, makes: str = "", /, **parameters: Any) -> Call:
        return Call("apigateway", operation, {"restApiId": self._now.api} | parameters, makes)

    def _step(self, differences: Sequence[Change], *calls: Call) -> Step:
        return Step(tuple(differences), calls, self._client, self._now.ids, definition=True)


def _read_policy(now: Present) -> Any:
    """The present policy as it was written: the service answers with its quotes escaped and its resources in full."""
    text = now.rest_api.get("policy")
    if not text:
        return None
    unescaped = json.loads(f'"{text}"') if '\\"' in text else text
    found = json.loads(unescaped)
    for statement in found.get("Statement", []):
        statement["Resource"] = _shortened(statement.get("Resource"), now.api)
    return found


def _shortened(resource: Any, api: str) -> Any:
    if isinstance(resource, list):
        return [_shortened(each, api) for each in resource]
    if isinstance(resource, str) and resource.startswith("arn:") and f":{api}/" in resource:
        return f"execute-api:/{resource.partition(f':{api}/')[2]}"
    return resource


def _is_there(document: Any, resource: Resource | None, verb: str) -> bool:
    """Whether the mock is there and answers the same."""
    found = resource.methods.get(verb, {}).get("methodIntegration", {}) if resource else {}
    if str(found.get("type")).upper() != "MOCK":
        return False
    wanted = document[INTEGRATION]["responses"]["default"]
    answer = (found.get("integrationResponses") or {}).get(wanted["statusCode"], {})
    template = (answer.get("responseTemplates") or {}).get("application/json") or ""
    parameters = answer.get("responseParameters") or {}
    return bool(
        parameters == wanted["responseParameters"] and template == wanted["responseTemplates"]["application/json"]
    )


def _as_openapi(document: Any) -> Any:
    """A mock as OpenAPI 3 writes it; the template's is Swagger 2.0."""
    found = dict(document)
    found["responses"] = {
        status: {**each, "headers": {name: {"schema": kind} for name, kind in each["headers"].items()}}
        for status, each in document["responses"].items()
    }
    if "parameters" in found:
        found["parameters"] = [
            {key: value for key, value in each.items() if key != "type"} | {"schema": {"type": "string"}}
            for each in found["parameters"]
        ]
    return found
