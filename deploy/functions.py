"""What a stage's functions would change to: their code, settings, policies, routes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chalice.config import Config

from deploy.changes import ABSENT, Change, differences
from deploy.manifest import Manifest
from deploy.project import settings_of
from deploy.remembered import deployed_functions, rest_api, schedule, schedules
from deploy.site import Site


def changes(site: Site, project: Path, declared: Manifest) -> Iterator[Change]:
    """How the account's functions, their roles, schedules and API differ from what the project says."""
    settings = settings_of(project)
    present = deployed_functions(site)
    for name in sorted({*present, *declared.functions}):
        where = f"function {site.function(name)}"
        if name not in present:
            yield Change(where, ABSENT, "a new function")
        elif name not in declared.functions:
            yield Change(where, "the function", ABSENT)
        else:
            yield from differences(where, _present(present[name]), _wanted(settings, site.stage, name))
            yield from _policy_changes(site, project, settings, name)
    rules = schedules(site)
    absent = [name for name in declared.scheduled if schedule(site, name) not in rules]
    yield from (Change(f"schedule of {site.function(name)}", ABSENT, "a new schedule") for name in absent)
    if rest_api(site) is None:
        yield Change("API", ABSENT, "a new API")


def bring_environments(site: Site, project: Path, declared: Manifest) -> Sequence[str]:
    """Give functions the environment that the project says, where it differs; return those that were changed."""
    settings = settings_of(project)
    present = deployed_functions(site)
    changed = []
    for name in (name for name in declared.functions if name in present):
        variables = _wanted(settings, site.stage, name)["environment"]
        if variables != _present(present[name])["environment"]:
            update = site.client("lambda").update_function_configuration
            update(FunctionName=site.function(name), Environment={"Variables": variables})
            changed.append(site.function(name))
    return changed


def _present(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "runtime": item["Runtime"],
        "memory": item["MemorySize"],
        "timeout": item["Timeout"],
        "environment": item.get("Environment", {}).get("Variables", {}),
        "layers": [layer["Arn"] for layer in item.get("Layers") or ()],
    }


def _wanted(settings: dict[str, Any], stage: str, name: str) -> dict[str, Any]:
    config = Config(stage, name, config_from_disk=settings)
    return {
        "runtime": config.lambda_python_version,
        "memory": config.lambda_memory_size,
        "timeout": config.lambda_timeout,
        "environment": config.environment_variables,
        "layers": config.layers or [],
    }


def _policy_changes(site: Site, project: Path, settings: dict[str, Any], name: str) -> Iterator[Change]:
    file = Config(site.stage, name, config_from_disk=settings).iam_policy_file
    role = f"{site.app}-{name}"
    found = site.client("iam").get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
    wanted = json.loads((project / ".chalice" / file).read_text())
    before, after = ({item["Sid"]: item for item in document["Statement"]} for document in (found, wanted))
    yield from differences(f"policy of role {role}", before, after)
