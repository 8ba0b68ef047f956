"""Where a stage is deployed: account, region, clients, and the names of what belongs to the stage."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

REPOSITORY = Path(__file__).resolve().parent.parent
APP = "penstock"
STAGE_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
API_FUNCTION = "api_handler"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_UPLOAD_SECONDS = 120


class BadStage(Exception):
    """A stage cannot have this name."""


@dataclass(frozen=True, slots=True)
class Site:
    """One stage in one account and region.

    embedded  the account is the embedded AWS: its endpoint is on loopback
    source    the working copy that is deployed
    """

    stage: str
    account: str
    partition: str
    region: str
    embedded: bool
    client: Callable[[str], Any]
    source: Path = REPOSITORY

    @property
    def app(self) -> str:
        """What every name of the stage begins with."""
        return f"{APP}-{self.stage}"

    def stack(self, part: str) -> str:
        """Name of a stack: `code`, `foundation` or `app`."""
        return f"{self.app}-{part}"

    @property
    def code_bucket(self) -> str:
        """Name of the bucket with what is deployed: packages, templates, the Task Runner."""
        return f"{self.app}-code-{self.account}-{self.region}"

    @property
    def staging_bucket(self) -> str:
        """Name of the bucket for what passes through."""
        return f"{self.app}-staging-{self.account}-{self.region}"

    def function(self, name: str) -> str:
        """Lambda's name of a function of app.py, as Chalice gives it: the API's has none of its own."""
        return self.app if name == API_FUNCTION else f"{self.app}-{name}"

    def function_arn(self, name: str) -> str:
        """ARN of a function of app.py."""
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.function(name)}"

    @property
    def build(self) -> Path:
        """Directory of what is made for the stage on its way there."""
        return self.source / "build" / self.stage


def checked(stage: str) -> str:
    """`stage`. Raises BadStage for what cannot be a part of every name."""
    if not STAGE_NAME.fullmatch(stage):
        raise BadStage(f"{stage!r} is no stage name: up to 16 lower-case letters and digits, a letter first")
    return stage


def site(stage: str, source: Path = REPOSITORY) -> Site:
    """The stage in the account and region of the environment's credentials. Raises BadStage, or botocore's errors."""
    session = boto3.Session()
    region = session.region_name or "us-east-1"
    config = Config(read_timeout=_UPLOAD_SECONDS, retries={"mode": "standard", "total_max_attempts": 5})
    client = cache(lambda service: session.client(service, region_name=region, config=config))
    caller = client("sts").get_caller_identity()
    partition = caller["Arn"].split(":")[1]
    return Site(checked(stage), caller["Account"], partition, region, _is_embedded(), client, source)


def _is_embedded() -> bool:
    address = os.environ.get("AWS_ENDPOINT_URL")
    return address is not None and urlsplit(address).hostname in _LOOPBACK
