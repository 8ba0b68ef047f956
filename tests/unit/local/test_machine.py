"""A machine's user data, as the adapter writes it, is what the embedded machines read."""

from chalicelib.adapters.aws.ec2_request import MachineSettings, launch_arguments, user_data
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.values import PipelineId
from chalicelib.ports.compute import LaunchRequest
from local.machine import runner_arguments

SETTINGS = MachineSettings("us-east-1", "http://127.0.0.1:1/datapipeline", "s3://artifacts/taskrunner.pyz")


def request(*fields: tuple[str, str]) -> LaunchRequest:
    resource = PipelineObject("@M_1", "@M_1", tuple(Field(key, value) for key, value in fields))
    return LaunchRequest("token", PipelineId("df-1"), "df-1/@M '1'; rm", resource, (("team", "data"),))


def test_the_runner_is_started_with_the_machines_own_worker_group_endpoint_and_log() -> None:
    script = user_data(request(("pipelineLogUri", "s3://logs/x y/")), SETTINGS)
    assert runner_arguments(script) == [
        "--workerGroup=df-1/@M '1'; rm",
        "--endpoint=http://127.0.0.1:1/datapipeline",
        "--region=us-east-1",
        "--taskrunnerId=df-1/@M '1'; rm",
        "--logUri=s3://logs/x y/",
    ]


def test_user_data_that_starts_no_runner_boots_nothing() -> None:
    assert runner_arguments("#!/bin/bash\necho hello\n") is None


def test_fields_of_the_resource_reach_the_launch() -> None:
    given = launch_arguments(
        request(
            ("imageId", "ami-1"),
            ("instanceType", "m5.large"),
            ("keyPair", "mine"),
            ("resourceRole", "Profile"),
            ("securityGroupIds", "sg-1"),
            ("securityGroupIds", "sg-2"),
            ("subnetId", "subnet-1"),
            ("spotBidPrice", "0.05"),
            ("availabilityZone", "us-east-1a"),
        ),
        SETTINGS,
    )
    assert (given["ImageId"], given["InstanceType"], given["KeyName"]) == ("ami-1", "m5.large", "mine")
    assert given["IamInstanceProfile"] == {"Name": "Profile"}
    assert (given["SubnetId"], given["SecurityGroupIds"]) == ("subnet-1", ["sg-1", "sg-2"])
    assert given["InstanceMarketOptions"]["SpotOptions"] == {"MaxPrice": "0.05"}
    assert given["Placement"] == {"AvailabilityZone": "us-east-1a"}
    assert {"Key": "team", "Value": "data"} in given["TagSpecifications"][0]["Tags"]


def test_a_public_address_moves_the_network_into_one_interface() -> None:
    given = launch_arguments(request(("associatePublicIpAddress", "true"), ("subnetId", "subnet-1")), SETTINGS)
    assert given["NetworkInterfaces"] == [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "SubnetId": "subnet-1"}]
    assert "SubnetId" not in given
