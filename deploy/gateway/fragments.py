"""The stage's settings as a template to merge into the one that `chalice package` writes.

Chalice names the API `RestAPI` and writes its routes as Swagger 2.0 into `DefinitionBody`; the merge is deep, lists are
replaced. CloudFormation cannot set who may ask for a fresh answer (it leaves the service's defaults, which are ours):
plan.py sets what differs from them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deploy.gateway import log_role, naming
from deploy.gateway.access_log import FORMAT
from deploy.gateway.caching import kept_seconds, key_headers, key_parameters
from deploy.gateway.method_settings import TRANSLATED, MethodSetting, escaped, method_settings, plan_rates
from deploy.gateway.mocks import INTEGRATION, mocks
from deploy.gateway.models import model, model_name
from deploy.gateway.policy import policy
from deploy.gateway.responses import RESPONSES, GatewayResponse, headers
from deploy.methods import Method
from deploy.stage import Domain, EndpointType, Stage, UsagePlan, Validation

Fragment = dict[str, Any]
API: Fragment = {"Ref": "RestAPI"}
API_STAGE: Fragment = {"Ref": "RestAPI.Stage"}
VALIDATORS: Mapping[Validation, str] = {Validation.PARAMETERS: "parameters", Validation.ALL: "all"}


def template_fragments(stage: Stage, methods: Sequence[Method]) -> Fragment:
    """A template to merge; see the module for what it is merged into."""
    resources: Fragment = {"RestAPI": {"Properties": _api(stage, methods)}}
    resources |= _log_resources(stage) | _plan_resources(stage, methods)
    resources |= _domain_resources(stage) | _firewall_resources(stage)
    functions = {"Environment": {"Variables": function_environment(stage)}}
    return {"Globals": {"Api": {"OpenApiVersion": "2.0"}, "Function": functions}, "Resources": resources}


def function_environment(stage: Stage) -> dict[str, str]:
    """What the functions are told of the stage, for `environment_variables` in .chalice/config.json too."""
    return {"PENSTOCK_ORIGINS": ",".join(stage.cors.origins if stage.cors else ())}


def chalice_settings(stage: Stage) -> Fragment:
    """What .chalice/config.json has a key for; the stage's entry there must hold the same."""
    found: Fragment = {
        "api_gateway_stage": naming.API_STAGE,
        "api_gateway_endpoint_type": stage.endpoint.type.value.upper(),
        "xray": stage.tracing,
    }
    if stage.endpoint.vpc_endpoints:
        found["api_gateway_endpoint_vpce"] = list(stage.endpoint.vpc_endpoints)
    if stage.minimum_compression_bytes is not None:
        found["minimum_compression_size"] = stage.minimum_compression_bytes
    return found


def _api(stage: Stage, methods: Sequence[Method]) -> Fragment:
    found: Fragment = {
        "EndpointConfiguration": _endpoint(stage),
        "DisableExecuteApiEndpoint": not stage.endpoint.default_address,
        "TracingEnabled": stage.tracing,
        "CacheClusterEnabled": stage.cache is not None,
        "MethodSettings": [_method_setting(each) for each in method_settings(stage, methods)],
        "DefinitionBody": definition(stage, methods),
    }
    if stage.cache is not None:
        found["CacheClusterSize"] = stage.cache.size_gb
    if stage.minimum_compression_bytes is not None:
        found["MinimumCompressionSize"] = stage.minimum_compression_bytes
    if stage.logs.access:
        found["AccessLogSetting"] = {"DestinationArn": {"Fn::GetAtt": ["AccessLog", "Arn"]}, "Format": FORMAT}
    return found


def _endpoint(stage: Stage) -> Fragment:
    found: Fragment = {"Type": stage.endpoint.type.value.upper()}
    if stage.endpoint.vpc_endpoints:
        found["VPCEndpointIds"] = list(stage.endpoint.vpc_endpoints)
    return found


