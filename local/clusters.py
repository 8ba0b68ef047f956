"""What EMR does with steps and moto does not: run them, one after the other, as processes; and cancel them.

Lives in the process of the embedded AWS, whose memory holds the clusters. A step writes what it says into a folder of
its own and, at its end, into the cluster's log folder in S3, as EMR does.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from moto.backends import get_backend

from local.state_changes import Tell, cluster_changed, nobody, step_changed
from local.steps import NotImitated, command_of

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 0.3
_ENDED = ("TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS")
_TAIL = 500


@dataclass(slots=True)
class _Running:
    """A step that runs."""

    cluster: Any
    step: Any
    process: "subprocess.Popen[bytes]"
    folder: Path
    cancelled: bool = False


class StepRunner:
    """Watches every cluster of the embedded AWS."""

    def __init__(self, directory: Path, tell: Tell = nobody) -> None:
        self._tell = tell
        self._told: dict[str, str] = {}
        self._environment: Mapping[str, str] = {}
        self._directory = directory
        self._known: set[str] = set()
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()

    def start(self, environment: Mapping[str, str]) -> None:
        """Watch until the process ends. `environment` is what steps run in."""
        self._environment = environment
        threading.Thread(target=self._run, name="clusters", daemon=True).start()

    def cancel(self, cluster_id: str, step_ids: list[str]) -> dict[str, Any]:
        """CancelSteps."""
        with self._lock:
            steps = {step.id: step for cluster in _clusters() if cluster.id == cluster_id for step in cluster.steps}
            return {"CancelStepsInfoList": [self._cancelled(name, steps.get(name)) for name in step_ids]}

    def _cancelled(self, name: str, step: Any) -> dict[str, str]:
        if step is None or step.state not in ("PENDING", "RUNNING"):
            return {"StepId": name, "Status": "FAILED", "Reason": "the step is unknown or has ended"}
        running = self._running.get(name)
        if running is None:
            self._known.add(name)  # it may be so new that no look has taken it up yet, and none must
            step.state = "CANCELLED"
            step.end_date_time = datetime.now(UTC)
        else:
            running.cancelled = True
            _kill(running.process)
        return {"StepId": name, "Status": "SUBMITTED"}

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Take note of steps that ended or came, and begin what may begin."""
        with self._lock:
            self._look()

    def _look(self) -> None:
        for running in tuple(self._running.values()):
            if running.cluster.state in _ENDED:
                running.cancelled = True
                _kill(running.process)
            if running.process.poll() is not None:
                self._end(running)
        for cluster in _clusters():
            self._go_on(cluster)

    def _go_on(self, cluster: Any) -> None:
        for step in cluster.steps:
            if step.id not in self._known:
                self._known.add(step.id)
                step.state, step.start_date_time = "PENDING", None
        if cluster.state in _ENDED:
            self._tell_of(cluster, "ended")
            return
        busy = [item for item in self._running.values() if item.cluster is cluster]
        waiting = [step for step in cluster.steps if step.state == "PENDING"]
        for step in waiting[: max(0, (cluster.step_concurrency_level or 1) - len(busy))]:
            self._begin(cluster, step)
        cluster.state = "RUNNING" if busy or waiting else "WAITING"
        self._tell_of(cluster, "up")

    def _tell_of(self, cluster: Any, what: str) -> None:
        if self._told.get(cluster.id) != what:
            self._told[cluster.id] = what
            self._tell(cluster_changed(cluster.id, cluster.name, cluster.state))

    def _finish(self, cluster: Any, step: Any, state: str, reason: str) -> None:
        step.state, step.end_date_time = state, datetime.now(UTC)
        if reason:
            step.last_state_change_reason = reason
        self._tell(step_changed(cluster.id, step.id, step.name, state, reason))

    def _begin(self, cluster: Any, step: Any) -> None:
        folder = self._directory / cluster.id / step.id
        folder.mkdir(parents=True, exist_ok=True)
        step.state, step.start_date_time = "RUNNING", datetime.now(UTC)
        try:
            command = command_of(step.jar, step.args or [], self._environment)
        except NotImitated as error:
            self._finish(cluster, step, "FAILED", str(error))
            return
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "local.leashed", *command],
                cwd=folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self._running[step.id] = _Running(cluster, step, process, folder)
        LOG.info("step begins cluster=%s step=%s pid=%s", cluster.id, step.id, process.pid)

    def _end(self, running: _Running) -> None:
        del self._running[running.step.id]
        if running.process.stdin is not None:
            running.process.stdin.close()
        code = running.process.returncode
        threading.Thread(target=self._keep_logs, args=(running,)).start()
        if running.cancelled:
            self._finish(running.cluster, running.step, "CANCELLED", "it was cancelled")
        elif code == 0:
            self._finish(running.cluster, running.step, "COMPLETED", "")
        else:
            said = (running.folder / "stderr").read_bytes()[-_TAIL:].decode(errors="replace").strip()
            self._finish(running.cluster, running.step, "FAILED", f"exit code {code}: {said}")

    def _keep_logs(self, running: _Running) -> None:
        if not running.cluster.log_uri:
            return
        place = urlsplit(running.cluster.log_uri)
        keys = {
            "endpoint_url": self._environment["AWS_ENDPOINT_URL"],
            "aws_access_key_id": self._environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self._environment["AWS_SECRET_ACCESS_KEY"],
        }
        s3 = boto3.Session(region_name="us-east-1").client("s3", **keys)
        folder = f"{place.path.strip('/')}/{running.cluster.id}/steps/{running.step.id}/".lstrip("/")
        for name in ("stdout", "stderr"):
            with suppress(s3.exceptions.ClientError):
                s3.upload_file(str(running.folder / name), place.netloc, folder + name)


def cancel_request(body: bytes, runner: StepRunner) -> bytes:
    """The answer to a CancelSteps request."""
    asked = json.loads(body)
    return json.dumps(runner.cancel(asked["ClusterId"], asked["StepIds"])).encode()


def _clusters() -> Iterator[Any]:
    for regions in get_backend("emr").values():
        for backend in tuple(regions.values()):
            yield from tuple(backend.clusters.values())


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
