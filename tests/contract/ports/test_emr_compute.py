"""`Compute` over EMR, and over EMR and EC2 by type, on moto."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.aws.ec2 import Ec2Compute
from chalicelib.adapters.aws.ec2_request import MachineSettings
from chalicelib.adapters.aws.emr import EmrCompute
from chalicelib.adapters.aws.resources import Resources
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.values import PipelineId
from chalicelib.ports.compute import LaunchRequest, ResourceStatus
from chalicelib.ports.errors import Rejected


@pytest.fixture
def session() -> Iterator[Any]:
    with mock_aws():
        yield boto3.Session("key", "secret", region_name="us-east-1")


@pytest.fixture
def compute(session: Any) -> Resources:
    settings = MachineSettings("us-east-1", "http://localhost/datapipeline", "s3://artifacts/taskrunner.pyz")
    return Resources(
        Ec2Compute(lambda region: session.client("ec2", region_name=region), settings),
        EmrCompute(lambda region: session.client("emr", region_name=region), "us-east-1"),
        "dev",
    )


def request(attempt: int = 1, *fields: Field, kind: str = "EmrCluster") -> LaunchRequest:
    token = f"df-1/@C_2026-01-01T00:00:00_Attempt={attempt}"
    resource = PipelineObject("@C_2026-01-01T00:00:00", "C", (Field("type", kind), *fields))
    return LaunchRequest(token, PipelineId("df-1"), "group", resource, (), label="C_2026-01-01T00:00:07")


def test_a_cluster_is_up_after_its_launch_and_gone_after_its_end(compute: Resources) -> None:
    cluster = compute.launch(request())
    assert compute.status(cluster) is ResourceStatus.UP
    compute.terminate(cluster)
    assert compute.status(cluster) is ResourceStatus.GONE


def test_launching_twice_with_one_token_makes_one_cluster(compute: Resources) -> None:
    assert compute.launch(request(1)) == compute.launch(request(1))
    assert compute.launch(request(2)) != compute.launch(request(1))


def test_a_cluster_is_found_by_its_token_until_it_ended(compute: Resources) -> None:
    cluster = compute.launch(request())
    assert compute.find(request().token) == cluster
    compute.terminate(cluster)
    assert compute.find(request().token) is None


def test_a_cluster_in_another_region_is_found_there_and_reached_by_its_id_alone(compute: Resources) -> None:
    cluster = compute.launch(request(1, Field("region", "us-west-2")))
    assert cluster.startswith("us-west-2:j-")
    assert compute.find(request().token) is None
    assert compute.find(request().token, "us-west-2") == cluster
    compute.terminate(cluster)
    assert compute.status(cluster) is ResourceStatus.GONE


def test_an_unknown_cluster_is_gone_and_ending_it_is_no_error(compute: Resources) -> None:
    assert compute.status("j-0123456789ABC") is ResourceStatus.GONE
    assert compute.reason("j-0123456789ABC") == ""


def test_a_cluster_is_named_by_pipeline_component_and_launch_time(compute: Resources, session: Any) -> None:
    compute.launch(request())
    names = [item["Name"] for item in session.client("emr").list_clusters()["Clusters"]]
    assert names == ["df-1_@C_2026-01-01T00:00:07"]


def test_a_machine_goes_to_ec2_and_comes_back_under_its_id(compute: Resources) -> None:
    machine = compute.launch(request(kind="Ec2Resource"))
    assert compute.find(request().token) == machine
    assert compute.status(machine) is ResourceStatus.UP
    compute.terminate(machine)
    assert compute.status(machine) is ResourceStatus.GONE


def test_what_is_no_resource_is_refused_by_its_type(compute: Resources) -> None:
    with pytest.raises(Rejected, match="HttpProxy"):
        compute.launch(request(kind="HttpProxy"))


def test_what_the_stage_launched_is_told_from_everything_else(compute: Resources, session: Any) -> None:
    cluster, machine = compute.launch(request()), compute.launch(request(2, kind="Ec2Resource"))
    ended = compute.launch(request(3, kind="Ec2Resource"))
    compute.terminate(ended)
    ec2 = session.client("ec2")
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    ec2.create_tags(Resources=[machine], Tags=[{"Key": "other", "Value": "tag"}])
    assert {(item.resource_id, item.token) for item in compute.ours()} == {
        (cluster, request(1).token),
        (machine, request(2).token),
    }
    ec2.create_tags(Resources=[machine], Tags=[{"Key": "penstock:stage", "Value": "prod"}])
    assert [item.resource_id for item in compute.ours()] == [cluster]


def test_what_was_launched_in_another_region_is_owned_and_can_be_ended_by_its_id(compute: Resources) -> None:
    away = Field("region", "eu-west-1")
    launched = [compute.launch(request(1, away, kind=kind)) for kind in ("EmrCluster", "Ec2Resource")]
    home = compute.launch(request(2))
    assert {item.resource_id for item in compute.ours()} == {*launched, home}
    assert all(name.startswith("eu-west-1:") for name in launched)
    for name in launched:
        compute.terminate(name)
    assert [item.resource_id for item in compute.ours()] == [home]
