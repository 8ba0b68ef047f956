"""The only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class ControlPlane(Enum):
    """Which adapters hold the store and the queues."""

    SQLITE = "sqlite"
    AWS = "aws"


@dataclass(frozen=True, slots=True)
class Settings:
    """One container's configuration.

    control   SQLITE for the embedded run, AWS when deployed
    database  path of the SQLite file
    stage     prefix of every table, queue and topic: `penstock-<stage>-…`
    """

    control: ControlPlane
    database: str
    stage: str
    region: str

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read `PENSTOCK_*` and the AWS region; raise KeyError for a required one that is missing."""
        return cls(
            control=ControlPlane(environment.get("PENSTOCK_CONTROL", "aws")),
            database=environment.get("PENSTOCK_DATABASE", ":memory:"),
            stage=environment.get("PENSTOCK_STAGE", "dev"),
            region=environment.get("AWS_REGION", environment.get("AWS_DEFAULT_REGION", "us-east-1")),
        )
