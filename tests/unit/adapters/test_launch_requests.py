"""RunJobFlow and RunInstances, parameter by parameter, each accepted by botocore's own validator."""

import functools
from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from chalicelib.adapters.aws.ec2_request import MachineSettings, launch_arguments
from chalicelib.adapters.aws.emr_request import job_flow_arguments
from chalicelib.domain.definition.catalog import object_type
from chalicelib.domain.definition.catalog.slot import Group
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.values import PipelineId, Ref
from chalicelib.ports.compute import LaunchRequest
from chalicelib.ports.errors import Rejected
from tests.workbench import item

SETTINGS = MachineSettings("us-east-1", "http://localhost/datapipeline", "s3://artifacts/taskrunner.pyz")
LINKED = {
    found.id: found
    for found in (
        item("Core", classification="core-site", property=[Ref("A"), Ref("B")], configuration=Ref("Nested")),
        item("Nested", classification="export", property=Ref("B")),
        item("A", key="io.file.buffer.size", value="65536"),
        item("B", key="JAVA_HOME", value="/usr/lib/jvm"),
        item("Ebs", ebsOptimized="true", ebsBlockDeviceConfig=Ref("Device")),
        item("Device", volumesPerInstance="2", volumeSpecification=Ref("Volume")),
        item("Volume", sizeInGB="500", volumeType="io1", iops="1000"),
        item("Proxy", hostname="proxy.example", port="3128", username="me", AT_x="", **{"*password": "p w"}),
    )
}
FIELDS: Mapping[str, Any] = {
    "amiVersion": "3.11.0",
    "hadoopVersion": "2.4.0",
    "supportedProducts": "mapr,--edition,m3",
    "installHive": "0.13.1",
    "applications": "spark",
    "releaseLabel": "emr-5.36.0",
    "bootstrapAction": "s3://b/x,low\\\\,high,2",
    "configuration": Ref("Core"),
    "masterGroupConfiguration": Ref("Core"),
    "coreGroupConfiguration": Ref("Core"),
    "taskGroupConfiguration": Ref("Core"),
    "masterEbsConfiguration": Ref("Ebs"),
    "coreEbsConfiguration": Ref("Ebs"),
    "taskEbsConfiguration": Ref("Ebs"),
    "coreInstanceCount": "5",
    "taskInstanceCount": "6",
    "httpProxy": Ref("Proxy"),
    "hadoopSchedulerType": "PARALLEL_FAIR_SCHEDULING",
    "associatePublicIpAddress": "true",
    "visibleToAllUsers": "false",
    "enableDebugging": "true",
    "region": "us-west-2",
}
OLD = ("supportedProducts", "installHive", "hadoopVersion", "amiVersion")
ENGINE = frozenset(
    {"actionOnResourceFailure", "actionOnTaskFailure", "attemptTimeout", "dependsOn", "failureAndRerunMode"}
    | {"initTimeout", "lateAfterTimeout", "maxActiveInstances", "maximumRetries", "onFail", "onLateAction", "onSuccess"}
    | {"precondition", "reportProgressTimeout", "retryDelay", "schedule", "scheduleType", "terminateAfter", "parent"}
    | {"useOnDemandOnLastAttempt", "retryTimeout", "lateAfterTimeout", "input", "output", "continueFrom"}
)
IGNORED = {
    "EmrCluster": {
        "attemptStatus": "a report of the original service's own remote activities",
        "httpProxy": "for the Task Runner of a resource; a cluster has none, its steps are submitted from a function",
        "runsOn": "a resource runs on nothing",
        "workerGroup": "a resource runs on nothing",
        "EbsBlockDeviceConfig": "reached through the node groups' EbsConfiguration",
        "VolumeSpecification": "reached through the node groups' EbsConfiguration",
    },
    "Ec2Resource": {
        "attemptStatus": "a report of the original service's own remote activities",
        "instanceCount": "always one machine",
        "minInstanceCount": "always one machine",
        "runsOn": "a resource runs on nothing",
        "workerGroup": "a resource runs on nothing",
        "role": "machines are started by the control plane itself",
    },
}


def request(kind: str, *, last: bool = False, **fields: Any) -> LaunchRequest:
    instance = "@M_2026-01-01T00:00:00"
    given = item(instance, type=kind, **fields)
    resource = PipelineObject(instance, "M", given.fields)
    tags = (("team", "data"), ("penstock:pipeline", "df-1"))
    return LaunchRequest(
        f"df-1/{instance}_Attempt=1", PipelineId("df-1"), "group", resource, tags, LINKED, "M_2026-01-01T00:00:07", last
    )


