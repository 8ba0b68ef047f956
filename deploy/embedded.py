"""Where a deployment treats the embedded AWS otherwise than AWS: the only module that knows `local`, and only then."""

import ast
import importlib
from collections.abc import Mapping
from typing import Any

from deploy.site import Site

Unreached = Mapping[str, tuple[str, ...]]


def fitted(site: Site, template: dict[str, Any]) -> tuple[dict[str, Any], Unreached]:
    """The template as the site's CloudFormation can make it, and the resources that it cannot, by type."""
    if not site.embedded:
        return template, {}
    plain = importlib.import_module("local.deployment.sam").translated(template, site.region)
    found = importlib.import_module("local.deployment.reach").reachable(plain)
    return found.template, found.unreached


def told(site: Site, value: str) -> str:
    """A parameter's value as CloudFormation tells it; the embedded one tells a list in Python's words."""
    if not (site.embedded and value.startswith("[")):
        return value
    return ",".join(ast.literal_eval(value))


def complete(site: Site, template: Mapping[str, Any]) -> None:
    """Turn on the recovery of a template's tables, which the embedded CloudFormation passes over."""
    if not site.embedded:
        return
    wanted = {"PointInTimeRecoveryEnabled": True}
    for item in template["Resources"].values():
        if item["Type"] == "AWS::DynamoDB::Table" and "PointInTimeRecoverySpecification" in item["Properties"]:
            name = item["Properties"]["TableName"]["Fn::Sub"].replace("${Stage}", site.stage)
            site.client("dynamodb").update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=wanted)
