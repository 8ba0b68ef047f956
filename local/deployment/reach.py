"""How far the embedded CloudFormation reaches: which types it makes, and a template cut down to them.

moto passes over a type that it does not know, and what refers to such a resource fails or gets nothing. Here those
resources are taken out by name, so that what is missing can be told, and references to them become their names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REACHED: frozenset[str] = frozenset(
    {
        "AWS::ApiGateway::RestApi",
        "AWS::CloudWatch::Dashboard",
        "AWS::DynamoDB::Table",
        "AWS::Events::Rule",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::KMS::Alias",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
        "AWS::Logs::LogGroup",
        "AWS::Logs::ResourcePolicy",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
    }
)
"""Of the types that templates of Penstock may hold, those that moto makes; compared with moto's own list by a test.

Not among them: deployments of an API, since moto reads no methods from an API's document, and deploys none without.
"""
_REFERENCE = re.compile(r"\$\{([^.}!]+)[^}]*\}")


@dataclass(frozen=True, slots=True)
class Reachable:
    """What of a template can be made. `unreached`: logical names by type."""

    template: dict[str, Any]
    unreached: Mapping[str, tuple[str, ...]]


def reachable(template: Mapping[str, Any]) -> Reachable:
    """The template without resources of types that are not made here."""
    resources = {name: _own_key(item) for name, item in template["Resources"].items()}
    gone = {name: item["Type"] for name, item in resources.items() if item["Type"] not in REACHED}
    kept = {name: _named_api(_without(item, gone)) for name, item in resources.items() if name not in gone}
    types = sorted(set(gone.values()))
    cut = {
        **{key: _without(value, gone) for key, value in template.items() if key not in ("Resources", "Transform")},
        "Resources": kept,
    }
    return Reachable(cut, {kind: tuple(name for name, found in gone.items() if found == kind) for kind in types})


def _own_key(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """A replica of another region's key becomes a key of its own, which opens nothing that the other sealed."""
    if resource["Type"] != "AWS::KMS::ReplicaKey":
        return resource
    properties = {name: value for name, value in resource["Properties"].items() if name != "PrimaryKeyArn"}
    return {**resource, "Type": "AWS::KMS::Key", "Properties": properties}


def _named_api(resource: dict[str, Any]) -> dict[str, Any]:
    """An API has its name in its document; moto, which does not read that, wants it beside."""
    properties = resource.get("Properties", {})
    if resource["Type"] != "AWS::ApiGateway::RestApi" or "Name" in properties:
        return resource
    name = properties.get("Body", {}).get("info", {}).get("title", "api")
    return {**resource, "Properties": {**properties, "Name": name}}


def _without(value: Any, gone: Mapping[str, str]) -> Any:
    """`value`, with what refers to a resource in `gone` made that resource's name."""
    if isinstance(value, list):
        return [_without(item, gone) for item in value]
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: found[1] if found[1] in gone else found[0], value)
    if not isinstance(value, Mapping):
        return value
    named = _named(value)
    if named in gone:
        return named
    return {key: _without(item, gone) for key, item in _independent(value, gone).items()}


def _named(value: Mapping[str, Any]) -> str | None:
    if value.keys() == {"Ref"}:
        return str(value["Ref"])
    return str(value["Fn::GetAtt"][0]) if value.keys() == {"Fn::GetAtt"} else None


def _independent(value: Mapping[str, Any], gone: Mapping[str, str]) -> Mapping[str, Any]:
    if "DependsOn" not in value:
        return value
    listed = value["DependsOn"]
    left = [name for name in ([listed] if isinstance(listed, str) else listed) if name not in gone]
    return {key: item for key, item in value.items() if key != "DependsOn"} | ({"DependsOn": left} if left else {})