@functools.cache
def shape(service: str, operation: str) -> Any:
    return botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape


def cluster(*, last: bool = False, **fields: Any) -> dict[str, Any]:
    arguments = job_flow_arguments(request("EmrCluster", last=last, **fields), "us-east-1")
    report = ParamValidator().validate(arguments, shape("emr", "RunJobFlow"))
    assert not report.has_errors(), report.generate_report()
    return arguments


def machine(*, last: bool = False, **fields: Any) -> dict[str, Any]:
    arguments = launch_arguments(request("Ec2Resource", last=last, **fields), SETTINGS)
    report = ParamValidator().validate(arguments, shape("ec2", "RunInstances"))
    assert not report.has_errors(), report.generate_report()
    return arguments


def test_a_cluster_with_every_field_becomes_one_request() -> None:
    given = cluster(
        **{key: value for key, value in FIELDS.items() if key not in OLD},
        keyPair="mine",
        subnetId="subnet-1",
        availabilityZone="us-west-2a",
        role="ServiceRole",
        resourceRole="Profile",
        emrManagedMasterSecurityGroupId="sg-m",
        emrManagedSlaveSecurityGroupId="sg-s",
        serviceAccessSecurityGroupId="sg-a",
        additionalMasterSecurityGroupIds=["sg-1", "sg-2"],
        additionalSlaveSecurityGroupIds=["sg-3"],
        emrLogUri="s3://logs/own/",
        pipelineLogUri="s3://logs/all/",
        masterInstanceType="m5.large",
        masterInstanceBidPrice="OnDemandPrice",
        coreInstanceType="m5.2xlarge",
        taskInstanceType="c5.xlarge",
        taskInstanceBidPrice="0.10",
    )
    core = {
        "Classification": "core-site",
        "Properties": {"io.file.buffer.size": "65536", "JAVA_HOME": "/usr/lib/jvm"},
        "Configurations": [{"Classification": "export", "Properties": {"JAVA_HOME": "/usr/lib/jvm"}}],
    }
    volumes = {
        "EbsBlockDeviceConfigs": [
            {
                "VolumeSpecification": {"VolumeType": "io1", "SizeInGB": 500, "Iops": 1000},
                "VolumesPerInstance": 2,
            }
        ],
        "EbsOptimized": True,
    }
    scheduler = "org.apache.hadoop.yarn.server.resourcemanager.scheduler.fair.FairScheduler"
    assert given == {
        "Name": "df-1_@M_2026-01-01T00:00:07",
        "LogUri": "s3://logs/own/",
        "ReleaseLabel": "emr-5.36.0",
        "Applications": [{"Name": "spark"}],
        "Configurations": [
            core,
            {"Classification": "yarn-site", "Properties": {"yarn.resourcemanager.scheduler.class": scheduler}},
        ],
        "StepConcurrencyLevel": 10,
        "JobFlowRole": "Profile",
        "ServiceRole": "ServiceRole",
        "VisibleToAllUsers": False,
        "Tags": [
            {"Key": "team", "Value": "data"},
            {"Key": "penstock:pipeline", "Value": "df-1"},
            {"Key": "penstock:token", "Value": "df-1/@M_2026-01-01T00:00:00_Attempt=1"},
        ],
        "BootstrapActions": [
            {"Name": "bootstrapAction.1", "ScriptBootstrapAction": {"Path": "s3://b/x", "Args": ["low,high", "2"]}}
        ],
        "Steps": [
            {
                "Name": "debugging",
                "ActionOnFailure": "TERMINATE_CLUSTER",
                "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["state-pusher-script"]},
            }
        ],
        "Instances": {
            "KeepJobFlowAliveWhenNoSteps": True,
            "TerminationProtected": False,
            "Ec2KeyName": "mine",
            "Ec2SubnetId": "subnet-1",
            "EmrManagedMasterSecurityGroup": "sg-m",
            "EmrManagedSlaveSecurityGroup": "sg-s",
            "ServiceAccessSecurityGroup": "sg-a",
            "AdditionalMasterSecurityGroups": ["sg-1", "sg-2"],
            "AdditionalSlaveSecurityGroups": ["sg-3"],
            "InstanceGroups": [
                group("master", "m5.large", 1, core, volumes, Market="SPOT"),
                group("core", "m5.2xlarge", 5, core, volumes, Market="ON_DEMAND"),
                group("task", "c5.xlarge", 6, core, volumes, Market="SPOT", BidPrice="0.10"),
            ],
        },
    }


