"""`Compute` over EC2, on moto."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.aws.ec2 import Ec2Compute
from chalicelib.adapters.aws.ec2_request import MachineSettings
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.values import PipelineId
from chalicelib.ports.compute import LaunchRequest, ResourceStatus


@pytest.fixture
def compute() -> Iterator[Ec2Compute]:
    with mock_aws():
        session = boto3.Session("key", "secret", region_name="us-east-1")
        settings = MachineSettings("us-east-1", "http://localhost/datapipeline", "s3://artifacts/taskrunner.pyz")
        yield Ec2Compute(lambda region: session.client("ec2", region_name=region), settings)


def request(token: str, *fields: Field) -> LaunchRequest:
    return LaunchRequest(token, PipelineId("df-1"), "group", PipelineObject("@M", "@M", fields), ())


def test_a_machine_is_up_after_its_launch_and_gone_after_its_end(compute: Ec2Compute) -> None:
    machine = compute.launch(request("a"))
    assert compute.status(machine) is ResourceStatus.UP
    compute.terminate(machine)
    assert compute.status(machine) is ResourceStatus.GONE


def test_launching_twice_with_one_token_makes_one_machine(compute: Ec2Compute) -> None:
    assert compute.launch(request("a")) == compute.launch(request("a"))
    assert compute.launch(request("b")) != compute.launch(request("a"))


def test_a_machine_is_found_by_its_token_until_it_ended(compute: Ec2Compute) -> None:
    machine = compute.launch(request("a"))
    assert compute.find("a") == machine
    compute.terminate(machine)
    assert compute.find("a") is None


def test_an_unknown_machine_is_gone_and_ending_it_is_no_error(compute: Ec2Compute) -> None:
    compute.terminate("i-0123456789abcdef0")
    assert compute.status("i-0123456789abcdef0") is ResourceStatus.GONE


def test_a_machine_in_another_region_is_reached_by_its_id_alone(compute: Ec2Compute) -> None:
    machine = compute.launch(request("a", Field("region", "us-west-2")))
    assert machine.startswith("us-west-2:i-")
    compute.terminate(machine)
    assert compute.status(machine) is ResourceStatus.GONE
