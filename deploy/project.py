"""The Chalice project of one stage, in a directory of its own: what is deployed and nothing else.

So that a deployment writes into no file under version control, and no stray file of a working copy reaches a function.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy import layer
from deploy.gateway import chalice_settings, function_environment
from deploy.policies import DEFINITIONS_ROLE, MACHINES_ROLE, PATTERN_STAGE, naming, policies, policy_file, traced
from deploy.site import Site
from deploy.surroundings import Surroundings

SOURCES = ("app.py", "requirements.txt", "chalicelib")
RUNNER_KEY = "taskrunner.pyz"
STARTS_MACHINES = "control"
WIRE = "PENSTOCK_WIRE_URL"
"""The variable by which the function that starts machines is told what their Task Runners poll."""
CODE = "PENSTOCK_CODE"
"""The environment variable by which a function says what it was made from."""
_BYTECODE = "__pycache__"
_LEFT_OUT = shutil.ignore_patterns(_BYTECODE, "*.pyc", ".*")


def assemble(site: Site, around: Surroundings) -> Path:
    """Write the stage's project and return its directory; packages that Chalice made there before are kept."""
    source, project = site.source, site.build / "project"
    for name in SOURCES:
        _replace(source / name, project / name)
    settings = project / ".chalice"
    settings.mkdir(parents=True, exist_ok=True)
    for old in settings.glob("policy-*.json"):
        old.unlink()
    roles = {DEFINITIONS_ROLE: around.settings.roles, MACHINES_ROLE: around.settings.machine_roles}
    for function, document in policies(source, site.stage).items():
        named = naming(document, roles)
        allowed = traced(named) if around.settings.tracing else named
        _write(settings / policy_file(site.stage, function), allowed)
    _write(settings / "config.json", config(settings_of(source), site, around, digest(project)))
    return project


def config(shared: dict[str, Any], site: Site, around: Surroundings, code: str) -> dict[str, Any]:
    """Chalice's settings, with the site's stage as their only one and everything said of it. `code`: see CODE."""
    pattern = merged(shared["stages"][PATTERN_STAGE], chalice_settings(around.settings))
    names = pattern["lambda_functions"]
    functions: dict[str, dict[str, Any]] = {name: {"iam_policy_file": policy_file(site.stage, name)} for name in names}
    told = function_environment(around.settings)
    told |= {"PENSTOCK_STAGE": site.stage, "PENSTOCK_RUNNER": f"s3://{site.code_bucket}/{RUNNER_KEY}", CODE: code}
    if around.user_pool is not None:
        told["PENSTOCK_USER_POOL_ARN"] = around.user_pool
    if around.sign_in is not None:
        told["PENSTOCK_SIGN_IN"], told["PENSTOCK_CONSOLE_CLIENT"] = around.sign_in
    own: dict[str, Any] = {"environment_variables": told, "lambda_functions": functions}
    if around.address is not None:
        functions[STARTS_MACHINES]["environment_variables"] = {WIRE: f"{around.address}/datapipeline"}
    if around.video is not None:
        for name in layer.FUNCTIONS:
            functions[name]["layers"] = [around.video]
    return {**shared, "stages": {site.stage: merged(pattern, own)}}


def merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both, deeply; what `other` says of a value wins."""
    both = {key: merged(one[key], value) for key, value in other.items() if _deeper(one.get(key), value)}
    return {**one, **other, **both}


def _deeper(one: object, other: object) -> bool:
    return isinstance(one, dict) and isinstance(other, dict)


def settings_of(project: Path) -> dict[str, Any]:
    """Chalice's settings of an assembled project."""
    found: dict[str, Any] = json.loads((project / ".chalice" / "config.json").read_text())
    return found


def digest(project: Path) -> str:
    """A name for what functions are made from: the sources, the requirements and Python's version.

    Not the bytecode that is there once Chalice has imported the application: it is not the same each time.
    """
    found = hashlib.sha256(f"{sys.version_info[0]}.{sys.version_info[1]}".encode())
    paths = [project / name for name in SOURCES]
    for path in sorted(file for root in paths for file in (root.rglob("*") if root.is_dir() else (root,))):
        if path.is_file() and path.parent.name != _BYTECODE:
            found.update(path.relative_to(project).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:20]


def _replace(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_LEFT_OUT)
    else:
        shutil.copyfile(source, target)


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")
