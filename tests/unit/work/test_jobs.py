"""Activities whose work other services do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.ports.catalogues import CatalogTable
from chalicelib.ports.errors import Rejected
from chalicelib.ports.jobs import AthenaQuery, FunctionAnswer, GlueJob, Job, JobReport, JobStatus
from chalicelib.work.catalog_tables import registered
from chalicelib.work.jobs import athena_query, call_function, glue_job, run_job, stop_job
from chalicelib.work.outcome import Failed, Finished, Unfinished
from tests.workbench import item, task, tools

RUNNING = JobReport(JobStatus.RUNNING)


@dataclass
class Elsewhere:
    """A service that reports what it is told to, and keeps what was asked of it."""

    reports: Sequence[JobReport] = ()
    answer: FunctionAnswer = field(default_factory=lambda: FunctionAnswer(b'{"a":1}'))
    asked: list[Any] = field(default_factory=list)
    looks: int = 0

    def start(self, job: Job, token: str) -> str:
        self.asked.append((job, token))
        return "job-1"

    def report(self, job: Job, job_id: str) -> JobReport:
        self.looks += 1
        return self.reports[min(self.looks, len(self.reports)) - 1]

    def stop(self, job: Job, job_id: str) -> None:
        self.asked.append(("stop", job_id))

    def invoke(self, function: str, payload: bytes, wait: bool, region: str | None) -> FunctionAnswer:
        self.asked.append((function, payload, wait, region))
        return self.answer


def glue(**fields: Any) -> Task:
    return task(item("Clean", type="GlueJobActivity", jobName="clean", **fields))


def checked(given: Task, checkpoint: str) -> Task:
    return Task(**{name: getattr(given, name) for name in Task.__slots__} | {"checkpoint": checkpoint})


def test_a_job_is_started_and_looked_at_in_growing_pauses_without_waiting(s3: Any, tmp_path: Path) -> None:
    elsewhere = Elsewhere([RUNNING, RUNNING, JobReport(JobStatus.SUCCEEDED, facts=(("glueSeconds", "61"),))])
    given, pauses = glue(argument=["--day=1", "--empty="], workers="2"), []
    outcome = run_job(glue_job)(given, tools(given, s3, tmp_path, jobs=elsewhere, fans_out=True))
    while isinstance(outcome, Unfinished):
        pauses.append(outcome.after)
        again = checked(given, outcome.checkpoint)
        outcome = run_job(glue_job)(again, tools(given, s3, tmp_path, jobs=elsewhere, fans_out=True))
    assert outcome == Finished((("jobId", "job-1"), ("glueSeconds", "61")))
    assert pauses == [timedelta(seconds=1), timedelta(seconds=2)]
    ((job, token),) = elsewhere.asked
    assert job == GlueJob("clean", {"--day": "1", "--empty": ""}, None, 2)
    assert len(token) <= 63


def test_a_machine_waits_for_the_job_itself(s3: Any, tmp_path: Path) -> None:
    elsewhere, naps = Elsewhere([RUNNING, RUNNING, JobReport(JobStatus.SUCCEEDED)]), []
    given = glue()
    outcome = run_job(glue_job)(given, tools(given, s3, tmp_path, jobs=elsewhere, pause=naps.append))
    assert isinstance(outcome, Finished)
    assert naps == [1, 2]


@pytest.mark.parametrize(
    ("report", "error"),
    [
        (JobReport(JobStatus.FAILED, "no memory"), Failed("JobFailed", "job-1: no memory")),
        (JobReport(JobStatus.STOPPED), Failed("JobStopped", "job-1 was stopped by somebody else.")),
    ],
    ids=["failed", "stopped"],
)
def test_a_job_that_fails_says_why(s3: Any, tmp_path: Path, report: JobReport, error: Failed) -> None:
    given = glue()
    assert run_job(glue_job)(given, tools(given, s3, tmp_path, jobs=Elsewhere([report]))) == error


def test_a_job_that_nobody_wants_any_more_is_stopped(s3: Any, tmp_path: Path) -> None:
    elsewhere = Elsewhere([RUNNING])
    given = checked(glue(), '["job-1",3]')
    outcome = run_job(glue_job)(given, tools(given, s3, tmp_path, jobs=elsewhere, cancelled=lambda: True))
    assert isinstance(outcome, Failed)
    assert elsewhere.asked == [("stop", "job-1")]


def test_two_executions_of_one_attempt_have_one_token_and_another_attempt_another(s3: Any, tmp_path: Path) -> None:
    elsewhere = Elsewhere([JobReport(JobStatus.SUCCEEDED)])
    first = glue()
    second = task(first.subject, attempt=first.attempt.replace("=1", "=2"))  # type: ignore[arg-type]
    for given in (first, first, second):
        run_job(glue_job)(given, tools(given, s3, tmp_path, jobs=elsewhere))
    tokens = [token for _, token in elsewhere.asked]
    assert tokens[0] == tokens[1] != tokens[2]


def test_an_argument_without_a_name_is_refused() -> None:
    with pytest.raises(Rejected, match="'day=1': --name=value expected"):
        glue_job(glue(argument="day=1"))


def test_a_query_writes_to_its_outputs_folder() -> None:
    out = item("Out", type="S3DataNode", directoryPath="s3://target/q")
    given = task(item("Ask", type="AthenaQueryActivity", script="SELECT 1", database="lake", output=Ref("Out")), out)
    assert athena_query(given) == AthenaQuery("SELECT 1", "lake", output="s3://target/q/")


def test_a_functions_answer_is_its_outputs_content(s3: Any, tmp_path: Path) -> None:
    out = item("Out", type="S3DataNode", filePath="s3://target/a.json")
    given = task(item("Call", type="LambdaActivity", function="f", payload='{"x":1}', output=Ref("Out")), out)
    elsewhere = Elsewhere()
    assert isinstance(call_function(given, tools(given, s3, tmp_path, jobs=elsewhere)), Finished)
    assert elsewhere.asked == [("f", b'{"x":1}', True, None)]
    assert s3.get_object(Bucket="target", Key="a.json")["Body"].read() == b'{"a":1}'


def test_a_function_that_fails_and_a_payload_that_is_no_json_are_told(s3: Any, tmp_path: Path) -> None:
    given = task(item("Call", type="LambdaActivity", function="f", payload="{"))
    with pytest.raises(Rejected, match="is no JSON"):
        call_function(given, tools(given, s3, tmp_path, jobs=Elsewhere()))
    given = task(item("Call", type="LambdaActivity", function="f"))
    broken = Elsewhere(answer=FunctionAnswer(b'{"errorMessage":"no"}', "Unhandled"))
    outcome = call_function(given, tools(given, s3, tmp_path, jobs=broken))
    assert outcome == Failed("FunctionFailed", 'f: Unhandled: {"errorMessage":"no"}')


class Catalogue:
    """Keeps what is registered."""

    def __init__(self) -> None:
        self.known: list[tuple[str, dict[str, str], str]] = []

    def register(self, table: CatalogTable, partition: dict[str, str], location: str) -> None:
        self.known.append((str(table), dict(partition), location))


@pytest.mark.parametrize(
    ("fields", "partition", "folder"),
    [
        ({"directoryPath": "s3://target/t/year=2026/day=02"}, {"year": "2026", "day": "02"}, "t/year=2026/day=02/"),
        ({"filePath": "s3://target/t/day=3/x.csv"}, {"day": "3"}, "t/day=3/"),
        ({"directoryPath": "s3://target/t/", "catalogPartition": ["day=4"]}, {"day": "4"}, "t/"),
    ],
    ids=["directory", "file", "told"],
)
def test_an_output_that_is_done_becomes_a_partition(
    s3: Any, tmp_path: Path, fields: dict[str, Any], partition: dict[str, str], folder: str
) -> None:
    out = item("Out", type="S3DataNode", catalogTable="lake.readings", **fields)
    given, catalogue = task(item("Copy", type="CopyActivity", output=Ref("Out")), out), Catalogue()
    used = tools(given, s3, tmp_path, catalogues=catalogue)
    assert isinstance(registered(given, Failed("x", "y"), used), Failed)
    assert catalogue.known == []
    registered(given, Finished(), used)
    assert catalogue.known == [("lake.readings", partition, f"s3://target/{folder}")]


def test_a_table_without_a_database_is_refused(s3: Any, tmp_path: Path) -> None:
    out = item("Out", type="S3DataNode", catalogTable="readings", directoryPath="s3://target/t")
    given = task(item("Copy", type="CopyActivity", output=Ref("Out")), out)
    with pytest.raises(Rejected, match="is 'readings'"):
        registered(given, Finished(), tools(given, s3, tmp_path, catalogues=Catalogue()))


def test_a_job_of_an_attempt_that_is_over_is_stopped_under_its_role() -> None:
    elsewhere = Elsewhere()

    class Reaching:
        roles: list[str | None] = []

        def under(self, role: str | None) -> Any:
            self.roles.append(role)
            return self

        jobs = elsewhere

    reach = Reaching()
    assert not stop_job(glue(role="worker"), reach)
    assert stop_job(checked(glue(role="worker"), '["job-1",3]'), reach)
    transforming = task(item("Infer", type="InferenceActivity", transformModel="m"))
    assert stop_job(checked(transforming, '["job-2",3]'), reach)
    copying = task(item("Copy", type="CopyActivity"))
    assert not stop_job(checked(copying, "{}"), reach)
    assert (reach.roles, elsewhere.asked) == (["worker", None], [("stop", "job-1"), ("stop", "job-2")])
