"""RunJobFlow arguments for an evaluated EmrCluster. Pure: must not know clients.

Source: EMR API reference, RunJobFlow; developer guide, EmrCluster and its examples. The guide prints the texts of
`role` and `resourceRole` swapped: `role` is the cluster's service role, `resourceRole` its machines' instance profile.
"""

from collections.abc import Iterator
from typing import Any

from chalicelib.adapters.aws.launch_tags import TOKEN_TAG
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.hadoop import is_release, located_jar, runner_jar
from chalicelib.domain.steps import split_step
from chalicelib.ports.compute import LaunchRequest
from chalicelib.ports.errors import Rejected

SERVICE_ROLE = "DataPipelineDefaultRole"
INSTANCE_PROFILE = "DataPipelineDefaultResourceRole"
DEFAULT_RELEASE = "emr-6.15.0"
"""For a cluster that names neither a release nor an image nor a Hadoop version."""
DEFAULT_TYPE = "m5.xlarge"
DEFAULT_OLD_TYPE = "m3.xlarge"
DEFAULT_APPLICATIONS = ("Hive", "Pig")
PARALLEL_STEPS = 10
ON_DEMAND_PRICE = "OnDemandPrice"

_SCHEDULER_PACKAGE = "org.apache.hadoop.yarn.server.resourcemanager.scheduler"
_SCHEDULERS = {
    "PARALLEL_FAIR_SCHEDULING": f"{_SCHEDULER_PACKAGE}.fair.FairScheduler",
    "PARALLEL_CAPACITY_SCHEDULING": f"{_SCHEDULER_PACKAGE}.capacity.CapacityScheduler",
}
_SCHEDULER_KEY = "yarn.resourcemanager.scheduler.class"


def job_flow_arguments(request: LaunchRequest, home_region: str) -> dict[str, Any]:
    """Every argument of RunJobFlow. Raises Rejected for a number that is none.

    The cluster waits for steps until it is terminated: what runs on it is submitted later, and the engine ends it.
    """
    resource = request.resource
    tags = [*request.tags, (TOKEN_TAG, request.token)]
    arguments: dict[str, Any] = {
        "Name": cluster_name(request),
        "Instances": _instances(request),
        "JobFlowRole": resource.text("resourceRole") or INSTANCE_PROFILE,
        "ServiceRole": resource.text("role") or SERVICE_ROLE,
        "VisibleToAllUsers": (resource.text("visibleToAllUsers") or "true").lower() == "true",
        "Tags": [{"Key": key, "Value": value} for key, value in tags],
    }
    region = resource.text("region") or home_region
    return arguments | _present(
        LogUri=log_uri(request),
        BootstrapActions=list(_bootstrap_actions(resource)),
        Steps=list(_first_steps(resource, region)),
        **(_release(request) if is_release(resource) else _image(resource)),
    )


def cluster_name(request: LaunchRequest) -> str:
    """`<pipelineId>_@<component>_<launch time>`, the service's form."""
    return f"{request.pipeline}_@{request.label}"


def log_uri(request: LaunchRequest) -> str | None:
    """`emrLogUri` as it is, else the attempt's folder under `pipelineLogUri`."""
    own, shared = request.resource.text("emrLogUri"), request.resource.text("pipelineLogUri")
    if own or not shared:
        return own
    attempt = request.token.partition("/")[2]
    component = request.label[:-20]
    return f"{shared.rstrip('/')}/{request.pipeline}/{component}/{request.resource.id}/{attempt}/"


def _release(request: LaunchRequest) -> dict[str, Any]:
    resource = request.resource
    names = resource.texts("applications") or DEFAULT_APPLICATIONS
    parallel = resource.text("hadoopSchedulerType") in _SCHEDULERS
    return {
        "ReleaseLabel": resource.text("releaseLabel") or DEFAULT_RELEASE,
        "Applications": [{"Name": name} for name in names],
        "Configurations": _scheduled(_configurations(request, resource, "configuration"), resource),
        "StepConcurrencyLevel": PARALLEL_STEPS if parallel else None,
    }