def _method_setting(setting: MethodSetting) -> Fragment:
    path = setting.path if setting.path == "/*" else f"/{escaped(setting.path)}"
    named = {TRANSLATED[key][1]: value for key, value in setting.values.items() if TRANSLATED[key][1]}
    return {"ResourcePath": path, "HttpMethod": setting.verb} | named


def definition(stage: Stage, methods: Iterable[Method]) -> Fragment:
    """What is added to the API's Swagger document."""
    listed = tuple(methods)
    paths: Fragment = {path: dict(found) for path, found in mocks(listed, stage.cors).items()}
    for method in listed:
        paths[method.path][method.verb.lower()] = _method(stage, method)
    found: Fragment = {
        "paths": paths,
        "definitions": _models(stage, listed),
        "x-amazon-apigateway-request-validators": {
            "parameters": {"validateRequestBody": False, "validateRequestParameters": True},
            "all": {"validateRequestBody": True, "validateRequestParameters": True},
        },
        "x-amazon-apigateway-gateway-responses": {
            kind: _response(response, headers(stage.cors)) for kind, response in RESPONSES.items()
        },
    }
    rules = policy(stage.endpoint)
    return found if rules is None else found | {"x-amazon-apigateway-policy": rules}


def _response(response: GatewayResponse, sent: Mapping[str, str]) -> Fragment:
    found: Fragment = {"responseTemplates": {"application/json": response.template()}}
    if sent:
        found["responseParameters"] = dict(sent)
    return found if response.status is None else found | {"statusCode": response.status}


def validates_body(stage: Stage, method: Method) -> bool:
    """Whether API Gateway compares the method's bodies with a model."""
    return stage.validation is Validation.ALL and method.body is not None


def validator_of(stage: Stage, method: Method) -> str | None:
    """The name of the validator that the method needs; None where there is nothing to check."""
    if stage.validation is Validation.NONE or method.query is None:
        return None
    needed = any(method.query.values()) or validates_body(stage, method)
    return VALIDATORS[stage.validation] if needed else None


def _models(stage: Stage, methods: Iterable[Method]) -> Fragment:
    wanted = [method for method in methods if validates_body(stage, method)]
    return {
        model_name(method): {key: value for key, value in model(method.body or {}).items() if key != "$schema"}
        for method in wanted
    }


def _method(stage: Stage, method: Method) -> Fragment:
    found: Fragment = {}
    validator = validator_of(stage, method)
    if validator is not None:
        found["x-amazon-apigateway-request-validator"] = validator
    parameters = [*_parameters(stage, method)]
    if validates_body(stage, method):
        body = {"$ref": f"#/definitions/{model_name(method)}"}
        parameters.append({"name": model_name(method), "in": "body", "required": True, "schema": body})
        found["consumes"] = ["application/json"]
    if parameters:
        found["parameters"] = parameters
    if kept_seconds(stage, method) is not None:
        found[INTEGRATION] = {"cacheKeyParameters": list(key_parameters(method))}
    return found


def _parameters(stage: Stage, method: Method) -> Iterable[Fragment]:
    for name in method.path_parameters:
        yield {"name": name, "in": "path", "required": True, "type": "string"}
    for name, required in (method.query or {}).items():
        yield {"name": name, "in": "query", "required": required, "type": "string"}
    if kept_seconds(stage, method) is not None:
        for name in key_headers(method):
            yield {"name": name, "in": "header", "required": False, "type": "string"}


def _log_resources(stage: Stage) -> Fragment:
    days = {"RetentionInDays": stage.logs.retention_days}
    if not stage.logs.access and stage.logs.level == "OFF":
        return {}
    allowed = {"PolicyName": log_role.POLICY_NAME, "PolicyDocument": log_role.permissions()}
    role = {"AssumeRolePolicyDocument": log_role.trust(), "Policies": [allowed]}
    # The account has one such role for all its APIs: taking it away with this stack would silence the others.
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return {
        "AccessLog": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": naming.log_group(stage.name)} | days,
        },
        "GatewayLogRole": {"Type": "AWS::IAM::Role", "Properties": role} | kept,
        "GatewayAccount": {
            "Type": "AWS::ApiGateway::Account",
            "Properties": {"CloudWatchRoleArn": {"Fn::GetAtt": ["GatewayLogRole", "Arn"]}},
        }
        | kept,
    }


