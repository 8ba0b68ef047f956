"""Deployments that are killed or refused at one call after another: each next try goes on, and the last finishes."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.manifest import manifest
from deploy.refusals import ADVICE
from tests.contract.deploy.obstacles import Happens, Obstacle, opened
from tests.contract.deploy.test_stages import api_ids, client, counts

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("deploy")]
STAGE = "halt"
REFUSED, BEFORE, AFTER = Happens.REFUSED, Happens.KILLED_BEFORE, Happens.KILLED_AFTER
ON_THE_WAY_UP = (
    Obstacle("lambda POST /2015-03-31/functions", AFTER, at=2),
    Obstacle("lambda POST /2015-03-31/event-source-mappings", BEFORE, at=2),
    Obstacle("apigateway POST /restapis/[^/]+/deployments", REFUSED, "apigateway:POST"),
)
ON_THE_WAY_DOWN = (Obstacle("lambda DELETE /2015-03-31/functions", AFTER, at=3),)


def test_every_further_try_goes_on_from_a_deployment_that_was_stopped(
    working_copy: Path, account: Mapping[str, str]
) -> None:
    declared = manifest(working_copy / "app.py")
    with opened(account["AWS_ENDPOINT_URL"]) as door:
        for obstacle in ON_THE_WAY_UP:
            tried = door.deploy(account, working_copy, obstacle, "up", "--stage", STAGE, "--road", "chalice")
            assert stopped(tried.returncode, tried.stderr, obstacle), f"{obstacle}: {tried.stdout}{tried.stderr}"
        assert door.deploy(account, working_copy, None, "up", "--stage", STAGE).returncode == 0
        assert door.deploy(account, working_copy, None, "diff", "--stage", STAGE).stdout == "no changes\n"
        assert len(api_ids(account)) == 1
        mappings = client(account, "lambda").list_event_source_mappings()["EventSourceMappings"]
        assert len(mappings) == len(declared.queued)

        for obstacle in ON_THE_WAY_DOWN:
            tried = door.deploy(account, working_copy, obstacle, "down", "--stage", STAGE)
            assert stopped(tried.returncode, tried.stderr, obstacle), f"{obstacle}: {tried.stdout}{tried.stderr}"
        again = door.deploy(account, working_copy, None, "up", "--stage", STAGE, "--road", "chalice")
        assert again.returncode == 0, again.stderr
        assert counts(again.stdout)["functions"] == len(declared.functions)
        assert len(api_ids(account)) == 1
        assert door.deploy(account, working_copy, None, "down", "--stage", STAGE, "--data").returncode == 0
        assert door.deploy(account, working_copy, None, "status", "--stage", STAGE).stdout.strip() == "nothing"


def stopped(status: int, told: str, obstacle: Obstacle) -> bool:
    """Whether a try ended as the obstacle has it: by a signal, or with one message that names the permission."""
    if obstacle.happens is not REFUSED:
        return status < 0
    plain = " ".join(told.split())
    return status == 1 and f"Not permitted: {obstacle.permission}. {ADVICE}" in plain and "Traceback" not in told
