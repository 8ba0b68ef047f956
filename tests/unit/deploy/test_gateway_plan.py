"""From a present state to the stage's, by calls: as far as moto plays API Gateway; the rest against botocore's model.

moto lacks update_method, update_integration, update_model, update_domain_name, and a plan's rates for single methods;
it forgets an API's minimum compression size.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from moto import mock_aws

from deploy.changes import ABSENT
from deploy.gateway import Step, naming, plan, plan_beside_the_stack, removal
from deploy.gateway.plan_definition import definition_steps
from deploy.gateway.plan_stage import StagePlanning
from deploy.gateway.policy import policy
from deploy.gateway.present import Present, Resource
from deploy.gateway.steps import Call, Client, filled
from deploy.methods import Method
from deploy.stage import Stage
from tests.unit.deploy.fitted import fitted
from tests.unit.deploy.settings import EVERYTHING, METHODS, stage

PLACE = ("aws", "eu-west-1", "123456789012")
REACHED = """
validation = "none"
[throttle]
rate = 50
burst = 100
operations = { wire = { rate = 5, burst = 6 } }
[cors]
origins = ["https://a.example.org"]
[usage_plans.ingest]
rate = 50
burst = 100
quota = 1000
keys = ["line-1", "line-2"]
"""
"""A stage whose every setting moto keeps."""


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield fitted(cache(lambda service: boto3.client(service, region_name="eu-west-1")))


def deployed(client: Client, methods: tuple[Method, ...] = METHODS) -> str:
    """An API with these methods, as Chalice makes one."""
    gateway = client("apigateway")
    paths: dict[str, Any] = {}
    for method in methods:
        integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": "arn:aws:apigateway:x:lambda:path/x"}
        document = {"responses": {}, "x-amazon-apigateway-integration": integration}
        paths.setdefault(method.path, {})[method.verb.lower()] = document
    document = {"openapi": "3.0.1", "info": {"title": "t", "version": "1", "description": "d"}, "paths": paths}
    api: str = gateway.import_rest_api(body=json_bytes(document))["id"]
    gateway.create_deployment(restApiId=api, stageName=naming.API_STAGE)
    return api


def json_bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode()


def applied(settings: Stage, client: Client, api: str) -> list[str]:
    steps = plan(settings, METHODS, client, api)
    for step in steps:
        step.apply()
    return told(steps)


def told(steps: tuple[Step, ...]) -> list[str]:
    return [str(change) for step in steps for change in step.differences]


def test_what_was_applied_differs_no_more(client: Client) -> None:
    api = deployed(client)
    assert applied(stage(REACHED), client, api)
    assert told(plan(stage(REACHED), METHODS, client, api)) == []


def test_a_plan_changes_nothing(client: Client) -> None:
    api = deployed(client)
    first = told(plan(stage(REACHED), METHODS, client, api))
    assert told(plan(stage(REACHED), METHODS, client, api)) == first


def test_only_what_differs_is_shown_and_set(client: Client) -> None:
    api = deployed(client)
    applied(stage(REACHED), client, api)
    changed = REACHED.replace("rate = 50", "rate = 60", 1)
    assert told(plan(stage(changed), METHODS, client, api)) == ["~ stage/* /*/throttling/rateLimit: 50.0 -> 60.0"]
    applied(stage(changed), client, api)
    settings = client("apigateway").get_stage(restApiId=api, stageName="api")["methodSettings"]
    assert settings["*/*"]["throttlingRateLimit"] == 60


def test_an_imported_api_loses_its_answers_and_gets_them_back_with_a_new_deployment(client: Client) -> None:
    api = deployed(client)
    applied(stage(REACHED), client, api)
    client("apigateway").delete_gateway_response(restApiId=api, responseType="THROTTLED")
    changes = told(plan(stage(REACHED), METHODS, client, api))
    assert changes[0] == "+ api/responses/THROTTLED: TooManyRequests"
    assert changes[1].startswith("~ stage/deployment")
    assert len(changes) == 2


def test_keys_are_made_once_and_joined_to_their_plan(client: Client) -> None:
    api = deployed(client)
    applied(stage(REACHED), client, api)
    gateway = client("apigateway")
    (made,) = gateway.get_usage_plans()["items"]
    assert (made["name"], made["quota"]["limit"]) == ("penstock-test-ingest", 1000)
    names = {key["name"] for key in gateway.get_usage_plan_keys(usagePlanId=made["id"])["items"]}
    assert names == {"penstock-test-line-1", "penstock-test-line-2"}
    more = stage(REACHED.replace('"line-2"', '"line-2", "line-3"'))
    assert told(plan(more, METHODS, client, api)) == [
        "+ keys/penstock-test-line-3: made",
        "+ plans/penstock-test-ingest/keys/penstock-test-line-3: a key of the plan",
    ]


def test_a_deployment_that_was_interrupted_goes_on_where_it_stopped(client: Client) -> None:
    api = deployed(client)
    for step in plan(stage(REACHED), METHODS, client, api)[:-3]:
        step.apply()
    rest = applied(stage(REACHED), client, api)
    assert 0 < len(rest) <= 3
    assert told(plan(stage(REACHED), METHODS, client, api)) == []


def present(**more: Any) -> Present:
    """An API as Chalice leaves it."""
    paths = {method.path for method in METHODS}
    resources = {
        path: Resource(f"r{number}", {each.verb: {} for each in METHODS if each.path == path})
        for number, path in enumerate(sorted(paths))
    }
    known: dict[str, Any] = {
        "api": "abc",
        "rest_api": {"endpointConfiguration": {"types": ["EDGE"]}},
        "stage": {},
        "resources": resources,
        "responses": {},
        "models": {},
        "validators": {},
        "plans": {},
        "keys": {},
        "plan_keys": {},
        "account": {},
    }
    return Present(**known | more)


def nobody(service: str) -> Any:
    raise AssertionError(f"a plan does not call {service}")


def planned(settings: Stage, now: Present) -> list[Step]:
    planning = StagePlanning(settings, now, nobody, PLACE)
    steps = [*definition_steps(settings, METHODS, now, nobody), *planning.logs(), *planning.stage(METHODS)]
    return [*steps, *planning.plans(METHODS), *planning.domain(), *planning.firewall()]


class AnyId(dict[str, str]):
    """Ids that earlier calls will have made."""

    def __missing__(self, name: str) -> str:
        return "made"


def calls(settings: Stage, now: Present) -> list[Call]:
    return [call for step in planned(settings, now) for call in step.calls]


PRESENT_STATES = {
    "as Chalice leaves it": present(),
    "of another stage file": present(
        rest_api={
            "endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]},
            "minimumCompressionSize": 5,
            "policy": '{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[]}',
        },
        stage={
            "webAclArn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/other/1",
            "methodSettings": {"~1v1~1gone/GET": {"cachingEnabled": True}},
            "accessLogSettings": {"format": "x", "destinationArn": "arn:aws:logs:eu-west-1:1:log-group:x"},
        },
        models={"CreateThingBody": {"name": "CreateThingBody", "schema": "{}"}},
        validators={"parameters": {"id": "v1", "name": "parameters"}},
        plans={
            "penstock-test-ingest": {
                "id": "p1",
                "throttle": {"rateLimit": 1.0, "burstLimit": 1},
                "quota": {"limit": 1, "period": "WEEK"},
                "apiStages": [{"apiId": "abc", "stage": "api", "throttle": {"/v1/gone/GET": {}}}],
            }
        },
        keys={"penstock-test-line-1": "k1"},
        account={"cloudwatchRoleArn": "arn:aws:iam::123456789012:role/logs"},
        domain={"domainName": "api.example.org", "regionalCertificateArn": "arn:aws:acm:eu-west-1:1:certificate/x"},
        mapped=({"basePath": "penstock", "restApiId": "other"},),
        web_acl="arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/other/1",
    ),
}


@pytest.mark.parametrize("settings", [EVERYTHING, REACHED, ""], ids=["everything", "reached", "nothing"])
@pytest.mark.parametrize("state", PRESENT_STATES)
def test_every_call_is_one_that_botocore_would_send(state: str, settings: str) -> None:
    session, faults = botocore.session.get_session(), []
    made = calls(stage(settings), PRESENT_STATES[state])
    assert made
    for call in made:
        model = session.get_service_model(call.service)
        names = {xform_name(name): name for name in model.operation_names}
        shape = model.operation_model(names[call.operation]).input_shape
        report = ParamValidator().validate(filled(call.parameters, AnyId()), shape)
        faults += [f"{call.operation}: {report.generate_report()}"] if report.has_errors() else []
    assert faults == []


def test_a_kept_method_is_told_what_its_answers_depend_on_and_declares_it_first() -> None:
    path = "/v1/things/{thingId}"
    resource = PRESENT_STATES["as Chalice leaves it"].resources[path].id
    made = [call for call in calls(stage(), present()) if call.parameters.get("resourceId") == resource]
    declared, keys = [[each["path"] for each in call.parameters["patchOperations"]] for call in made]
    assert [call.operation for call in made] == ["update_method", "update_integration"]
    assert {path.removeprefix("/cacheKeyParameters/") for path in keys} <= {
        path.removeprefix("/requestParameters/") for path in declared
    }
    assert "/cacheKeyParameters/method.request.header.Authorization" in keys


def test_a_stage_without_a_domain_leaves_domains_alone() -> None:
    assert not [call for call in calls(stage(REACHED), present()) if "domain" in call.operation]


def test_a_policy_is_compared_as_it_was_written() -> None:
    settings = stage("[endpoint]\nsource_addresses = ['203.0.113.0/24']")
    in_full = "arn:aws:execute-api:eu-west-1:123456789012:abc/"
    written = json.dumps(policy(settings.endpoint)).replace("execute-api:/", in_full).replace('"', '\\"')
    now = present(rest_api={"endpointConfiguration": {"types": ["REGIONAL"]}, "policy": written})
    assert not [each for step in planned(settings, now) for each in step.differences if "policy" in each.where]


def test_what_a_stage_no_longer_says_is_taken_away() -> None:
    changes = {
        each.where: each.after
        for step in planned(stage(""), PRESENT_STATES["of another stage file"])
        for each in step.differences
    }
    assert changes["api/minimumCompressionSize"] is None
    assert changes["api/policy"] is ABSENT
    assert changes["stage/methods/v1~1gone/GET"] is ABSENT
    assert changes["firewall"] is ABSENT


def test_what_the_embedded_aws_cannot_do_is_known_before_it_is_tried() -> None:
    lacking = [step for step in planned(stage(), PRESENT_STATES["of another stage file"]) if step.unreached]
    operations = {call.operation for step in lacking for call in step.calls}
    assert operations == {
        "update_domain_name",
        "update_integration",
        "update_method",
        "update_model",
        "update_rest_api",
    }


def test_what_a_plan_made_is_taken_away_before_the_api(client: Client) -> None:
    api = deployed(client)
    applied(stage(REACHED), client, api)
    for step in removal(stage(REACHED), client, api):
        step.apply()
    gateway = client("apigateway")
    assert gateway.get_usage_plans()["items"] == gateway.get_api_keys()["items"] == []
    assert removal(stage(REACHED), client, api) == ()
    gateway.delete_rest_api(restApiId=api)


def test_beside_a_stack_only_what_cloudformation_cannot_set_is_set(client: Client) -> None:
    api = deployed(client)
    assert plan_beside_the_stack(stage(REACHED), METHODS, client, api) == ()
    cached = stage("[cache]\nfresh_needs_permission = false\n[cache.operations]\ngetThing = 60")
    (step,) = plan_beside_the_stack(cached, METHODS, client, api)
    assert {each.where.rpartition("/")[2] for each in step.differences} == {
        "requireAuthorizationForCacheControl",
        "unauthorizedCacheControlHeaderStrategy",
    }
    step.apply()
    assert plan_beside_the_stack(cached, METHODS, client, api) == ()
