"""What puts models and detectors into the embedded AWS."""

import atexit
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.models.api import Application, with_endpoints
from local.models.hosting import Hosting
from local.models.later import Later
from local.models.transforms import Transforms, with_transforms
from local.state_changes import Tell
from local.vision.api import with_rekognition


def with_models(
    inner: Application, clients: Callable[[str], Any], environment: Mapping[str, str], directory: Path, tell: Tell
) -> Application:
    """`inner`, except that what moto has no real answers for is answered by real models.

    clients      of the embedded AWS itself
    environment  of the containers that are started when they are first asked; they end with this process
    tell         hears of transforms that end
    """
    hosting = Hosting(lambda: clients("sagemaker"), environment, directory / "models.log")
    atexit.register(hosting.stop)
    seeing = with_rekognition(inner, clients)
    return with_transforms(with_endpoints(seeing, hosting, Later(clients)), Transforms(hosting, clients, tell))
