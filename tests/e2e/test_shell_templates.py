"""The console's two templates for shell commands, in the embedded run: a machine boots, works and is ended."""

import json
from pathlib import Path

from tests.e2e.definitions import default
from tests.e2e.plane import REPOSITORY, Pipeline, Plane

MACHINE_SECONDS = 120
LOG = b'10.0.0.1 "GET /a"\n10.0.0.2 "POST /b"\n10.0.0.1 "GET /c"\n'


def filled(plane: Plane, name: str, folder: Path, template: str, **values: str) -> Pipeline:
    """A pipeline of the template, put by the CLI as a user does it, and activated."""
    document = json.loads((REPOSITORY / "chalicelib" / "templates" / f"{template}.json").read_text())
    file = folder / "filled.json"
    file.write_text(json.dumps({**document, "values": {**values, "myScheduleOccurrences": "1"}}))
    pipeline = Pipeline(plane, name, [default()])
    plane.aws("put-pipeline-definition", "--pipeline-id", pipeline.id, "--pipeline-definition", f"file://{file}")
    return pipeline.activate()


def test_getting_started_counts_the_requests_of_a_log(plane: Plane, name: str, tmp_path: Path) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63].rstrip("-"))
    s3.put_object(Bucket=bucket, Key="logs/access.log", Body=LOG)
    pipeline = filled(
        plane,
        name,
        tmp_path,
        "getting-started-using-shellcommandactivity",
        myS3InputLoc=f"s3://{bucket}/logs",
        myS3OutputLoc=f"s3://{bucket}/counts",
    )
    pipeline.until("ShellCommandActivityObj", "FINISHED", seconds=MACHINE_SECONDS)
    (found,) = s3.list_objects_v2(Bucket=bucket, Prefix="counts/")["Contents"]
    assert found["Key"].endswith("/output.txt")
    assert s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read().strip().endswith(b"2")
    pipeline.until("EC2ResourceObj", "FINISHED", seconds=MACHINE_SECONDS)


def test_an_aws_cli_command_is_run(plane: Plane, name: str, tmp_path: Path) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63].rstrip("-"))
    s3.put_object(Bucket=bucket, Key="from/a", Body=b"here")
    command = f"aws s3 sync s3://{bucket}/from s3://{bucket}/to"
    pipeline = filled(plane, name, tmp_path, "run-aws-cli-command", myAWSCLICmd=command)
    pipeline.until("CliActivity", "FINISHED", seconds=MACHINE_SECONDS)
    assert s3.get_object(Bucket=bucket, Key="to/a")["Body"].read() == b"here"
    pipeline.until("Ec2Instance", "FINISHED", seconds=MACHINE_SECONDS)
