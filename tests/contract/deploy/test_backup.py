"""A stage's tables are backed up and put back, here and in another region, with the secrets in them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.aws.dynamodb.store import DynamoStore, TableNames
from chalicelib.adapters.aws.kms import KmsSealer
from chalicelib.domain.definition.model import Definition, Field, PipelineObject
from chalicelib.domain.values import PipelineId
from chalicelib.ports.store import PipelineRecord
from deploy import backup, foundation
from deploy.backup import BadBackup, Place, back_up
from deploy.removal import remove_foundation
from deploy.restore import restore
from deploy.site import Site, site
from tests.contract.deploy.conftest import Deploy

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("deploy")]
STAGE = "safe"
NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
PIPELINES = [PipelineId(f"df-{number:04d}") for number in range(60)]


@pytest.fixture
def at(account: Mapping[str, str], working_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Site]:
    """The stage in a region of the account."""

    def found(region: str) -> Site:
        for name, value in {**account, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}.items():
            monkeypatch.setenv(name, value)
        return site(STAGE, working_copy)

    return found


def store(where: Site) -> DynamoStore:
    names = TableNames(*(f"{where.app}-{table}" for table in backup.TABLES))
    return DynamoStore(where.client("dynamodb"), names, SystemClock(), timedelta(days=30))


def sealer(where: Site) -> KmsSealer:
    return KmsSealer(where.client("kms"), f"alias/{where.app}")


def definition(where: Site, pipeline: PipelineId) -> Definition:
    secret = f"{{sealed:{sealer(where).seal('hush', pipeline)}}}"
    database = PipelineObject("Base", "Base", (Field("type", "JdbcDatabase"), Field("*password", secret)))
    return Definition((database,), (), ())


def silent(_: str) -> None:
    """Nobody reads what is told here."""


def filled(where: Site) -> dict[PipelineId, Definition]:
    """Make the foundation with some pipelines; their definitions."""
    for part in foundation.PARTS:
        foundation.bring(where, part)
    written = {}
    for pipeline in PIPELINES:
        store(where).create_pipeline(PipelineRecord(pipeline, where.account, "ann", pipeline, "u", "", NOW, {"a": "é"}))
        written[pipeline] = definition(where, pipeline)
        store(where).put_definition(pipeline, 1, written[pipeline])
    return written


def backed_up(where: Site, to: Place) -> Place:
    """A backup that shows everything written before: recovery tells whole seconds."""
    wanted = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    for table in backup.TABLES:
        while True:
            name = f"{where.app}-{table}"
            found = where.client("dynamodb").describe_continuous_backups(TableName=name)
            about = found["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            if about["LatestRestorableDateTime"] >= wanted + timedelta(seconds=1):
                break
    return back_up(where, to, silent, wanted)


def assert_as_before(where: Site, written: Mapping[PipelineId, Definition]) -> None:
    assert set(store(where).pipelines(PIPELINES)) == set(PIPELINES)
    for pipeline, expected in written.items():
        found = store(where).definition(pipeline, 1)
        assert found == expected


def test_a_stage_goes_on_in_its_own_region_or_another(at: Callable[[str], Site]) -> None:
    here = at("us-east-1")
    written = filled(here)
    here.client("s3").create_bucket(Bucket="vault")
    below = backed_up(here, backup.place("s3://vault/daily/"))

    with pytest.raises(BadBackup, match="tables of stage safe are not empty: pipelines"):
        restore(here, below, silent)
    for _ in remove_foundation(here):
        pass
    restore(here, below, silent)
    assert_as_before(here, written)

    there = at("eu-west-1")
    restore(there, below, silent)
    assert_as_before(there, written)
    given = there.client("cloudformation").describe_stacks(StackName=f"{there.app}-foundation")["Stacks"][0]
    key = next(item["ParameterValue"] for item in given["Parameters"] if item["ParameterKey"] == "PrimaryKey")
    assert key.startswith("arn:aws:kms:us-east-1:")


def test_what_is_no_backup_or_no_place_for_one_is_said(deploy: Deploy, account: Mapping[str, str]) -> None:
    for words, said in (
        (("backup", "--to", "vault"), "'vault' is no place for a backup: expected s3://bucket or s3://bucket/prefix"),
        (("backup", "--to", "s3://v", "--at", "soon"), "'soon' is no time: expected one like 2026-11-21T10:00:00Z"),
        (("backup", "--to", "s3://v", "--at", "2026-11-21"), "has no zone"),
        (("backup", "--to", "s3://v"), "there is no stage empty in us-east-1"),
        (("restore", "--from", "s3://nowhere/x"), "NoSuchBucket"),
    ):
        refused = deploy(*words, "--stage", "empty")
        assert refused.returncode == 1
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
