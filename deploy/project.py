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

from deploy.policies import PATTERN_STAGE, policies, policy_file
from deploy.site import Site

SOURCES = ("app.py", "requirements.txt", "chalicelib")
CODE = "PENSTOCK_CODE"
"""The environment variable by which a function says what it was made from."""
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


def assemble(site: Site) -> Path:
    """Write the stage's project and return its directory; packages that Chalice made there before are kept."""
    source, project = site.source, site.build / "project"
    for name in SOURCES:
        _replace(source / name, project / name)
    settings = project / ".chalice"
    settings.mkdir(parents=True, exist_ok=True)
    for old in settings.glob("policy-*.json"):
        old.unlink()
    documents = policies(source, site.stage)
    for function, document in documents.items():
        _write(settings / policy_file(site.stage, function), document)
    _write(settings / "config.json", config(settings_of(source), site.stage, {CODE: digest(project)}))
    return project


def config(shared: Mapping[str, Any], stage: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Chalice's settings with `stage` as their only stage, and more environment variables."""
    pattern = shared["stages"][PATTERN_STAGE]
    functions = {
        name: {**values, "iam_policy_file": policy_file(stage, name)}
        for name, values in pattern["lambda_functions"].items()
    }
    variables = {**pattern["environment_variables"], "PENSTOCK_STAGE": stage, **environment}
    return {
        **shared,
        "stages": {stage: {**pattern, "environment_variables": variables, "lambda_functions": functions}},
    }


def settings_of(project: Path) -> dict[str, Any]:
    """Chalice's settings of an assembled project."""
    found: dict[str, Any] = json.loads((project / ".chalice" / "config.json").read_text())
    return found


def digest(project: Path) -> str:
    """A name for what functions are made from: the sources, the requirements and Python's version."""
    found = hashlib.sha256(f"{sys.version_info[0]}.{sys.version_info[1]}".encode())
    paths = [project / name for name in SOURCES]
    for path in sorted(file for root in paths for file in (root.rglob("*") if root.is_dir() else (root,))):
        if path.is_file():
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
