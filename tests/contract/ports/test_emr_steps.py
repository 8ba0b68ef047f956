"""`Clusters` over EMR, on moto; cancelling, which moto cannot, is tested end to end."""

from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator
from moto import mock_aws

from chalicelib.adapters.aws.emr_steps import EmrSteps, step_argument
from chalicelib.ports.clusters import Step, StepStatus
from chalicelib.ports.errors import PortError


@pytest.fixture
def session() -> Iterator[Any]:
    with mock_aws():
        yield boto3.Session("key", "secret", region_name="us-east-1")


@pytest.fixture
def steps(session: Any) -> EmrSteps:
    return EmrSteps(lambda region: session.client("emr", region_name=region), "us-east-1")


def cluster(session: Any, region: str = "us-east-1") -> str:
    instances = {"KeepJobFlowAliveWhenNoSteps": True, "MasterInstanceType": "m5.xlarge", "InstanceCount": 1}
    client = session.client("emr", region_name=region)
    made = client.run_job_flow(Name="c", Instances=instances, LogUri="s3://logs/emr/", ReleaseLabel="emr-6.15.0")
    return str(made["JobFlowId"])


def test_a_step_is_found_by_its_name_and_reported(session: Any, steps: EmrSteps) -> None:
    job_flow = cluster(session)
    step_id = steps.submit(job_flow, Step("mine", "x.jar", ("a", "b"), "Main"))
    assert steps.find(job_flow, "mine") == step_id
    assert steps.find(job_flow, "other") is None
    assert steps.report(job_flow, step_id).status in (StepStatus.WAITING, StepStatus.RUNNING)
    assert steps.log_folder(job_flow) == f"s3://logs/emr/{job_flow}/"


def test_a_cluster_in_another_region_is_reached_by_its_id(session: Any, steps: EmrSteps) -> None:
    away = f"us-west-2:{cluster(session, 'us-west-2')}"
    assert steps.find(away, "mine") is None
    assert steps.submit(away, Step("mine", "x.jar")) == steps.find(away, "mine")


def test_nothing_is_submitted_to_a_cluster_that_does_not_exist(steps: EmrSteps) -> None:
    with pytest.raises(PortError):
        steps.log_folder("j-0123456789ABC")


def test_a_step_is_one_that_emr_accepts_and_lets_the_cluster_live_when_it_fails() -> None:
    argument = step_argument(Step("n", "script-runner.jar", ("s3://b/x.sh", "1"), "Main"), "eu-west-1")
    assert argument == {
        "Name": "n",
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {
            "Jar": "s3://eu-west-1.elasticmapreduce/libs/script-runner/script-runner.jar",
            "Args": ["s3://b/x.sh", "1"],
            "MainClass": "Main",
        },
    }
    model = botocore.session.get_session().get_service_model("emr").operation_model("AddJobFlowSteps").input_shape
    report = ParamValidator().validate({"JobFlowId": "j-1", "Steps": [argument]}, model)
    assert not report.has_errors(), report.generate_report()


def test_a_cluster_grows_to_so_many_core_nodes_and_never_shrinks(session: Any, steps: EmrSteps) -> None:
    client = session.client("emr", region_name="us-east-1")
    groups = [
        {"InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": count, "Name": role}
        for role, count in (("MASTER", 1), ("CORE", 2))
    ]
    instances = {"KeepJobFlowAliveWhenNoSteps": True, "InstanceGroups": groups}
    made = client.run_job_flow(Name="c", Instances=instances, ReleaseLabel="emr-6.15.0")["JobFlowId"]
    for wanted, found in ((5, 5), (3, 5)):
        steps.grow(made, wanted)
        listed = client.list_instance_groups(ClusterId=made)["InstanceGroups"]
        assert {item["InstanceGroupType"]: item["RequestedInstanceCount"] for item in listed}["CORE"] == found
