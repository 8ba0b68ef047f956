"""RunInstances arguments and user data for an evaluated Ec2Resource. Pure: must not know clients.

Source: EC2 API reference, RunInstances; developer guide, Ec2Resource and HttpProxy.
"""

import hashlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from chalicelib.adapters.aws.launch_tags import TOKEN_TAG
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.ports.compute import LaunchRequest
from chalicelib.ports.errors import Rejected

DEFAULT_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
DEFAULT_TYPE = "t3.small"
DEFAULT_USER = "ec2-user"

_USER_DATA = """#!/bin/bash
# Runs one Task Runner; the machine ends when it does (its shutdown behaviour is to terminate).
trap 'shutdown -h now' EXIT
set -eu
{environment}dnf install -y -q python3.11 python3.11-pip || true
mkdir -p /opt/penstock
aws s3 cp {runner} /opt/penstock/taskrunner.pyz
cd "$(getent passwd {user} | cut -d: -f6)"
runuser -u {user} -- python3.11 /opt/penstock/taskrunner.pyz {arguments}
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


def launch_arguments(request: LaunchRequest, settings: MachineSettings) -> dict[str, Any]:
    """Every argument of RunInstances. Raises Rejected for a proxy that a machine cannot go through.

    The client token makes EC2 itself idempotent; the tag makes the machine findable by it.
    """
    resource = request.resource
    tags = [{"Key": key, "Value": value} for key, value in (*request.tags, (TOKEN_TAG, request.token))]
    profile, zone = resource.text("resourceRole"), resource.text("availabilityZone")
    arguments: dict[str, Any] = {
        "MinCount": 1,
        "MaxCount": 1,
        "ClientToken": hashlib.sha256(request.token.encode()).hexdigest(),  # at most 64 characters
        "ImageId": resource.text("imageId") or DEFAULT_IMAGE,
        "InstanceType": resource.text("instanceType") or DEFAULT_TYPE,
        "InstanceInitiatedShutdownBehavior": "terminate",
        "UserData": user_data(request, settings),
        "TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")],
    }
    return arguments | _present(
        IamInstanceProfile={"Name": profile} if profile else None,
        KeyName=resource.text("keyPair"),
        Placement={"AvailabilityZone": zone} if zone else None,
        **_network(resource),
        **_market(request),
    )


def _network(resource: PipelineObject) -> dict[str, Any]:
    """Ids of security groups win over names: EC2 takes names only outside a VPC of one's own."""
    subnet, groups = resource.text("subnetId"), list(resource.texts("securityGroupIds"))
    wanted = resource.text("associatePublicIpAddress")
    if wanted is not None:
        # EC2 is told about a public address only with the whole network interface spelled out.
        interface: dict[str, Any] = {"DeviceIndex": 0, "AssociatePublicIpAddress": wanted.lower() == "true"}
        return {"NetworkInterfaces": [interface | _present(SubnetId=subnet, Groups=groups)]}
    names = [] if groups else list(resource.texts("securityGroups"))
    return {"SubnetId": subnet, "SecurityGroupIds": groups, "SecurityGroups": names}


def _market(request: LaunchRequest) -> dict[str, Any]:
    """A bid makes it a spot instance, except on a last attempt that is to be on demand."""
    bid = request.resource.text("spotBidPrice")
    if not bid or (request.last_attempt and _says(request.resource, "useOnDemandOnLastAttempt")):
        return {}
    return {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": bid}}}


def user_data(request: LaunchRequest, settings: MachineSettings) -> str:
    """The script that cloud-init runs once at the first boot. Raises Rejected as above.

    A proxy's password stands in it, readable to whoever may read the instance's attributes or is on the machine.
    """
    resource = request.resource
    proxies = request.objects(resource, "httpProxy")
    options = {
        "workerGroup": request.worker_group,
        "endpoint": settings.endpoint,
        "region": settings.region,
        "taskrunnerId": request.worker_group,
    }
    log = resource.text("logUri") or resource.text("pipelineLogUri")
    if log:
        options["logUri"] = log
    for proxy in proxies:
        options |= _proxy_options(proxy)
    region = resource.text("region") or settings.region
    return _USER_DATA.format(
        environment="".join(line for proxy in proxies for line in _proxy_environment(proxy, region)),
        runner=shlex.quote(settings.runner),
        user=shlex.quote(resource.text("runAsUser") or DEFAULT_USER),
        arguments=shlex.join(f"--{key}={value}" for key, value in options.items()),
    )


def _proxy_options(proxy: PipelineObject) -> dict[str, str]:
    """The runner's own options; without them it goes by the environment, which can make an exception of S3."""
    for field in ("windowsDomain", "windowsWorkgroup"):
        if proxy.text(field):
            raise Rejected("RunInstances", f"{proxy.name}: {field}: NTLM proxies are not supported")
    if _says(proxy, "s3NoProxy"):
        return {}
    options = {
        "proxyHost": proxy.text("hostname"),
        "proxyPort": proxy.text("port"),
        "proxyUsername": proxy.text("username"),
        "proxyPassword": proxy.text("*password"),
    }
    return {key: value for key, value in options.items() if value}


def _proxy_environment(proxy: PipelineObject, region: str) -> Iterator[str]:
    """For the package manager, the AWS CLI and what the work itself runs."""
    user, password = proxy.text("username"), proxy.text("*password")
    login = f"{quote(user, safe='')}:{quote(password or '', safe='')}@" if user else ""
    address = f"http://{login}{proxy.text('hostname')}:{proxy.text('port')}"
    direct = ["169.254.169.254", "localhost", "127.0.0.1"]
    if _says(proxy, "s3NoProxy"):
        direct += ["s3.amazonaws.com", ".s3.amazonaws.com", f"s3.{region}.amazonaws.com", f".s3.{region}.amazonaws.com"]
    yield f"export http_proxy={shlex.quote(address)} https_proxy={shlex.quote(address)}\n"
    yield f"export HTTPS_PROXY={shlex.quote(address)} NO_PROXY={','.join(direct)} no_proxy={','.join(direct)}\n"


def _says(item: PipelineObject, key: str) -> bool:
    return (item.text(key) or "").lower() == "true"


def _present(**arguments: Any) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if value not in (None, "", [], {})}
