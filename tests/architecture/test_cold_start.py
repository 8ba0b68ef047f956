"""What a container does before its first invocation has begun: counted, since times differ from machine to machine."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = ("control", "tick", "tasks")
HTTP = tuple(f"chalicelib.edge.{name}" for name in ("rest", "rpc", "console", "ingest", "cors", "authorizers"))
STARTED = """
import json, sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
import app
imported = list(sys.modules)
from chalicelib import bootstrap
bootstrap.ports()
print(json.dumps({"imported": imported, "opened": opened, "routes": sorted(app.app.routes)}))
"""


@cache
def started(function: str) -> dict[str, list[str]]:
    """Modules after the import of app.py; files opened until the ports are there; paths of routes."""
    names = {"_HANDLER": f"app.{function}", "PENSTOCK_CONTROL": "aws", "AWS_DEFAULT_REGION": "eu-west-1"}
    environment = {**os.environ, **names, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STARTED]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("function", WORKERS)
def test_a_worker_imports_nothing_of_what_answers_requests(function: str) -> None:
    assert [name for name in started(function)["imported"] if name.startswith(HTTP)] == []
    assert started(function)["routes"] == []


def test_the_api_has_its_routes_and_imports_neither_workers_nor_its_own_description() -> None:
    told = started("app")
    assert {"/datapipeline", "/v1/pipelines", "/console"} <= set(told["routes"])
    beginnings = ("chalicelib.adapters.", "chalicelib.service.perform", "chalicelib.edge.rest.openapi")
    assert [name for name in told["imported"] if name.startswith(beginnings)] == []


@pytest.mark.parametrize("function", ["app", *WORKERS])
def test_no_library_of_aws_is_imported_before_the_first_invocation(function: str) -> None:
    assert {"boto3", "botocore", "sqlite3"} & set(started(function)["imported"]) == set()


@pytest.mark.parametrize("function", ["app", *WORKERS])
def test_only_code_is_read_until_the_ports_are_there(function: str) -> None:
    """No model of a service, thus no client; no file of the console, no template, no document."""
    packages = [str(ROOT), os.sep + "site-packages" + os.sep]
    read = [path for path in started(function)["opened"] if any(place in path for place in packages)]
    assert [path for path in read if not path.endswith((".py", ".pyc", ".so")) and not _made_for_imports(path)] == []


def _made_for_imports(path: str) -> bool:
    """Bytecode while it is written; what installers leave for every interpreter."""
    return ".pyc." in path or path.endswith(".pth")
