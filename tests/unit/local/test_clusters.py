"""Steps of the embedded EMR."""

from pathlib import Path

import boto3
from moto import mock_aws

from local.clusters import StepRunner


def test_a_step_that_is_cancelled_before_it_was_ever_looked_at_never_runs(tmp_path: Path) -> None:
    with mock_aws():
        emr = boto3.client("emr", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        instances = {"KeepJobFlowAliveWhenNoSteps": True, "MasterInstanceType": "m5.xlarge", "InstanceCount": 1}
        cluster = emr.run_job_flow(Name="c", Instances=instances, ReleaseLabel="emr-6.15.0")["JobFlowId"]
        jar = {"Jar": "command-runner.jar", "Args": ["touch", str(tmp_path / "ran")]}
        steps = emr.add_job_flow_steps(JobFlowId=cluster, Steps=[{"Name": "s", "HadoopJarStep": jar}])["StepIds"]
        runner = StepRunner(tmp_path)
        assert runner.cancel(cluster, steps)["CancelStepsInfoList"][0]["Status"] == "SUBMITTED"
        runner.look()
        assert emr.describe_step(ClusterId=cluster, StepId=steps[0])["Step"]["Status"]["State"] == "CANCELLED"
        assert not (tmp_path / "ran").exists()
