"""ports/jobs and ports/catalogues over boto3, on moto."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.config import DefaultConfig

from chalicelib.adapters.aws.catalogues import GlueCatalogues
from chalicelib.adapters.aws.jobs import AwsJobs
from chalicelib.ports.catalogues import CatalogTable
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.jobs import AthenaQuery, GlueJob, JobStatus

NO_DOCKER: DefaultConfig = {"lambda": {"use_docker": False}}
TABLE = CatalogTable("lake", "readings")


def client(service: str, _: str | None = None) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, region_name="us-east-1", **keys)


@pytest.fixture
def jobs() -> Iterator[AwsJobs]:
    with mock_aws(config=NO_DOCKER):
        yield AwsJobs(client)


def test_a_glue_job_is_started_once_a_token_and_told_of(jobs: AwsJobs) -> None:
    client("glue").create_job(
        Name="clean", Role="r", Command={"Name": "glueetl"}, ExecutionProperty={"MaxConcurrentRuns": 3}
    )
    job = GlueJob("clean", {"--day": "1"}, "G.1X", 2)
    first = jobs.start(job, "penstock-1")
    assert jobs.start(job, "penstock-1") == first
    assert jobs.start(job, "penstock-2") != first
    assert jobs.report(job, first).status in (JobStatus.RUNNING, JobStatus.SUCCEEDED)


def test_a_glue_job_that_does_not_exist_is_missing(jobs: AwsJobs) -> None:
    with pytest.raises(Missing):
        jobs.start(GlueJob("gone", {}), "penstock-1")


def test_a_query_is_told_of_with_where_its_result_is(jobs: AwsJobs) -> None:
    query = AthenaQuery("SELECT 1", database="lake", output="s3://bucket/out/")
    started = jobs.start(query, "penstock-1")
    report = jobs.report(query, started)
    assert report.status is JobStatus.SUCCEEDED
    assert dict(report.facts)["athenaOutput"].startswith("s3://bucket/out/")
    jobs.stop(query, started)


def test_a_function_is_called_with_its_payload(jobs: AwsJobs) -> None:
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = {"ZipFile": b"x"}
    client("lambda").create_function(FunctionName="f", Runtime="python3.13", Role=role, Handler="a.b", Code=code)
    assert jobs.invoke("f", b"{}", True, None).error == ""
    assert jobs.invoke("f", b"{}", False, None).content == b""


def create_table(*keys: str) -> None:
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "lake"})
    storage = {"Location": "s3://bucket/readings/", "Columns": [{"Name": "n", "Type": "int"}]}
    partition = [{"Name": key, "Type": "string"} for key in keys]
    glue.create_table(
        DatabaseName="lake",
        TableInput={"Name": "readings", "StorageDescriptor": storage, "PartitionKeys": partition},
    )


@mock_aws
def test_a_partition_is_registered_with_the_tables_format_and_moved_when_it_is_there() -> None:
    create_table("year", "day")
    catalogues = GlueCatalogues(lambda _: client("glue"))
    for folder in ("s3://bucket/a/", "s3://bucket/b/"):
        catalogues.register(TABLE, {"day": "02", "year": "2026"}, folder)
    (found,) = client("glue").get_partitions(DatabaseName="lake", TableName="readings")["Partitions"]
    assert found["Values"] == ["2026", "02"]
    assert found["StorageDescriptor"]["Location"] == "s3://bucket/b/"
    assert found["StorageDescriptor"]["Columns"] == [{"Name": "n", "Type": "int"}]


@mock_aws
def test_other_keys_than_the_tables_and_tables_that_do_not_exist_are_refused() -> None:
    create_table("day")
    catalogues = GlueCatalogues(lambda _: client("glue"))
    with pytest.raises(Rejected, match="its partition keys are day, given are hour"):
        catalogues.register(TABLE, {"hour": "1"}, "s3://bucket/a/")
    with pytest.raises(Missing, match="gone"):
        catalogues.register(CatalogTable("lake", "gone"), {}, "s3://bucket/a/")
