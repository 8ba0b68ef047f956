"""One embedded run as a user has it: a process, its addresses, the AWS CLI and boto3 pointed at it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 180
IMPATIENT = {
    "PENSTOCK_LIMIT_DEFAULT_RETRY_DELAY": "0",
    "PENSTOCK_LIMIT_PRECONDITION_INTERVAL": "1",
    "PENSTOCK_LIMIT_PROGRESS_TIMEOUT": "15",
}
"""Nothing waits half a minute between tries, or a quarter of an hour for a runner that is gone."""
RUN_SECONDS = 60
ENDED = frozenset({"FINISHED", "FAILED", "CASCADE_FAILED", "CANCELED", "TIMEDOUT", "SKIPPED"})
T = TypeVar("T")
Objects = Sequence[Mapping[str, Any]]


def eventually(question: Callable[[], T | None], seconds: float = RUN_SECONDS, what: object = "") -> T:
    """The first true answer; AssertionError with `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"nothing within {seconds} s: {what() if callable(what) else what}")


class Plane:
    """A served embedded run with one control plane."""

    def __init__(self, control: str, home: Path) -> None:
        self.control = control
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves."""
        (self.home / "endpoints.json").unlink(missing_ok=True)
        self.home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "local", "--no-samples", "--control", self.control, "--home", str(self.home)]
        with (self.home / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                [*command, "--port", "0", "--aws-port", "0"],
                cwd=REPOSITORY,
                env=os.environ | IMPATIENT,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        eventually(self._serves, START_SECONDS, self._console)
        self.__dict__.pop("endpoints", None)

    def _serves(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._console()
        return (self.home / "endpoints.json").exists()

    def _console(self) -> str:
        return (self.home / "console.log").read_text()

    def stop(self) -> int:
        """End it as `kill` does; its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(30)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(30)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @cached_property
    def endpoints(self) -> Mapping[str, str]:
        found: Mapping[str, str] = json.loads((self.home / "endpoints.json").read_text())
        return found

    @property
    def environment(self) -> dict[str, str]:
        """What a user exports, and nothing of the user's own AWS configuration."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return kept | {
            "AWS_ENDPOINT_URL": self.endpoints["aws"],
            "AWS_ENDPOINT_URL_DATA_PIPELINE": self.endpoints["wire"],
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "tester",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
        }

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `aws ARGUMENTS`, whatever its exit status."""
        program = str(Path(sys.executable).with_name("aws"))
        return subprocess.run(
            [program, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )

    def aws(self, *arguments: str) -> Any:
        """Run `aws datapipeline ARGUMENTS --output json`; what it prints, read."""
        done = self.cli("datapipeline", *arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def client(self, service: str, key: str = "tester", region: str = "us-east-1") -> Any:
        """A boto3 client; `datapipeline` goes to the wire API. `key` is the access key id and secret."""
        address = self.endpoints["wire" if service == "datapipeline" else "aws"]
        session = boto3.Session(key, key, region_name=region)
        return session.client(service, endpoint_url=address, config=Config(retries={"max_attempts": 1}))

    @property
    def datapipeline(self) -> Any:
        return self.client("datapipeline")

    def bucket(self, name: str) -> str:
        """A fresh bucket with the first data set in it."""
        self.client("s3").create_bucket(Bucket=name)
        return name


def fields(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The API's form of one object of a definition file."""
    found: list[dict[str, Any]] = []
    for key, value in definition.items():
        if key in ("id", "name"):
            continue
        for item in value if isinstance(value, list) else [value]:
            found.append(
                {"key": key, "refValue": item["ref"]} if isinstance(item, dict) else {"key": key, "stringValue": item}
            )
    return found


def api_objects(objects: Objects) -> list[dict[str, Any]]:
    """The API's form of a definition file's objects."""
    return [{"id": item["id"], "name": item.get("name", item["id"]), "fields": fields(item)} for item in objects]


class Pipeline:
    """One pipeline of a plane, driven by boto3."""

    def __init__(self, plane: Plane, name: str, objects: Objects) -> None:
        self._plane = plane
        self.id: str = plane.datapipeline.create_pipeline(name=name, uniqueId=name)["pipelineId"]
        self.put(objects)

    def put(self, objects: Objects) -> None:
        answer = self._plane.datapipeline.put_pipeline_definition(
            pipelineId=self.id, pipelineObjects=api_objects(objects)
        )
        assert not answer["errored"], answer

    def activate(self) -> "Pipeline":
        self._plane.datapipeline.activate_pipeline(pipelineId=self.id)
        return self

    def state(self) -> str:
        answer = self._plane.datapipeline.describe_pipelines(pipelineIds=[self.id])
        found = {item["key"]: item.get("stringValue") for item in answer["pipelineDescriptionList"][0]["fields"]}
        return str(found["@pipelineState"])

    def ids(self, sphere: str = "INSTANCE") -> list[str]:
        pages = self._plane.datapipeline.get_paginator("query_objects").paginate(pipelineId=self.id, sphere=sphere)
        return [item for page in pages for item in page.get("ids", [])]

    def objects(self, sphere: str = "INSTANCE") -> dict[str, dict[str, str]]:
        """Flattened objects by id."""
        ids = self.ids(sphere)
        if not ids:
            return {}
        pages = self._plane.datapipeline.get_paginator("describe_objects").paginate(pipelineId=self.id, objectIds=ids)
        return {item["id"]: flat(item) for page in pages for item in page["pipelineObjects"]}

    def of(self, component: str, sphere: str = "INSTANCE") -> list[dict[str, str]]:
        """The instances (or attempts) of a component, in order of schedule and id."""
        found = [item for item in self.objects(sphere).values() if item["@componentParent"] == component]
        return sorted(found, key=lambda item: item["@id"])

    def statuses(self, component: str) -> list[str]:
        return [item["@status"] for item in self.of(component)]

    def until(self, component: str, *statuses: str, seconds: float = RUN_SECONDS) -> list[dict[str, str]]:
        """Wait until the statuses of the component's instances are exactly these; the instances."""
        eventually(lambda: self.statuses(component) == list(statuses), seconds, self.story)
        return self.of(component)

    def set_status(self, status: str, *ids: str) -> None:
        self._plane.datapipeline.set_status(pipelineId=self.id, objectIds=list(ids), status=status)

    def story(self) -> str:
        """What a failed wait shows."""
        shown = {
            key: {name: item[name] for name in item if name[:1] == "@" or "rror" in name}
            for key, item in self.objects().items()
        }
        attempts = {key: item for key, item in self.objects("ATTEMPT").items() if item.get("@status") == "FAILED"}
        return json.dumps({"state": self.state(), "instances": shown, "failed": attempts}, indent=1)


def flat(item: Mapping[str, Any]) -> dict[str, str]:
    """One object as the CLI flattens it: the last value of a field wins."""
    found = {entry["key"]: entry.get("stringValue", entry.get("refValue", "")) for entry in item["fields"]}
    return {"@id": item["id"]} | found
