"""What EC2's hypervisors do: a process for every instance that runs, and no process for one that ended.

moto keeps instances as rows only. This watches the rows: a new one boots (see machine.py), an ended one is shut down,
and when a machine's own process ends its instance is terminated, as the shutdown behaviour of the real ones says.
"""

import base64
import logging
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.machine import runner_arguments
from local.processes import Child

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 0.5


class Machines:
    """The processes of all instances."""

    def __init__(self, ec2: Any, environment: Mapping[str, str], directory: Path) -> None:
        self._ec2 = ec2
        self._environment = environment
        self._directory = directory
        self._children: dict[str, Child] = {}
        self._known: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="machines", daemon=True)

    def start(self) -> None:
        """Watch until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more and end every machine's process."""
        self._stopping.set()
        self._thread.join()
        for child in self._children.values():
            child.ask_to_end()
        for child in self._children.values():
            child.stop()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._look()
            except (ClientError, BotoCoreError) as error:
                LOG.warning("watching instances failed error=%s", error)

    def _look(self) -> None:
        states = self._states()
        for instance in sorted(set(states) - self._known):
            self._known.add(instance)
            self._boot(instance)
        for instance, child in tuple(self._children.items()):
            if states.get(instance) not in ("pending", "running"):
                del self._children[instance]
                threading.Thread(target=child.stop, name=f"stop-{instance}").start()
            elif child.ended() is not None:
                LOG.info("machine ended by itself instance=%s status=%s", instance, child.ended())
                self._ec2.terminate_instances(InstanceIds=[instance])

    def _states(self) -> Mapping[str, str]:
        pages = self._ec2.get_paginator("describe_instances").paginate()
        groups = [group for page in pages for group in page["Reservations"]]
        return {item["InstanceId"]: item["State"]["Name"] for group in groups for item in group["Instances"]}

    def _boot(self, instance: str) -> None:
        answer = self._ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")
        encoded = answer.get("UserData", {}).get("Value", "")
        arguments = runner_arguments(base64.b64decode(encoded).decode())
        if arguments is None:
            return
        home = self._directory / instance
        home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "local.machine", *arguments]
        self._children[instance] = Child.start(command, self._environment, home / "console.log", cwd=home)
        LOG.info("machine booted instance=%s pid=%s", instance, self._children[instance].pid)
