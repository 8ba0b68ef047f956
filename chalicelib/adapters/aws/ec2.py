"""Machines for Ec2Resource objects: ports/compute.py over EC2.

A machine's user data installs the Task Runner, runs it with a worker group of its own and ends the machine when the
runner ends. Ids of machines outside the home region carry their region (`us-west-2:i-0abc…`), so that an id is enough
to find one again. Must not know why a machine is wanted.
"""

import hashlib
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.ports.compute import LaunchRequest, ResourceStatus
from chalicelib.ports.errors import Missing, Rejected

DEFAULT_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
DEFAULT_TYPE = "t3.small"
TOKEN_TAG = "penstock:token"
LIVE_STATES = ("pending", "running")

_STATUS: Mapping[str, ResourceStatus] = {
    "pending": ResourceStatus.STARTING,
    "running": ResourceStatus.UP,
    "shutting-down": ResourceStatus.ENDING,
    "stopping": ResourceStatus.ENDING,
    "stopped": ResourceStatus.ENDING,
    "terminated": ResourceStatus.GONE,
}

_USER_DATA = """#!/bin/bash
# Runs one Task Runner; the machine ends when it does (its shutdown behaviour is to terminate).
trap 'shutdown -h now' EXIT
set -eu
dnf install -y -q python3.11 python3.11-pip || true
mkdir -p /opt/penstock
aws s3 cp {runner} /opt/penstock/taskrunner.pyz
cd /home/ec2-user
runuser -u ec2-user -- python3.11 /opt/penstock/taskrunner.pyz {arguments}
"""


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """What every machine is told.

    endpoint  address of the wire API that its Task Runner polls
    runner    s3:// address of the Task Runner's zipapp
    """

    region: str
    endpoint: str
    runner: str


class Ec2Compute:
    """`Compute` over EC2. `clients` gives the EC2 client of a region."""

    def __init__(self, clients: Callable[[str], Any], settings: MachineSettings) -> None:
        self._clients = clients
        self._settings = settings

    def launch(self, request: LaunchRequest) -> str:
        """See `Compute.launch`. Raises Rejected for anything but an Ec2Resource."""
        if request.resource.type not in (None, "Ec2Resource"):
            raise Rejected("RunInstances", f"a {request.resource.type} is not a machine; only Ec2Resource is supported")
        region = request.resource.text("region") or self._settings.region
        found = self._find_in(region, request.token)
        if found is not None:
            return found
        answer = call("RunInstances", self._clients(region).run_instances, **launch_arguments(request, self._settings))
        return self._named(region, answer["Instances"][0]["InstanceId"])

    def terminate(self, resource_id: str) -> None:
        """See `Compute.terminate`."""
        region, machine = self._placed(resource_id)
        try:
            call("TerminateInstances", self._clients(region).terminate_instances, InstanceIds=[machine])
        except Missing:
            return

    def find(self, token: str) -> str | None:
        """See `Compute.find`; looks in the home region."""
        return self._find_in(self._settings.region, token)

    def status(self, resource_id: str) -> ResourceStatus:
        """See `Compute.status`."""
        region, machine = self._placed(resource_id)
        try:
            answer = call("DescribeInstances", self._clients(region).describe_instances, InstanceIds=[machine])
        except Missing:
            return ResourceStatus.GONE
        states = [item["State"]["Name"] for group in answer["Reservations"] for item in group["Instances"]]
        return _STATUS[states[0]] if states else ResourceStatus.GONE

    def _find_in(self, region: str, token: str) -> str | None:
        filters = [
            {"Name": f"tag:{TOKEN_TAG}", "Values": [token]},
            {"Name": "instance-state-name", "Values": list(LIVE_STATES)},
        ]
        answer = call("DescribeInstances", self._clients(region).describe_instances, Filters=filters)
        found = [item["InstanceId"] for group in answer["Reservations"] for item in group["Instances"]]
        return self._named(region, min(found)) if found else None

    def _named(self, region: str, machine: str) -> str:
        return machine if region == self._settings.region else f"{region}:{machine}"

    def _placed(self, resource_id: str) -> tuple[str, str]:
        region, _, machine = resource_id.rpartition(":")
        return region or self._settings.region, machine


def launch_arguments(request: LaunchRequest, settings: MachineSettings) -> dict[str, Any]:
    """RunInstances arguments for an evaluated Ec2Resource.

    The client token makes EC2 itself idempotent; the tag makes the machine findable by it.
    """
    resource = request.resource
    tags = [*request.tags, (TOKEN_TAG, request.token)]
    arguments: dict[str, Any] = {
        "MinCount": 1,
        "MaxCount": 1,
        "ClientToken": hashlib.sha256(request.token.encode()).hexdigest(),  # at most 64 characters
        "ImageId": resource.text("imageId") or DEFAULT_IMAGE,
        "InstanceType": resource.text("instanceType") or DEFAULT_TYPE,
        "InstanceInitiatedShutdownBehavior": "terminate",
        "UserData": user_data(request, settings),
        "TagSpecifications": [
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags]}
        ],
    }
    profile = resource.text("resourceRole")
    if profile:
        arguments["IamInstanceProfile"] = {"Name": profile}
    key_pair = resource.text("keyPair")
    if key_pair:
        arguments["KeyName"] = key_pair
    return arguments | _placement(resource) | _network(resource) | _market(resource)


def _placement(resource: PipelineObject) -> dict[str, Any]:
    zone = resource.text("availabilityZone")
    return {"Placement": {"AvailabilityZone": zone}} if zone else {}


def _network(resource: PipelineObject) -> dict[str, Any]:
    subnet, groups = resource.text("subnetId"), list(resource.texts("securityGroupIds"))
    if (resource.text("associatePublicIpAddress") or "").lower() == "true":
        # EC2 takes a public address only with the whole network interface spelled out.
        interface: dict[str, Any] = {"DeviceIndex": 0, "AssociatePublicIpAddress": True}
        return {"NetworkInterfaces": [interface | _present(SubnetId=subnet, Groups=groups)]}
    return _present(SubnetId=subnet, SecurityGroupIds=groups, SecurityGroups=list(resource.texts("securityGroups")))


def _market(resource: PipelineObject) -> dict[str, Any]:
    bid = resource.text("spotBidPrice")
    if not bid:
        return {}
    return {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": bid}}}


def _present(**arguments: Any) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if value}


def user_data(request: LaunchRequest, settings: MachineSettings) -> str:
    """The script that cloud-init runs once at the first boot."""
    options = {
        "workerGroup": request.worker_group,
        "endpoint": settings.endpoint,
        "region": settings.region,
        "taskrunnerId": request.worker_group,
    }
    log = request.resource.text("pipelineLogUri")
    if log:
        options["logUri"] = log
    arguments = shlex.join(f"--{key}={value}" for key, value in options.items())
    return _USER_DATA.format(runner=shlex.quote(settings.runner), arguments=arguments)