def _plan_resources(stage: Stage, methods: Sequence[Method]) -> Fragment:
    found: Fragment = {}
    for name, plan in stage.usage_plans.items():
        logical = naming.logical("plan", name)
        found[logical] = {"Type": "AWS::ApiGateway::UsagePlan", "Properties": _plan(stage.name, name, plan, methods)}
        for key in plan.keys:
            found[naming.logical("key", key)] = _key(stage.name, key)
            found[naming.logical("key", key, "of", name)] = {
                "Type": "AWS::ApiGateway::UsagePlanKey",
                "Properties": {
                    "KeyId": {"Ref": naming.logical("key", key)},
                    "KeyType": "API_KEY",
                    "UsagePlanId": {"Ref": logical},
                },
            }
    return found


def _plan(stage: str, name: str, plan: UsagePlan, methods: Sequence[Method]) -> Fragment:
    single = {
        path: {"RateLimit": rate.rate, "BurstLimit": rate.burst} for path, rate in plan_rates(plan, methods).items()
    }
    found: Fragment = {
        "UsagePlanName": naming.plan_name(stage, name),
        "ApiStages": [{"ApiId": API, "Stage": API_STAGE} | ({"Throttle": single} if single else {})],
        "Throttle": {"RateLimit": plan.rate, "BurstLimit": plan.burst},
    }
    if plan.quota is not None:
        found["Quota"] = {"Limit": plan.quota, "Period": plan.period.value}
    return found


def _key(stage: str, key: str) -> Fragment:
    return {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Name": naming.key_name(stage, key), "Enabled": True}}


def _domain_resources(stage: Stage) -> Fragment:
    if stage.domain is None:
        return {}
    mapping: Fragment = {"DomainName": {"Ref": "ApiDomain"}, "RestApiId": API, "Stage": API_STAGE}
    if stage.domain.base_path:
        mapping["BasePath"] = stage.domain.base_path
    return {
        "ApiDomain": {
            "Type": "AWS::ApiGateway::DomainName",
            "Properties": _domain(stage.domain, stage.endpoint.type),
        },
        "ApiDomainMapping": {"Type": "AWS::ApiGateway::BasePathMapping", "Properties": mapping},
    }


def _domain(domain: Domain, endpoint: EndpointType) -> Fragment:
    certificate = "CertificateArn" if endpoint is EndpointType.EDGE else "RegionalCertificateArn"
    found: Fragment = {
        "DomainName": domain.name,
        certificate: domain.certificate_arn,
        "EndpointConfiguration": {"Types": [endpoint.value.upper()]},
        "SecurityPolicy": domain.security_policy,
    }
    if domain.truststore:
        found["MutualTlsAuthentication"] = {"TruststoreUri": domain.truststore}
        if domain.truststore_version:
            found["MutualTlsAuthentication"]["TruststoreVersion"] = domain.truststore_version
    return found


def _firewall_resources(stage: Stage) -> Fragment:
    if stage.firewall is None:
        return {}
    arn = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${RestAPI}/stages/${RestAPI.Stage}"
    properties = {"ResourceArn": {"Fn::Sub": arn}, "WebACLArn": stage.firewall.web_acl_arn}
    return {"FirewallAssociation": {"Type": "AWS::WAFv2::WebACLAssociation", "Properties": properties}}


def as_json(fragment: Fragment) -> str:
    """The template as the file that `chalice package --merge-template` reads."""
    return json.dumps(fragment, indent=1)
