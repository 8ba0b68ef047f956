"""Ids that say in which region a machine or cluster is: `i-0abc…` at home, `us-west-2:i-0abc…` elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Regions:
    """One service's clients by region. `home` is where resources are whose object names no region."""

    clients: Callable[[str], Any]
    home: str

    def client(self, region: str | None) -> Any:
        """The client of a region; None is home."""
        return self.clients(region or self.home)

    def named(self, region: str | None, resource: str) -> str:
        """The id by which a resource is found again."""
        return resource if region in (None, "", self.home) else f"{region}:{resource}"

    def placed(self, resource_id: str) -> tuple[Any, str]:
        """The client that reaches a resource, and its id there."""
        region, _, resource = resource_id.rpartition(":")
        return self.client(region), resource
