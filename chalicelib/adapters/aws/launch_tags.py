"""The tags by which what we launched is told from everything else in an account."""

from collections.abc import Mapping
from typing import Any

TOKEN_TAG = "penstock:token"
STAGE_TAG = "penstock:stage"


def tags_of(listed: Any) -> Mapping[str, str]:
    """EC2's and EMR's list of tags as a mapping."""
    return {item["Key"]: item["Value"] for item in listed or ()}
