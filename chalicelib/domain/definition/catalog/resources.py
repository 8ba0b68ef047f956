"""Resources: machines that run activities, and how they reach the network.

Source: developer guide, "Resources", and the page of each type.
"""

from typing import Annotated, Literal

from chalicelib.domain.definition.catalog.component import RESOURCES, Component, Scheduled
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import Ref

REGIONS = (
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-central-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "sa-east-1",
)
"""The regions the guide lists; others are accepted."""
_CONFIGURATION = ("EmrConfiguration",)
_EBS = ("EbsConfiguration",)
_ON_DEMAND = ("OnDemandPrice",)


@catalogued
class Resource(Scheduled):
    """What every machine has."""

    runs_on: Annotated[
        Ref | None, Facts("Never on a resource; inherited ones are ignored.", to=RESOURCES, forbidden=True)
    ] = None
    worker_group: Annotated[str | None, Facts("Never on a resource; inherited ones are ignored.", forbidden=True)] = (
        None
    )
    action_on_resource_failure: Annotated[
        Literal["retryall", "retrynone"] | None,
        Facts("Whether the tasks of a resource that failed are retried.", any_case=True),
    ] = None
    action_on_task_failure: Annotated[
        Literal["continue", "terminate"] | None,
        Facts("Whether the resource stays or ends when a task fails.", any_case=True),
    ] = None
    availability_zone: Annotated[str | None, Facts("Availability zone to start in.")] = None
    http_proxy: Annotated[Ref | None, Facts("Proxy for the task runner.", to=("HttpProxy",))] = None
    init_timeout: Annotated[Period | None, Facts("Time allowed to come up.")] = None
    key_pair: Annotated[str | None, Facts("EC2 key pair for logging in.")] = None
    region: Annotated[str | None, Facts("Region to start in; by default the pipeline's.", listed=REGIONS)] = None
    retry_timeout: Annotated[Period | None, Facts("Time within which retries may start.")] = None
    subnet_id: Annotated[str | None, Facts("VPC subnet to start in.")] = None
    terminate_after: Annotated[Period | None, Facts("Lifetime after which it is ended whatever it does.")] = None
    use_on_demand_on_last_attempt: Annotated[
        bool | None, Facts("Whether the last attempt takes an on-demand instance in place of a spot one.")
    ] = None
    failure_reason: Annotated[str | None, Facts("Why it failed.", wire="@failureReason", group=Group.RUNTIME)] = None


@catalogued
class Ec2Resource(Resource):
    """One EC2 instance with a task runner."""

    role: Annotated[str, Facts("Role under which the instance is started.")]
    resource_role: Annotated[str, Facts("Instance profile the work runs under.")]
    associate_public_ip_address: Annotated[bool | None, Facts("Whether it gets a public address.")] = None
    image_id: Annotated[str | None, Facts("Machine image.")] = None
    instance_count: Annotated[int | None, Facts("Always 1.", deprecated=True)] = None
    min_instance_count: Annotated[int | None, Facts("Always 1.", deprecated=True)] = None
    instance_type: Annotated[str | None, Facts("Instance type, as in `t2.small`.")] = None
    log_uri: Annotated[str | None, Facts("S3 folder for the instance's logs, in the older form.")] = None
    run_as_user: Annotated[str | None, Facts("User of the machine that runs the work.")] = None
    security_group_ids: Annotated[tuple[str, ...], Facts("Security groups by id, for a VPC.")] = ()
    security_groups: Annotated[tuple[str, ...], Facts("Security groups by name.")] = ()
    spot_bid_price: Annotated[
        str | None, Facts("Highest price per hour in US dollars; makes it a spot instance.", above=0, below=20)
    ] = None