def group(name: str, kind: str, count: int, core: Any, volumes: Any, **market: str) -> dict[str, Any]:
    return {
        "Name": name,
        "InstanceRole": name.upper(),
        "InstanceType": kind,
        "InstanceCount": count,
        "Configurations": [core],
        "EbsConfiguration": volumes,
        **market,
    }


def test_an_old_cluster_names_its_image_products_and_installs_hive_and_pig_by_steps() -> None:
    given = cluster(amiVersion="3.11.0", supportedProducts=["mapr,--edition,m3"], installHive="0.13.1")
    assert given["AmiVersion"] == "3.11.0"
    assert given["NewSupportedProducts"] == [{"Name": "mapr", "Args": ["--edition", "m3"]}]
    assert "ReleaseLabel" not in given
    jars = {step["HadoopJarStep"]["Jar"] for step in given["Steps"]}
    assert jars == {"s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar"}
    assert given["Steps"][0]["HadoopJarStep"]["Args"][-2:] == ["--hive-versions", "0.13.1"]


def test_a_hadoop_version_alone_is_passed_on() -> None:
    given = cluster(hadoopVersion="0.20", availabilityZone="us-east-1a")
    assert given["Instances"]["HadoopVersion"] == "0.20"
    assert given["Instances"]["Placement"] == {"AvailabilityZone": "us-east-1a"}
    assert "ReleaseLabel" not in given


def test_a_cluster_that_says_nothing_is_one_master_of_a_current_release_with_hive_and_pig() -> None:
    given = cluster()
    assert given["ReleaseLabel"].startswith("emr-6.")
    assert given["Applications"] == [{"Name": "Hive"}, {"Name": "Pig"}]
    assert [item["InstanceRole"] for item in given["Instances"]["InstanceGroups"]] == ["MASTER"]
    assert (given["ServiceRole"], given["JobFlowRole"]) == (
        "DataPipelineDefaultRole",
        "DataPipelineDefaultResourceRole",
    )


def test_a_clusters_logs_go_to_its_attempts_folder_of_the_pipelines_log() -> None:
    given = cluster(pipelineLogUri="s3://logs/all/")
    assert given["LogUri"] == "s3://logs/all/df-1/M/@M_2026-01-01T00:00:00/@M_2026-01-01T00:00:00_Attempt=1/"


def test_the_last_attempt_takes_on_demand_nodes_where_the_definition_says_so() -> None:
    spot = {"coreInstanceBidPrice": "0.1", "coreInstanceCount": "2"}
    assert markets(cluster(last=True, **spot)) == ["ON_DEMAND", "SPOT"]
    assert markets(cluster(last=True, useOnDemandOnLastAttempt="true", **spot)) == ["ON_DEMAND", "ON_DEMAND"]
    assert markets(cluster(useOnDemandOnLastAttempt="true", **spot)) == ["ON_DEMAND", "SPOT"]


def markets(given: dict[str, Any]) -> list[str]:
    return [item["Market"] for item in given["Instances"]["InstanceGroups"]]


def test_a_scheduler_of_the_definitions_own_is_kept() -> None:
    own = {"Yarn": item("Yarn", classification="yarn-site", property=Ref("S"))}
    own["S"] = item("S", key="yarn.resourcemanager.scheduler.class", value="mine")
    wanted = request("EmrCluster", hadoopSchedulerType="PARALLEL_CAPACITY_SCHEDULING", configuration=Ref("Yarn"))
    given = job_flow_arguments(
        LaunchRequest(wanted.token, wanted.pipeline, "", wanted.resource, (), own, wanted.label), "us-east-1"
    )
    assert given["Configurations"] == [
        {"Classification": "yarn-site", "Properties": {"yarn.resourcemanager.scheduler.class": "mine"}}
    ]


def test_a_count_that_an_expression_made_into_no_number_is_refused_by_name() -> None:
    with pytest.raises(Rejected, match="coreInstanceCount is 'many'"):
        cluster(coreInstanceCount="many")


