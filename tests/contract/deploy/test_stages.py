"""A stage is made, changed, made again and taken away on the embedded AWS, by the commands that people type."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.api import ManualArgs, lint

from deploy import archive
from deploy.manifest import manifest
from local.environment import REPOSITORY
from tests.contract.deploy.conftest import Deploy

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("deploy")]
STAGE, PACKAGED, ALONE = "dev", "qa8", "alone"
GATEWAY = """
minimum_compression_bytes = 1024
validation = "all"
[throttle.operations]
wire = { rate = 5, burst = 6 }
[cache.operations]
listTemplates = 60
[cors]
origins = ["https://a.example.org", "https://b.example.org"]
[usage_plans.ingest]
rate = 50
burst = 100
quota = 1000
keys = ["one"]
operations = { ingest = { rate = 2, burst = 3 } }
"""
UNREACHED = {
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
}
"""What the embedded CloudFormation does not make of a deployment; the same list is in docs/howto/deploy.md."""


def client(account: Mapping[str, str], service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=account["AWS_ENDPOINT_URL"],
        region_name=account["AWS_REGION"],
        aws_access_key_id="penstock",
        aws_secret_access_key="penstock",
    )


def api_ids(account: Mapping[str, str]) -> list[str]:
    return [item["id"] for item in client(account, "apigateway").get_rest_apis()["items"]]


def counts(text: str) -> dict[str, int]:
    """How many of each kind the last list in a command's output names."""
    last = re.split(r"\n(?=\S)", text.strip() + "\n")
    listed = [part for part in last if re.search(r"^  stacks +\d", part, re.MULTILINE)]
    found = re.findall(r"^  (\S.*?) +(\d+)  ", listed[-1] if listed else "", re.MULTILINE)
    return {kind: int(number) for kind, number in found}


def test_a_stage_is_made_changed_and_taken_away(deploy: Deploy, working_copy: Path, account: Mapping[str, str]) -> None:
    declared = manifest(working_copy / "app.py")
    settings = working_copy / "infra" / "stages" / f"{STAGE}.toml"
    settings.write_text("[usage_plans.ingest]\nrate = 5\nburst = 10\nkeys = ['one']\n")
    made = deploy("up", "--stage", STAGE, "--road", "chalice")
    assert made.returncode == 0, made.stderr
    found = counts(made.stdout)
    assert [found[kind] for kind in ("functions", "event sources", "API", "tables")] == [
        len(declared.functions),
        len(declared.queued),
        1,
        5,
    ]
    lambdas = client(account, "lambda")
    mappings = lambdas.list_event_source_mappings()["EventSourceMappings"]
    assert {tuple(item["FunctionResponseTypes"]) for item in mappings} == {("ReportBatchItemFailures",)}
    assert len(mappings) == len(declared.queued)

    same = deploy("diff", "--stage", STAGE)
    assert (same.returncode, same.stdout) == (0, "no changes\n")

    gateway = client(account, "apigateway")
    assert [item["name"] for item in gateway.get_api_keys()["items"]] == [f"penstock-{STAGE}-one"]
    assert gateway.get_rest_api(restApiId=api_ids(account)[-1])["name"] == f"penstock-{STAGE}"
    change(working_copy)
    settings.write_text(settings.read_text().replace("rate = 5", "rate = 6"))
    shown = deploy("diff", "--stage", STAGE)
    assert shown.returncode == 2
    for line in (
        f"~ function penstock-{STAGE}-tick/timeout: 60 -> 90",
        f"- function penstock-{STAGE}-sweep_video: the function",
        f"+ penstock-{STAGE}-foundation/Resources/Extra: AWS::SNS::Topic",
        f"~ plans/penstock-{STAGE}-ingest/rate: 5.0 -> 6.0",
    ):
        assert line in shown.stdout.splitlines()

    shutil.rmtree(working_copy / "build")  # as on another machine, or after an interruption
    apis = api_ids(account)
    again = deploy("up", "--stage", STAGE)
    assert again.returncode == 0, again.stderr
    assert api_ids(account) == apis
    assert deploy("diff", "--stage", STAGE).stdout == "no changes\n"
    assert len(lambdas.list_event_source_mappings()["EventSourceMappings"]) == len(declared.queued)
    assert lambdas.get_function_configuration(FunctionName=f"penstock-{STAGE}-tick")["Timeout"] == 90

    gone = deploy("down", "--stage", STAGE)
    assert gone.returncode == 0, gone.stderr
    assert gateway.get_api_keys()["items"] == gateway.get_usage_plans()["items"] == []
    assert counts(gone.stdout).get("functions") is None
    assert counts(gone.stdout)["tables"] == 5

    everything = deploy("down", "--stage", STAGE, "--data")
    assert everything.returncode == 0, everything.stderr
    assert deploy("status", "--stage", STAGE).stdout.strip() == "nothing"


