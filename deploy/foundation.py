"""What outlives code, as two stacks: the bucket of what is deployed, then tables, queues, keys and their neighbours."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from deploy import stacks
from deploy.changes import ABSENT, Change, differences
from deploy.embedded import Unreached, complete, fitted
from deploy.site import Site
from deploy.stacks import Outcome
from deploy.surroundings import address, settings_of
from deploy.template import read

PARTS: Mapping[str, str] = {"code": "infra/code.yaml", "foundation": "infra/foundation.yaml"}
"""Stacks by the last part of their name, in the order in which they are made."""


class Orphaned(Exception):
    """Tables of an earlier foundation exist, and the stack that made them does not."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(
            f"these exist without the stack that made them: {', '.join(names)}. Delete them with "
            "`python -m deploy down --data`, or import them into a stack of that name"
        )


def template(site: Site, part: str) -> tuple[dict[str, Any], Unreached]:
    """A part's template for the site, and what the site's CloudFormation does not make of it."""
    return fitted(site, read(site.source / PARTS[part]))


def parameters(site: Site, wanted: Mapping[str, Any]) -> Mapping[str, str]:
    """What a part's template is given: the stage, and where people come back to when there is a pool to sign in to."""
    at = address(site, settings_of(site)) if "ConsoleClient" in wanted["Resources"] else None
    return {"Stage": site.stage} | ({"ConsoleUrls": f"{at}/console"} if at is not None else {})


def bring(site: Site, part: str, more: Mapping[str, str] = MappingProxyType({})) -> tuple[Outcome, Unreached]:
    """Create or update a part, with `more` parameters than usual. Raises StackFailed, or Orphaned."""
    wanted, unreached = template(site, part)
    name = site.stack(part)
    if stacks.find(site, name) is None:
        _refuse_orphans(site, wanted)
    outcome = stacks.bring(site, name, wanted, {**parameters(site, wanted), **more})
    complete(site, wanted)
    return outcome, unreached


def changes(site: Site, part: str) -> Iterator[Change]:
    """What `bring` would change."""
    wanted, _ = template(site, part)
    name = site.stack(part)
    present = stacks.standing(site, name)
    if present is None:
        yield Change(f"stack {name}", ABSENT, f"{len(wanted['Resources'])} resources")
        return
    for section in ("Parameters", "Conditions", "Resources", "Outputs"):
        yield from differences(f"{name}/{section}", present.template.get(section, {}), wanted.get(section, {}))
    given = parameters(site, wanted)
    yield from differences(f"{name}/given", {key: present.parameters.get(key) for key in given}, given)


def kept(site: Site, part: str) -> Mapping[str, str]:
    """Types, by logical name, of a part's resources that outlive their stack."""
    resources = read(site.source / PARTS[part])["Resources"]
    return {name: item["Type"] for name, item in resources.items() if item.get("DeletionPolicy") == "Retain"}


def _refuse_orphans(site: Site, wanted: Mapping[str, Any]) -> None:
    names = {
        item["Properties"]["TableName"]["Fn::Sub"].replace("${Stage}", site.stage)
        for item in wanted["Resources"].values()
        if item["Type"] == "AWS::DynamoDB::Table"
    }
    pages = site.client("dynamodb").get_paginator("list_tables").paginate()
    orphans = tuple(sorted(name for page in pages for name in page["TableNames"] if name in names))
    if orphans:
        raise Orphaned(orphans)