@catalogued
class EmrCluster(Resource):
    """An EMR cluster with a task runner on its master node."""

    role: Annotated[str, Facts("Service role of EMR.")] = "DataPipelineDefaultRole"
    resource_role: Annotated[str, Facts("Instance profile of the cluster's machines.")] = (
        "DataPipelineDefaultResourceRole"
    )
    additional_master_security_group_ids: Annotated[
        tuple[str, ...], Facts("Further security groups of the master node.")
    ] = ()
    additional_slave_security_group_ids: Annotated[
        tuple[str, ...], Facts("Further security groups of the other nodes.")
    ] = ()
    ami_version: Annotated[str | None, Facts("Machine image version, for clusters before release 4.")] = None
    release_label: Annotated[str | None, Facts("EMR release, as in `emr-5.23.0`.")] = None
    hadoop_version: Annotated[str | None, Facts("Hadoop version, in the oldest form.")] = None
    applications: Annotated[tuple[str, ...], Facts("Applications to install, from release 4.")] = ("Hive", "Pig")
    bootstrap_action: Annotated[
        tuple[str, ...], Facts("Scripts to run on every node first, each `uri,argument,…`.", most_values=255)
    ] = ()
    configuration: Annotated[
        tuple[Ref, ...], Facts("Configuration of the applications, from release 4.", to=_CONFIGURATION)
    ] = ()
    master_instance_type: Annotated[str | None, Facts("Instance type of the master node.")] = None
    master_instance_bid_price: Annotated[
        str | None, Facts("Spot price of the master node.", above=0, below=20, specials=_ON_DEMAND)
    ] = None
    master_group_configuration: Annotated[
        tuple[Ref, ...], Facts("Configuration of the master group.", to=_CONFIGURATION)
    ] = ()
    master_ebs_configuration: Annotated[Ref | None, Facts("Volumes of the master node.", to=_EBS)] = None
    core_instance_type: Annotated[str | None, Facts("Instance type of the core nodes.")] = None
    core_instance_count: Annotated[int | None, Facts("Number of core nodes.", least=0)] = None
    core_instance_bid_price: Annotated[
        str | None, Facts("Spot price of the core nodes.", requires=("coreInstanceCount",), specials=_ON_DEMAND)
    ] = None
    core_group_configuration: Annotated[
        tuple[Ref, ...], Facts("Configuration of the core group.", to=_CONFIGURATION)
    ] = ()
    core_ebs_configuration: Annotated[Ref | None, Facts("Volumes of the core nodes.", to=_EBS)] = None
    task_instance_type: Annotated[str | None, Facts("Instance type of the task nodes.")] = None
    task_instance_count: Annotated[int | None, Facts("Number of task nodes.", least=0)] = None
    task_instance_bid_price: Annotated[
        str | None, Facts("Spot price of the task nodes.", above=0, below=20, specials=_ON_DEMAND)
    ] = None
    task_group_configuration: Annotated[
        tuple[Ref, ...], Facts("Configuration of the task group.", to=_CONFIGURATION)
    ] = ()
    task_ebs_configuration: Annotated[Ref | None, Facts("Volumes of the task nodes.", to=_EBS)] = None
    ebs_block_device_config: Annotated[
        Ref | None, Facts("A volume.", wire="EbsBlockDeviceConfig", to=("EbsBlockDeviceConfig",))
    ] = None
    volume_specification: Annotated[
        Ref | None, Facts("What a volume is.", wire="VolumeSpecification", to=("VolumeSpecification",))
    ] = None
    emr_log_uri: Annotated[str | None, Facts("S3 folder for the cluster's logs, over `pipelineLogUri`.")] = None
    emr_managed_master_security_group_id: Annotated[
        str | None, Facts("Security group of the master node, in a private subnet.")
    ] = None
    emr_managed_slave_security_group_id: Annotated[
        str | None, Facts("Security group of the other nodes, in a private subnet.")
    ] = None
    service_access_security_group_id: Annotated[
        str | None, Facts("Security group EMR reaches the cluster by, in a private subnet.")
    ] = None
    enable_debugging: Annotated[str | None, Facts("Whether EMR keeps debugging records.")] = None
    hadoop_scheduler_type: Annotated[
        Literal["PARALLEL_FAIR_SCHEDULING", "PARALLEL_CAPACITY_SCHEDULING", "DEFAULT_SCHEDULER"] | None,
        Facts("Scheduler of the cluster."),
    ] = None
    install_hive: Annotated[str | None, Facts("Hive version to install, in the oldest form.")] = None
    keypair: Annotated[str | None, Facts("Older spelling of `keyPair`.")] = None
    supported_products: Annotated[tuple[str, ...], Facts("Third-party products to install.")] = ()
    visible_to_all_users: Annotated[bool | None, Facts("Whether every user of the account sees it.")] = None


@catalogued
class HttpProxy(Component):
    """A proxy the task runner of a resource goes through."""

    hostname: Annotated[str, Facts("Host of the proxy.")]
    port: Annotated[str, Facts("Port of the proxy.")]
    username: Annotated[str | None, Facts("User of the proxy.")] = None
    password: Annotated[str | None, Facts("Password of the user.", wire="*password", secret=True)] = None
    s3_no_proxy: Annotated[bool | None, Facts("Whether S3 is reached without the proxy.")] = None
    windows_domain: Annotated[str | None, Facts("Windows domain, for NTLM.")] = None
    windows_workgroup: Annotated[str | None, Facts("Windows workgroup, for NTLM.")] = None