def test_a_packaged_stage_is_made_changed_and_taken_away(
    deploy: Deploy, working_copy: Path, account: Mapping[str, str]
) -> None:
    declared = manifest(working_copy / "app.py")
    (working_copy / "infra" / "stages" / f"{PACKAGED}.toml").write_text(GATEWAY)
    made = deploy("up", "--stage", PACKAGED)
    assert made.returncode == 0, made.stderr
    found = counts(made.stdout)
    assert [found[kind] for kind in ("functions", "event sources", "API", "stacks")] == [
        len(declared.functions),
        len(declared.queued),
        1,
        3,
    ]
    assert set(re.findall(r"not made here: (AWS::\S+)", made.stdout)) <= UNREACHED
    template = (working_copy / "build" / PACKAGED / "package" / "template.json").read_text()
    assert lint(template, ManualArgs(regions=["eu-west-1"])) == []
    names = zipfile.ZipFile(working_copy / "build" / PACKAGED / "package" / "compiled.zip").namelist()
    assert f"chalicelib/__pycache__/bootstrap.{sys.implementation.cache_tag}.pyc" in names

    other = deploy("up", "--stage", PACKAGED, "--road", "chalice")
    assert other.returncode == 1
    assert other.stderr.startswith(f"deploy: stage {PACKAGED} was deployed by the package road")

    change(working_copy)
    again = deploy("up", "--stage", PACKAGED)
    assert again.returncode == 0, again.stderr
    lambdas = client(account, "lambda")
    assert lambdas.get_function_configuration(FunctionName=f"penstock-{PACKAGED}-tick")["Timeout"] == 90
    assert counts(again.stdout)["functions"] == len(declared.functions) - 1
    assert deploy("diff", "--stage", PACKAGED).stdout == "no changes\n"

    assert deploy("down", "--stage", PACKAGED, "--data").returncode == 0
    assert counts(deploy("status", "--stage", PACKAGED).stdout) in ({}, {"roles": 1})  # the account's role for API logs


def test_the_package_holds_every_requirement_and_fits(deploy: Deploy, working_copy: Path) -> None:
    (working_copy / "requirements.txt").write_text((REPOSITORY / "requirements.txt").read_text())
    made = deploy("package", "--stage", PACKAGED)
    assert made.returncode == 0, made.stderr
    packed = working_copy / "build" / PACKAGED / "package" / "compiled.zip"
    assert archive.size(packed).packed < archive.MOST_DIRECT_BYTES


def test_chalice_alone_deploys_the_project_of_a_stage_whose_foundation_exists(
    deploy: Deploy, working_copy: Path, account: Mapping[str, str]
) -> None:
    def chalice(word: str) -> str:
        command = [sys.executable, "-c", "from chalice.cli import main; main()", word, "--stage", ALONE]
        project = working_copy / "build" / ALONE / "project"
        environment = {**os.environ, **account}
        return subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True, text=True).stdout

    declared, others = manifest(working_copy / "app.py"), set(api_ids(account))
    assert deploy("foundation", "--stage", ALONE).returncode == 0
    assert deploy("package", "--stage", ALONE).returncode == 0
    assert "Rest API URL" in chalice("deploy")
    assert deploy("package", "--stage", ALONE).returncode == 0
    assert "Updating lambda function" in chalice("deploy")
    lambdas = client(account, "lambda")
    assert len(lambdas.list_functions()["Functions"]) == len(declared.functions)
    assert len(lambdas.list_event_source_mappings()["EventSourceMappings"]) == len(declared.queued)
    assert len(set(api_ids(account)) - others) == 1
    chalice("delete")
    assert lambdas.list_functions()["Functions"] == []
    assert set(api_ids(account)) == others


def change(working_copy: Path) -> None:
    """One setting, one function less, one resource more."""
    settings = working_copy / ".chalice" / "config.json"
    shared = json.loads(settings.read_text())
    shared["lambda_functions"]["tick"] = {"lambda_timeout": 90}
    del shared["stages"]["dev"]["lambda_functions"]["sweep_video"]
    settings.write_text(json.dumps(shared))
    app = working_copy / "app.py"
    app.write_text(
        re.sub(r"\n\n@app.schedule\([^\n]*\)\ndef sweep_video.*?\n(?=\n\n|\Z)", "\n", app.read_text(), flags=re.DOTALL)
    )
    foundation = working_copy / "infra" / "foundation.yaml"
    foundation.write_text(
        foundation.read_text().replace("\nOutputs:", "\n  Extra:\n    Type: AWS::SNS::Topic\n\nOutputs:")
    )


def test_a_bad_stage_name_is_refused_with_what_was_expected(deploy: Deploy) -> None:
    refused = deploy("up", "--stage", "My_Stage")
    assert refused.returncode == 1
    assert (
        refused.stderr
        == "deploy: 'My_Stage' is no stage name: up to 16 lower-case letters and digits, a letter first\n"
    )
