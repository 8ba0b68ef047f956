"""The component as it is deployed: built, its recipe held against the format, its archive run against a real model."""

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from greengrass.build import build
from greengrass.recipe import CONFIGURATION, faults, recipe
from local.iot.certificates import prepare
from local.iot.mqtt.server import Server

FOLDER = "s3://bucket/components"


class Model(BaseHTTPRequestHandler):
    """By SageMaker's container contract: doubles a number, refuses what is none."""

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        found = json.loads(content)
        good = isinstance(found, int)
        self.send_response(200 if good else 400)
        self.end_headers()
        self.wfile.write(json.dumps({"double": 2 * found}).encode() if good else b"{}")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def model() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/invocations"
    server.shutdown()
    server.server_close()


def test_the_recipe_is_as_the_format_demands() -> None:
    assert faults(recipe("1.2.3", FOLDER)) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"ComponentVersion": "1.2"}, "semantic version"),
        ({"RecipeFormatVersion": "2019"}, "2020-01-25"),
        ({"ComponentName": "a b"}, "ComponentName"),
        ({"Manifests": []}, "Manifests is missing"),
        ({"Extra": 1}, "Extra is unknown"),
        ({"Manifests": [{"Lifecycle": {"begin": "x"}}]}, "no stage begin"),
        ({"Manifests": [{"Lifecycle": {"run": "x", "startup": "y"}}]}, "both run and startup"),
        ({"Manifests": [{"Lifecycle": {"run": "{configuration:/none}"}}]}, "no default"),
        ({"Manifests": [{"Lifecycle": {"run": "{nothing}"}}]}, "no variable"),
        ({"Manifests": [{"Artifacts": [{"Uri": "https://x/y.zip"}]}]}, "not in S3"),
        ({"Manifests": [{"Artifacts": [{"Uri": "s3://x/y", "Unarchive": "TAR"}]}]}, "NONE or ZIP"),
    ],
)
def test_a_recipe_that_the_format_refuses_is_found_out(changed: dict[str, Any], fault: str) -> None:
    assert any(fault in found for found in faults({**recipe("1.2.3", FOLDER), **changed}))


def test_a_version_that_is_none_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="semantic version"):
        build("one", FOLDER, tmp_path)


def test_the_same_content_gives_the_same_archive(tmp_path: Path) -> None:
    first, second = (build("1.0.0", FOLDER, tmp_path / name)[1].read_bytes() for name in "ab")
    assert first == second


def command(recipe_file: Path, archive: Path, values: dict[str, str]) -> list[str]:
    """What Greengrass would run, with this interpreter: the recipe's script with its variables filled in."""
    script = json.loads(recipe_file.read_text())["Manifests"][0]["Lifecycle"]["run"]["Script"]
    script = script.replace("{artifacts:path}", str(archive.parent)).replace("{iot:thingName}", "core-1")
    for name, value in {**CONFIGURATION, **values}.items():
        script = script.replace(f"{{configuration:/{name}}}", value)
    program, *rest = shlex.split(script)
    assert program == "python3"
    return [sys.executable, *rest, "--once"]


def test_the_built_component_publishes_one_result_an_item(tmp_path: Path, model: str) -> None:
    heard: list[tuple[str, bytes]] = []
    certificates = prepare(tmp_path / "certificates")
    server = Server(lambda publish, sender: heard.append((publish.topic, publish.payload)), certificates)
    server.start(0, 0)
    items = tmp_path / "items"
    items.mkdir()
    (items / "a.jsonl").write_text('1\n"x"\n\n21\n')
    recipe_file, archive = build("1.0.0", FOLDER, tmp_path / "dist")
    values = {
        "endpoint": "localhost",
        "port": str(server.tls_port),
        "authority": str(certificates.authority),
        "certificate": str(certificates.device),
        "key": str(certificates.device_key),
        "topic": "penstock/results",
        "items": str(items),
        "model": model,
    }
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    started = command(recipe_file, archive, values)
    for expected in ("results published: 3", "results published: 0"):
        done = subprocess.run(started, cwd=tmp_path, env=bare, capture_output=True, text=True, check=True, timeout=100)
        assert done.stdout.strip() == expected
    server.stop()
    results = [json.loads(payload) for _, payload in heard]
    assert {topic for topic, _ in heard} == {"penstock/results"}
    assert [result["item"] for result in results] == ["core-1/a.jsonl#1", "core-1/a.jsonl#2", "core-1/a.jsonl#4"]
    assert [result["output"] for result in results] == [{"double": 2}, None, {"double": 42}]
    assert results[1]["error"]["code"] == "ModelError"
