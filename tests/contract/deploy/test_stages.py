"""A stage is made, changed, made again and taken away on the embedded AWS, by the commands that people type."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from deploy.manifest import manifest
from tests.contract.deploy.conftest import Deploy

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("deploy")]
STAGE = "qa7"


def client(account: Mapping[str, str], service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=account["AWS_ENDPOINT_URL"],
        region_name=account["AWS_REGION"],
        aws_access_key_id="penstock",
        aws_secret_access_key="penstock",
    )


def counts(text: str) -> dict[str, int]:
    """How many of each kind the last list in a command's output names."""
    last = re.split(r"\n(?=\S)", text.strip() + "\n")
    listed = [part for part in last if re.search(r"^  stacks +\d", part, re.MULTILINE)]
    found = re.findall(r"^  (\S.*?) +(\d+)  ", listed[-1] if listed else "", re.MULTILINE)
    return {kind: int(number) for kind, number in found}


def test_a_stage_is_made_changed_and_taken_away(deploy: Deploy, working_copy: Path, account: Mapping[str, str]) -> None:
    declared = manifest(working_copy / "app.py")
    made = deploy("up", "--stage", STAGE)
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

    change(working_copy)
    shown = deploy("diff", "--stage", STAGE)
    assert shown.returncode == 2
    for line in (
        f"~ function penstock-{STAGE}-tick/timeout: 60 -> 90",
        f"- function penstock-{STAGE}-sweep_video: the function",
        f"+ penstock-{STAGE}-foundation/Resources/Extra: AWS::SNS::Topic",
    ):
        assert line in shown.stdout.splitlines()

    api = client(account, "apigateway").get_rest_apis()["items"]
    again = deploy("up", "--stage", STAGE)
    assert again.returncode == 0, again.stderr
    assert client(account, "apigateway").get_rest_apis()["items"] == api
    assert deploy("diff", "--stage", STAGE).stdout == "no changes\n"
    assert len(lambdas.list_event_source_mappings()["EventSourceMappings"]) == len(declared.queued)
    assert lambdas.get_function_configuration(FunctionName=f"penstock-{STAGE}-tick")["Timeout"] == 90

    gone = deploy("down", "--stage", STAGE)
    assert gone.returncode == 0, gone.stderr
    assert counts(gone.stdout).get("functions") is None
    assert counts(gone.stdout)["tables"] == 5

    everything = deploy("down", "--stage", STAGE, "--data")
    assert everything.returncode == 0, everything.stderr
    assert deploy("status", "--stage", STAGE).stdout.strip() == "nothing"


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
