"""Endpoints to running containers: our own are started when they are first asked, others are where their authors say.

A model whose container has the environment variable PENSTOCK_URL is served by whatever listens there: so an author's
own container answers under the name that definitions use.
"""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.models.catalogue import IMAGE, MODELS
from local.processes import Child

ROLE = "arn:aws:iam::123456789012:role/DataPipelineDefaultRole"
URL = "PENSTOCK_URL"
_FRESH_SECONDS = 5.0


class NoEndpoint(Exception):
    """There is no such endpoint, or nothing that could answer for it; says which."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What answers for an endpoint."""

    variant: str
    url: str


class Hosting:
    """The endpoints. `sagemaker` gives a client of the embedded control plane."""

    def __init__(self, sagemaker: Callable[[], Any], environment: Mapping[str, str], log: Path) -> None:
        self._sagemaker = sagemaker
        self._environment = environment
        self._log = log
        self._lock = threading.Lock()
        self._children: dict[str, tuple[Child, str]] = {}
        self._known: dict[str, tuple[float, Serving]] = {}

    def serving(self, endpoint: str) -> Serving:
        """What answers for the endpoint, looked up anew every few seconds. Raises NoEndpoint."""
        known = self._known.get(endpoint)
        if known is None or time.monotonic() - known[0] > _FRESH_SECONDS:
            known = self._known[endpoint] = (time.monotonic(), self._found(endpoint))
        return known[1]

    def config(self, endpoint: str) -> Mapping[str, Any]:
        """The endpoint's configuration. Raises NoEndpoint."""
        client = self._sagemaker()
        name = _described(client.describe_endpoint, EndpointName=endpoint)["EndpointConfigName"]
        return _described(client.describe_endpoint_config, EndpointConfigName=name)

    def url_of(self, model: str) -> str:
        """Where the container of a model listens. Raises NoEndpoint."""
        container = _described(self._sagemaker().describe_model, ModelName=model)["PrimaryContainer"]
        given = container.get("Environment", {}).get(URL)
        return given.rstrip("/") if given else self._started(container.get("Image", ""))

    def stop(self) -> None:
        """End our own containers."""
        for child, _ in self._children.values():
            child.stop()

    def _found(self, endpoint: str) -> Serving:
        variant = self.config(endpoint)["ProductionVariants"][0]
        return Serving(variant["VariantName"], self.url_of(variant["ModelName"]))

    def _started(self, image: str) -> str:
        name = image.removeprefix(IMAGE)
        if name not in MODELS or name == image:
            known = ", ".join(IMAGE + model for model in MODELS)
            raise NoEndpoint(f"nothing runs the image '{image}': set {URL} in the model's environment, or use {known}")
        with self._lock:
            running = self._children.get(name)
            if running is None or running[0].ended() is not None:
                child = Child.start(
                    [sys.executable, "-m", "local.models.container", name], self._environment, self._log
                )
                running = self._children[name] = (child, f"http://127.0.0.1:{child.line()}")
            return running[1]


def create(client: Any) -> None:
    """Make the models and endpoints that every embedded run has, where they are not there yet."""
    for name in MODELS:
        full = f"penstock-{name}"
        client.create_model(ModelName=full, PrimaryContainer={"Image": IMAGE + name}, ExecutionRoleArn=ROLE)
        variant = {"VariantName": "AllTraffic", "ModelName": full, "InitialInstanceCount": 1}
        client.create_endpoint_config(
            EndpointConfigName=full, ProductionVariants=[{**variant, "InstanceType": "ml.t2.medium"}]
        )
        client.create_endpoint(EndpointName=full, EndpointConfigName=full)


def _described(method: Callable[..., Mapping[str, Any]], **name: str) -> Mapping[str, Any]:
    try:
        return method(**name)
    except ClientError as error:
        ((_, given),) = name.items()
        raise NoEndpoint(f"{given} not found") from error
