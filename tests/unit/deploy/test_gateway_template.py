"""The template of a stage: what is set is in it, nobody gets another's kept answer, and the linter takes it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cfnlint.api import ManualArgs, lint

from deploy.declared import BadSettings
from deploy.gateway import chalice_settings, check, template_fragments
from deploy.gateway.mocks import ANY, INTEGRATION, mocks
from deploy.gateway.models import model
from deploy.gateway.responses import RESPONSES
from deploy.methods import Method, deployed
from deploy.stage import Stage, load
from tests.unit.deploy.settings import METHODS, THING, stage

STAGES = Path(__file__).parents[3] / "infra" / "stages"


def properties(settings: Stage) -> Mapping[str, Any]:
    found: Mapping[str, Any] = template_fragments(settings, METHODS)["Resources"]["RestAPI"]["Properties"]
    return found


def faults(settings: Stage) -> list[str]:
    with pytest.raises(BadSettings) as raised:
        check(settings, METHODS)
    return [fault.key for fault in raised.value.faults]


def linted(fragments: Mapping[str, Any]) -> list[str]:
    """What the linter says of the fragments, with what Chalice writes for them to be merged into."""
    api = fragments["Resources"]["RestAPI"]["Properties"]
    body = {"swagger": "2.0", "info": {"version": "1.0", "title": "penstock"}, "schemes": ["https"]}
    whole = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": fragments["Globals"],
        "Resources": {
            **fragments["Resources"],
            "RestAPI": {
                "Type": "AWS::Serverless::Api",
                "Properties": api | {"StageName": "api", "DefinitionBody": body | api["DefinitionBody"]},
            },
        },
    }
    return [
        f"{match.rule.id} {match.message}"
        for match in lint(json.dumps(whole), config=ManualArgs(regions=["eu-west-1"]))
    ]


def test_the_linter_takes_the_template_of_a_stage_with_every_setting() -> None:
    assert linted(template_fragments(stage(), METHODS)) == []


@pytest.mark.parametrize("file", sorted(STAGES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_repositorys_stages_agree_with_the_application_and_the_linter(file: Path) -> None:
    settings, methods = load(file), deployed()
    check(settings, methods)
    assert linted(template_fragments(settings, methods)) == []


def test_rates_stand_for_all_methods_and_for_single_ones() -> None:
    rest, single = (
        next(each for each in properties(stage())["MethodSettings"] if each["ResourcePath"] == path)
        for path in ("/*", "/~1datapipeline")
    )
    assert (rest["HttpMethod"], rest["ThrottlingRateLimit"], rest["ThrottlingBurstLimit"]) == ("*", 50.0, 100)
    assert (single["HttpMethod"], single["ThrottlingRateLimit"], single["ThrottlingBurstLimit"]) == ("POST", 5.0, 6)


def test_a_kept_answer_belongs_to_path_query_caller_and_the_headers_that_change_it() -> None:
    body = properties(stage())["DefinitionBody"]
    kept = body["paths"]["/v1/things/{thingId}"]["get"]
    keys = kept[INTEGRATION]["cacheKeyParameters"]
    assert keys == [
        "method.request.path.thingId",
        "method.request.querystring.version",
        "method.request.header.Authorization",
        "method.request.header.If-None-Match",
        "method.request.header.Origin",
    ]
    assert {key.rpartition(".")[2] for key in keys} == {each["name"] for each in kept["parameters"]}


def test_what_signed_callers_read_is_never_kept() -> None:
    found = properties(stage())
    assert INTEGRATION not in found["DefinitionBody"]["paths"]["/iam/v1/things/{thingId}"]["get"]
    kept = [each["ResourcePath"] for each in found["MethodSettings"] if each["CachingEnabled"]]
    assert kept == ["/~1v1~1things~1{thingId}"]


def test_nothing_is_kept_by_a_stage_without_a_cache() -> None:
    found = properties(stage(""))
    assert found["CacheClusterEnabled"] is False
    assert not any(each["CachingEnabled"] for each in found["MethodSettings"])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[throttle.operations]\ngetThong = {rate = 1, burst = 1}", "throttle.operations.getThong"),
        ("[cache.operations]\ncreateThing = 5", "cache.operations.createThing"),
        ("[cache.operations]\nwatchThings = 5", "cache.operations.watchThings"),
        ("[cache.operations]\nhealth = 5", "cache.operations.health"),
        (
            "[usage_plans.a]\nrate=1\nburst=1\noperations={getThing={rate=1,burst=1}}",
            "usage_plans.a.operations.getThing",
        ),
    ],
)
def test_a_stage_that_names_what_is_not_there_or_must_not_be_kept_is_refused(text: str, key: str) -> None:
    assert faults(stage(text)) == [key]


def test_a_method_that_a_path_has_not_is_refused_with_those_it_has() -> None:
    found = mocks(METHODS, None)["/v1/things"][ANY][INTEGRATION]["responses"]["default"]
    assert found["statusCode"] == "405"
    assert found["responseParameters"]["method.response.header.Allow"] == "'GET, POST'"
    assert json.loads(found["responseTemplates"]["application/json"])["error"]["code"] == "MethodNotAllowed"


def test_preflights_are_answered_on_the_paths_for_pages_only() -> None:
    found = mocks(METHODS, stage().cors)
    assert {path for path, methods in found.items() if "options" in methods} == {
        method.path for method in METHODS if method.path.startswith("/v1/")
    }


def test_with_several_origins_the_preflight_names_the_one_that_asks() -> None:
    answer = mocks(METHODS, stage().cors)["/v1/things"]["options"][INTEGRATION]["responses"]["default"]
    assert "method.response.header.Access-Control-Allow-Origin" not in answer["responseParameters"]
    assert (
        '["https://a.example.org","https://b.example.org"].contains($origin)'
        in answer["responseTemplates"]["application/json"]
    )


@pytest.mark.parametrize("kind", RESPONSES)
def test_the_gateways_own_answers_have_the_error_shape(kind: str) -> None:
    found = json.loads(RESPONSES[kind].body("id-1", 'words with "quotes"'))
    assert found["error"]["requestId"] == "id-1"
    assert found["error"]["code"]
    assert found["error"]["message"] == found["message"]
    assert found["__type"]


@pytest.mark.parametrize(
    "body",
    [{"name": "a"}, {"name": "a", "size": None, "tags": ["x", "y", "z"], "kind": "thing"}, {"name": "Not small"[:8]}],
)
def test_a_model_takes_what_the_application_takes_and_more(body: Mapping[str, Any]) -> None:
    assert jsonschema.Draft4Validator(model(THING)).is_valid(body)


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "a", "more": 1}, {"name": "a", "kind": "thong"}, []])
def test_a_model_refuses_what_is_plainly_wrong(body: Any) -> None:
    assert not jsonschema.Draft4Validator(model(THING)).is_valid(body)


def test_requests_are_validated_as_far_as_the_stage_says() -> None:
    def validators(text: str) -> set[str | None]:
        paths = properties(stage(text))["DefinitionBody"]["paths"]
        return {paths["/v1/things"][verb].get("x-amazon-apigateway-request-validator") for verb in ("get", "post")}

    assert validators("validation = 'none'") == {None}
    assert validators("validation = 'parameters'") == {"parameters", None}
    assert validators("validation = 'all'") == {"all"}


def test_the_wire_api_is_validated_by_the_application_alone() -> None:
    assert (
        "x-amazon-apigateway-request-validator"
        not in properties(stage())["DefinitionBody"]["paths"]["/datapipeline"]["post"]
    )


def test_a_private_api_denies_all_but_its_endpoints() -> None:
    private = stage("[endpoint]\ntype = 'private'\nvpc_endpoints = ['vpce-1']")
    denied = properties(private)["DefinitionBody"]["x-amazon-apigateway-policy"]["Statement"][1]
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {"StringNotEquals": {"aws:SourceVpce": ["vpce-1"]}}
    assert chalice_settings(private)["api_gateway_endpoint_vpce"] == ["vpce-1"]


def test_keys_belong_to_their_plan_and_have_no_value_in_the_template() -> None:
    resources = template_fragments(stage(), METHODS)["Resources"]
    assert resources["PlanIngest"]["Properties"]["Quota"] == {"Limit": 1000, "Period": "DAY"}
    assert resources["PlanIngest"]["Properties"]["ApiStages"][0]["Throttle"] == {
        "/v1/ingest/{pipeline}/POST": {"RateLimit": 2.0, "BurstLimit": 3}
    }
    assert resources["KeyLine1OfIngest"]["Properties"]["UsagePlanId"] == {"Ref": "PlanIngest"}
    assert "Value" not in resources["KeyLine1"]["Properties"]


def test_operations_of_both_prefixes_have_one_id() -> None:
    by_id: dict[str, list[Method]] = {}
    for method in deployed():
        by_id.setdefault(method.operation, []).append(method)
    assert [method.path for method in by_id["getPipeline"]] == [
        "/v1/pipelines/{pipelineId}",
        "/iam/v1/pipelines/{pipelineId}",
    ]