def _image(resource: PipelineObject) -> dict[str, Any]:
    return {
        "AmiVersion": resource.text("amiVersion"),
        "NewSupportedProducts": [
            {"Name": name, "Args": arguments}
            for name, *arguments in map(split_step, resource.texts("supportedProducts"))
        ],
    }


def _instances(request: LaunchRequest) -> dict[str, Any]:
    resource = request.resource
    subnet, zone = resource.text("subnetId"), resource.text("availabilityZone")
    arguments: dict[str, Any] = {
        "InstanceGroups": list(_groups(request)),
        "KeepJobFlowAliveWhenNoSteps": True,
        "TerminationProtected": False,
    }
    return arguments | _present(
        Ec2KeyName=resource.text("keyPair") or resource.text("keypair"),
        HadoopVersion=None if resource.text("releaseLabel") else resource.text("hadoopVersion"),
        Ec2SubnetId=subnet,
        Placement={"AvailabilityZone": zone} if zone and not subnet else None,
        EmrManagedMasterSecurityGroup=resource.text("emrManagedMasterSecurityGroupId"),
        EmrManagedSlaveSecurityGroup=resource.text("emrManagedSlaveSecurityGroupId"),
        ServiceAccessSecurityGroup=resource.text("serviceAccessSecurityGroupId"),
        AdditionalMasterSecurityGroups=list(resource.texts("additionalMasterSecurityGroupIds")),
        AdditionalSlaveSecurityGroups=list(resource.texts("additionalSlaveSecurityGroupIds")),
    )


def _groups(request: LaunchRequest) -> Iterator[dict[str, Any]]:
    """The node groups: always one master; core and task nodes where a field asks for them."""
    for name in ("master", "core", "task"):
        count = _count(request.resource, name)
        if count:
            yield _group(request, name, count)


def _count(resource: PipelineObject, name: str) -> int:
    if name == "master":
        return 1
    written = _number(resource, f"{name}InstanceCount")
    if written is not None:
        return written
    return 1 if resource.text(f"{name}InstanceType") or resource.text(f"{name}InstanceBidPrice") else 0


def _group(request: LaunchRequest, name: str, count: int) -> dict[str, Any]:
    resource = request.resource
    default = DEFAULT_TYPE if is_release(resource) else DEFAULT_OLD_TYPE
    group: dict[str, Any] = {
        "Name": name,
        "InstanceRole": name.upper(),
        "InstanceType": resource.text(f"{name}InstanceType") or default,
        "InstanceCount": count,
    }
    return group | _present(
        **_market(request, name),
        Configurations=_configurations(request, resource, f"{name}GroupConfiguration"),
        EbsConfiguration=_volumes(request, name),
    )


def _market(request: LaunchRequest, name: str) -> dict[str, Any]:
    """A bid makes a group spot; EMR takes the on-demand price as the bid when none is given."""
    bid = request.resource.text(f"{name}InstanceBidPrice")
    if not bid or (request.last_attempt and _says(request.resource, "useOnDemandOnLastAttempt")):
        return {"Market": "ON_DEMAND"}
    return {"Market": "SPOT", "BidPrice": None if bid == ON_DEMAND_PRICE else bid}


def _volumes(request: LaunchRequest, name: str) -> dict[str, Any] | None:
    for configuration in request.objects(request.resource, f"{name}EbsConfiguration"):
        devices = request.objects(configuration, "ebsBlockDeviceConfig")
        return _present(EbsBlockDeviceConfigs=[_device(request, device) for device in devices]) | {
            "EbsOptimized": _says(configuration, "ebsOptimized")
        }
    return None


def _device(request: LaunchRequest, device: PipelineObject) -> dict[str, Any]:
    specification: dict[str, Any] = {"VolumeType": "gp2", "SizeInGB": 32}
    for found in request.objects(device, "volumeSpecification"):
        specification |= _present(
            VolumeType=found.text("volumeType"), SizeInGB=_number(found, "sizeInGB"), Iops=_number(found, "iops")
        )
    return {"VolumeSpecification": specification} | _present(VolumesPerInstance=_number(device, "volumesPerInstance"))


