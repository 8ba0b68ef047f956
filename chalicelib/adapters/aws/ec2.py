"""Machines for Ec2Resource objects: ports/compute.py over EC2.

A machine's user data installs the Task Runner, runs it with a worker group of its own and ends the machine when the
runner ends. Ids of machines outside the home region carry their region (`us-west-2:i-0abc…`), so that an id is enough
to find one again. Must not know why a machine is wanted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.adapters.aws.ec2_request import MachineSettings, launch_arguments
from chalicelib.adapters.aws.errors import call
from chalicelib.adapters.aws.launch_tags import STAGE_TAG, TOKEN_TAG, tags_of
from chalicelib.adapters.aws.regions import Regions
from chalicelib.ports.compute import LaunchRequest, Owned, ResourceStatus
from chalicelib.ports.errors import Missing

LIVE_STATES = ("pending", "running")

_STATUS: Mapping[str, ResourceStatus] = {
    "pending": ResourceStatus.STARTING,
    "running": ResourceStatus.UP,
    "shutting-down": ResourceStatus.ENDING,
    "stopping": ResourceStatus.ENDING,
    "stopped": ResourceStatus.ENDING,
    "terminated": ResourceStatus.GONE,
}


class Ec2Compute:
    """`Compute` over EC2. `clients` gives the EC2 client of a region."""

    def __init__(self, clients: Callable[[str], Any], settings: MachineSettings) -> None:
        self._regions = Regions(clients, settings.region)
        self._settings = settings

    def launch(self, request: LaunchRequest) -> str:
        """See `Compute.launch`."""
        region = request.resource.text("region")
        found = self.find(request.token, region)
        if found is not None:
            return found
        arguments = launch_arguments(request, self._settings)
        answer = call("RunInstances", self._regions.client(region).run_instances, **arguments)
        return self._regions.named(region, answer["Instances"][0]["InstanceId"])

    def terminate(self, resource_id: str) -> None:
        """See `Compute.terminate`."""
        client, machine = self._regions.placed(resource_id)
        try:
            call("TerminateInstances", client.terminate_instances, InstanceIds=[machine])
        except Missing:
            return

    def find(self, token: str, region: str | None = None) -> str | None:
        """See `Compute.find`."""
        filters = [
            {"Name": f"tag:{TOKEN_TAG}", "Values": [token]},
            {"Name": "instance-state-name", "Values": list(LIVE_STATES)},
        ]
        answer = call("DescribeInstances", self._regions.client(region).describe_instances, Filters=filters)
        found = [item["InstanceId"] for group in answer["Reservations"] for item in group["Instances"]]
        return self._regions.named(region, min(found)) if found else None

    def status(self, resource_id: str) -> ResourceStatus:
        """See `Compute.status`."""
        found = self._described(resource_id)
        return ResourceStatus.GONE if found is None else _STATUS[found["State"]["Name"]]

    def reason(self, resource_id: str) -> str:
        """See `Compute.reason`."""
        found = self._described(resource_id)
        return "" if found is None else str(found.get("StateReason", {}).get("Message", ""))

    def enabled_regions(self) -> Sequence[str]:
        """Every region that the account can use, home first."""
        home = self._regions.home
        found = call("DescribeRegions", self._regions.client(None).describe_regions)["Regions"]
        return [home, *sorted({item["RegionName"] for item in found} - {home})]

    def owned(self, stage: str, region: str | None = None) -> Iterator[Owned]:
        """Live machines of a region that the stage launched."""
        client = self._regions.client(region)
        arguments: dict[str, Any] = {
            "Filters": [
                {"Name": f"tag:{STAGE_TAG}", "Values": [stage]},
                {"Name": "tag-key", "Values": [TOKEN_TAG]},
                {"Name": "instance-state-name", "Values": list(LIVE_STATES)},
            ]
        }
        while True:
            answer = call("DescribeInstances", client.describe_instances, **arguments)
            for item in (item for group in answer["Reservations"] for item in group["Instances"]):
                named = self._regions.named(region, item["InstanceId"])
                yield Owned(named, tags_of(item["Tags"])[TOKEN_TAG], item["LaunchTime"])
            if not answer.get("NextToken"):
                return
            arguments["NextToken"] = answer["NextToken"]

    def _described(self, resource_id: str) -> Mapping[str, Any] | None:
        client, machine = self._regions.placed(resource_id)
        try:
            answer = call("DescribeInstances", client.describe_instances, InstanceIds=[machine])
        except Missing:
            return None
        found: list[Mapping[str, Any]] = [item for group in answer["Reservations"] for item in group["Instances"]]
        return found[0] if found else None
