"""Every stage has a project of its own, made from what is kept for stage dev."""

import compileall
import json
from pathlib import Path
from typing import Any

import pytest

from deploy.declared import BadSettings
from deploy.policies import for_stage, policies
from deploy.policy_lint import faults
from deploy.project import assemble, config, digest
from deploy.site import BadStage, Site, checked
from deploy.stage import parse
from deploy.surroundings import Surroundings

ROOT = Path(__file__).parents[3]


def nobody(service: str) -> Any:
    raise AssertionError(service)


AROUND = Surroundings(parse("", "prod"), None, None)
HOME = "https://x.execute-api.eu-west-1.amazonaws.com/api"


def site(stage: str, source: Path) -> Site:
    return Site(stage, "123456789012", "aws", "eu-west-1", embedded=False, client=nobody, source=source)


def small_copy(directory: Path) -> Path:
    (directory / "chalicelib" / "__pycache__").mkdir(parents=True)
    (directory / "chalicelib" / "__pycache__" / "x.pyc").write_bytes(b"")
    (directory / "chalicelib" / "one.py").write_text("ONE = 1\n")
    (directory / "app.py").write_text("")
    (directory / "requirements.txt").write_text("")
    (directory / ".chalice").mkdir()
    for path in (ROOT / ".chalice").glob("*.json"):
        (directory / ".chalice" / path.name).write_text(path.read_text())
    return directory


@pytest.mark.parametrize("stage", ["prod", "a", "dev2", "x123456789abcdef"])
def test_a_stages_policies_name_no_other_stage(stage: str) -> None:
    text = json.dumps(policies(ROOT, stage))
    assert f"penstock-{stage}-control" in text
    assert for_stage(text, "other") == text if stage != "dev" else True
    assert "penstock-dev-" not in text
    assert "penstock_dev_" not in text


def test_what_only_begins_like_the_patterns_stage_is_left_alone() -> None:
    assert (
        for_stage("penstock-dev-x penstock-devices penstock-dev", "qa") == "penstock-qa-x penstock-devices penstock-qa"
    )


def test_a_project_holds_what_is_deployed_and_nothing_else(tmp_path: Path) -> None:
    project = assemble(site("prod", small_copy(tmp_path)), AROUND)
    found = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    assert {name for name in found if not name.startswith(".chalice/")} == {
        "app.py",
        "requirements.txt",
        "chalicelib/one.py",
    }
    assert {name for name in found if "dev" in name} == set()
    assert ".chalice/policy-prod-control.json" in found


def test_a_project_is_made_anew_each_time(tmp_path: Path) -> None:
    copy = small_copy(tmp_path)
    assemble(site("prod", copy), AROUND)
    (copy / "chalicelib" / "one.py").rename(copy / "chalicelib" / "two.py")
    project = assemble(site("prod", copy), AROUND)
    assert [path.name for path in (project / "chalicelib").iterdir()] == ["two.py"]


def test_a_projects_digest_changes_with_its_sources_only(tmp_path: Path) -> None:
    copy = small_copy(tmp_path)
    project = assemble(site("prod", copy), AROUND)
    before = digest(project)
    (project / ".chalice" / "deployments").mkdir()
    (project / ".chalice" / "deployments" / "a.zip").write_bytes(b"1")
    compileall.compile_dir(project / "chalicelib", quiet=1)  # as Chalice does, when it imports the application
    assert digest(project) == before
    (project / "chalicelib" / "one.py").write_text("ONE = 2\n")
    assert digest(project) != before


def shared() -> Any:
    return json.loads((ROOT / ".chalice" / "config.json").read_text())


def test_a_stages_settings_are_its_own() -> None:
    found = config(shared(), site("prod", ROOT), AROUND, "abc")
    assert list(found["stages"]) == ["prod"]
    assert found["stages"]["prod"]["environment_variables"] == {
        **shared()["stages"]["dev"]["environment_variables"],
        "PENSTOCK_STAGE": "prod",
        "PENSTOCK_CODE": "abc",
        "PENSTOCK_RUNNER": "s3://penstock-prod-code-123456789012-eu-west-1/taskrunner.pyz",
        "PENSTOCK_ORIGINS": "",
    }
    files = [item["iam_policy_file"] for item in found["stages"]["prod"]["lambda_functions"].values()]
    assert len(files) == len(set(files))
    assert all(name.startswith("policy-prod-") for name in files)


def test_what_the_stage_file_says_of_the_api_reaches_chalice() -> None:
    settings = parse("minimum_compression_bytes = 10\n[endpoint]\ntype = 'edge'\n", "prod")
    found = config(shared(), site("prod", ROOT), Surroundings(settings, None, None), "abc")["stages"]["prod"]
    assert (found["api_gateway_endpoint_type"], found["minimum_compression_size"]) == ("EDGE", 10)


@pytest.mark.parametrize("name", ["", "Prod", "1a", "a-b", "a" * 17, "../x"])
def test_a_name_that_resources_cannot_have_is_no_stage(name: str) -> None:
    with pytest.raises(BadStage):
        checked(name)


def test_only_functions_that_decode_are_given_the_layer() -> None:
    around = Surroundings(parse("", "prod"), None, None, "arn:layer:1")
    found = config(shared(), site("prod", ROOT), around, "abc")["stages"]["prod"]["lambda_functions"]
    assert {name for name, item in found.items() if "layers" in item} == {"tasks", "chunks"}


@pytest.mark.parametrize("tracing", [True, False])
def test_a_function_that_is_traced_may_send_traces_and_no_other(tmp_path: Path, tracing: bool) -> None:
    around = Surroundings(parse(f"tracing = {str(tracing).lower()}", "prod"), None, None)
    project = assemble(site("prod", small_copy(tmp_path)), around)
    policy = json.loads((project / ".chalice" / "policy-prod-tick.json").read_text())
    assert ("xray:PutTraceSegments" in json.dumps(policy)) is tracing
    assert config(shared(), site("prod", ROOT), around, "abc")["stages"]["prod"]["xray"] is tracing
    assert list(faults(policy, "prod")) == []


def test_a_stage_says_which_roles_definitions_may_name(tmp_path: Path) -> None:
    partner = "arn:aws:iam::210987654321:role/shared/Partner"
    settings = parse(f'roles = ["team-*", "{partner}"]\nmachine_roles = ["Machines"]', "prod")
    project = assemble(site("prod", small_copy(tmp_path)), Surroundings(settings, None, None))
    found = {
        path.stem: json.loads(path.read_text())["Statement"] for path in (project / ".chalice").glob("policy-*.json")
    }
    taken = [each for each in found["policy-prod-tasks"] if each["Action"] == "sts:AssumeRole"]
    assert [each["Resource"] for each in taken] == [["arn:*:iam::*:role/team-*", partner]]
    assert "arn:*:iam::*:role/Machines" in json.dumps(found["policy-prod-control"])
    assert "DataPipelineDefault" not in json.dumps(found)


def test_a_role_that_cannot_be_one_is_named() -> None:
    with pytest.raises(BadSettings, match=r"roles.*expected a role's name or ARN"):
        parse('roles = ["arn:aws:iam::1:user/me"]', "prod")
