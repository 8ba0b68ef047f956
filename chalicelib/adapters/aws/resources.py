"""Ec2Resource to EC2, EmrCluster to EMR: ports/compute.py over both. A cluster's id begins with `j-`.

Everything launched carries the stage, since several deployments may share an account and each may end only its own.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.adapters.aws.ec2 import Ec2Compute
from chalicelib.adapters.aws.emr import EmrCompute
from chalicelib.adapters.aws.launch_tags import STAGE_TAG
from chalicelib.ports.compute import Compute, LaunchRequest, Owned, ResourceStatus
from chalicelib.ports.errors import Denied, Rejected, failure

log = logging.getLogger(__name__)


class Resources:
    """`Compute` by the type of the resource, and later by its id."""

    def __init__(self, machines: Ec2Compute, clusters: EmrCompute, stage: str) -> None:
        self._machines = machines
        self._clusters = clusters
        self._stage = stage

    def launch(self, request: LaunchRequest) -> str:
        """See `Compute.launch`. Raises Rejected for any other type."""
        request = replace(request, tags=(*request.tags, (STAGE_TAG, self._stage)))
        match request.resource.type:
            case "Ec2Resource":
                return self._machines.launch(request)
            case "EmrCluster":
                return self._clusters.launch(request)
            case other:
                raise Rejected("launch", f"a {other} is no resource; expected an Ec2Resource or an EmrCluster")

    def terminate(self, resource_id: str) -> None:
        """See `Compute.terminate`."""
        self._owner(resource_id).terminate(resource_id)

    def find(self, token: str, region: str | None = None) -> str | None:
        """See `Compute.find`."""
        return self._machines.find(token, region) or self._clusters.find(token, region)

    def status(self, resource_id: str) -> ResourceStatus:
        """See `Compute.status`."""
        return self._owner(resource_id).status(resource_id)

    def reason(self, resource_id: str) -> str:
        """See `Compute.reason`."""
        return self._owner(resource_id).reason(resource_id)

    def ours(self) -> Sequence[Owned]:
        """See `Inventory.ours`. A region that we may not look into has nothing that we launched."""
        home, *away = self._machines.enabled_regions()
        found = self._in(home)
        for region in away:
            try:
                found += self._in(region)
            except Denied as error:
                log.info("region.skipped", extra={"region": region, **failure(error)})
        return found

    def _in(self, region: str) -> list[Owned]:
        return [*self._machines.owned(self._stage, region), *self._clusters.owned(self._stage, region)]

    def _owner(self, resource_id: str) -> Compute:
        return self._clusters if resource_id.rpartition(":")[2].startswith("j-") else self._machines