def test_a_machine_with_every_field_becomes_one_request() -> None:
    given = machine(
        resourceRole="Profile",
        imageId="ami-1",
        instanceType="m5.large",
        keyPair="mine",
        availabilityZone="us-east-1a",
        subnetId="subnet-1",
        securityGroupIds=["sg-1", "sg-2"],
        securityGroups="default",
        spotBidPrice="0.05",
        pipelineLogUri="s3://logs/all/",
        runAsUser="worker",
        httpProxy=Ref("Proxy"),
    )
    script = given.pop("UserData")
    tags = [
        {"Key": "team", "Value": "data"},
        {"Key": "penstock:pipeline", "Value": "df-1"},
        {"Key": "penstock:token", "Value": "df-1/@M_2026-01-01T00:00:00_Attempt=1"},
    ]
    assert len(given.pop("ClientToken")) == 64
    assert given == {
        "MinCount": 1,
        "MaxCount": 1,
        "ImageId": "ami-1",
        "InstanceType": "m5.large",
        "InstanceInitiatedShutdownBehavior": "terminate",
        "TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")],
        "IamInstanceProfile": {"Name": "Profile"},
        "KeyName": "mine",
        "Placement": {"AvailabilityZone": "us-east-1a"},
        "SubnetId": "subnet-1",
        "SecurityGroupIds": ["sg-1", "sg-2"],
        "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.05"}},
    }
    assert "runuser -u worker -- python3.11 /opt/penstock/taskrunner.pyz --workerGroup=group" in script
    assert "--proxyHost=proxy.example --proxyPort=3128 --proxyUsername=me '--proxyPassword=p w'" in script
    assert "http_proxy=http://me:p%20w@proxy.example:3128" in script


def test_security_groups_go_by_name_where_no_ids_are_given() -> None:
    assert machine(securityGroups=["web", "db"])["SecurityGroups"] == ["web", "db"]


def test_the_last_attempt_is_on_demand_where_the_definition_says_so() -> None:
    assert "InstanceMarketOptions" in machine(last=True, spotBidPrice="0.05")
    assert "InstanceMarketOptions" not in machine(last=True, spotBidPrice="0.05", useOnDemandOnLastAttempt="true")


def test_a_proxy_that_is_not_for_s3_is_left_to_the_environment() -> None:
    direct = item("Direct", hostname="proxy.example", port="3128", s3NoProxy="true")
    wanted = request("Ec2Resource", httpProxy=Ref("Direct"))
    linked = LaunchRequest(wanted.token, wanted.pipeline, "group", wanted.resource, (), {"Direct": direct})
    script = launch_arguments(linked, SETTINGS)["UserData"]
    assert "--proxyHost" not in script
    assert ".s3.us-east-1.amazonaws.com" in script


def test_a_proxy_that_wants_ntlm_is_refused_by_its_field() -> None:
    wanted = request("Ec2Resource", httpProxy=Ref("Nt"))
    nt = item("Nt", hostname="h", port="1", windowsDomain="CORP")
    with pytest.raises(Rejected, match="windowsDomain"):
        launch_arguments(LaunchRequest("t", wanted.pipeline, "g", wanted.resource, (), {"Nt": nt}), SETTINGS)


@pytest.mark.parametrize("kind", ["EmrCluster", "Ec2Resource"])
def test_every_field_of_the_catalogue_changes_the_request_or_has_its_reason_not_to(kind: str) -> None:
    make = cluster if kind == "EmrCluster" else machine
    found = object_type(kind)
    assert found is not None
    silent = {
        name
        for name, slot in found.slots.items()
        if slot.group not in (Group.RUNTIME, Group.SYSTEM) and not changes(make, name)
    }
    steering = silent & ENGINE
    assert silent - steering - {"region"} == set(IGNORED[kind]) & set(found.slots)


def changes(make: Any, name: str) -> bool:
    """Whether the field makes a difference, beside those that it needs to mean anything."""
    beside: dict[str, Any] = {"pipelineLogUri": "s3://logs/a/", "coreInstanceCount": "2", "taskInstanceCount": "2"}
    if name in OLD:
        beside["amiVersion"] = "2.4.0"
    if name == "keypair":
        beside.pop("keyPair", None)
    value = FIELDS.get(name, "given")
    return make(**beside) != make(**{**beside, name: value})