def _configurations(request: LaunchRequest, source: PipelineObject, key: str) -> list[dict[str, Any]]:
    """EmrConfiguration objects as EMR nests them; validation lets no configuration hold itself."""
    return [
        {"Classification": item.text("classification") or ""}
        | _present(
            Properties={
                setting.text("key") or "": setting.text("value") or "" for setting in request.objects(item, "property")
            },
            Configurations=_configurations(request, item, "configuration"),
        )
        for item in request.objects(source, key)
    ]


def _scheduled(configurations: list[dict[str, Any]], resource: PipelineObject) -> list[dict[str, Any]]:
    """With the scheduler that `hadoopSchedulerType` names, unless the definition configures one itself."""
    scheduler = _SCHEDULERS.get(resource.text("hadoopSchedulerType") or "")
    if scheduler is None:
        return configurations
    for item in configurations:
        if item["Classification"] == "yarn-site":
            item["Properties"] = {_SCHEDULER_KEY: scheduler, **item.get("Properties", {})}
            return configurations
    return [*configurations, {"Classification": "yarn-site", "Properties": {_SCHEDULER_KEY: scheduler}}]


def _bootstrap_actions(resource: PipelineObject) -> Iterator[dict[str, Any]]:
    scheduler = _SCHEDULERS.get(resource.text("hadoopSchedulerType") or "")
    if scheduler is not None and not is_release(resource):
        path = "s3://elasticmapreduce/bootstrap-actions/configure-hadoop"
        yield _bootstrap("scheduler", path, ["--yarn-key-value", f"{_SCHEDULER_KEY}={scheduler}"])
    for number, text in enumerate(resource.texts("bootstrapAction"), 1):
        path, *arguments = split_step(text)
        yield _bootstrap(f"bootstrapAction.{number}", path, arguments)


def _bootstrap(name: str, path: str, arguments: list[str]) -> dict[str, Any]:
    return {"Name": name, "ScriptBootstrapAction": {"Path": path, "Args": arguments}}


def _first_steps(resource: PipelineObject, region: str) -> Iterator[dict[str, Any]]:
    """What runs before anything else: debugging, and on old images the installation of Hive and Pig."""
    libraries = f"s3://{region}.elasticmapreduce/libs"
    if _says(resource, "enableDebugging"):
        debugging = ["state-pusher-script"] if is_release(resource) else [f"{libraries}/state-pusher/0.1/fetch"]
        yield _first_step("debugging", resource, region, debugging)
    if not is_release(resource):
        hive = [f"{libraries}/hive/hive-script", "--base-path", f"{libraries}/hive/", "--install-hive"]
        version = resource.text("installHive") or "latest"
        yield _first_step("install Hive", resource, region, [*hive, "--hive-versions", version])
        pig = [f"{libraries}/pig/pig-script", "--base-path", f"{libraries}/pig/", "--install-pig"]
        yield _first_step("install Pig", resource, region, [*pig, "--pig-versions", "latest"])


def _first_step(name: str, resource: PipelineObject, region: str, arguments: list[str]) -> dict[str, Any]:
    return {
        "Name": name,
        "ActionOnFailure": "TERMINATE_CLUSTER",
        "HadoopJarStep": {"Jar": located_jar(runner_jar(resource), region), "Args": arguments},
    }


def _number(item: PipelineObject, key: str) -> int | None:
    """A whole number, which an expression may have made into something else. Raises Rejected."""
    written = item.text(key)
    if written is None:
        return None
    if written.isascii() and written.isdigit():
        return int(written)
    raise Rejected("RunJobFlow", f"{item.name}: {key} is {written!r}; expected a whole number")


def _says(item: PipelineObject, key: str) -> bool:
    return (item.text(key) or "").lower() == "true"


def _present(**arguments: Any) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if value not in (None, "", [], {})}
