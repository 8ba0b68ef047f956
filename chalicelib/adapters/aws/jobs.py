"""ports/jobs over boto3's glue, athena, sagemaker and lambda clients. Owns their names and states.

Source: Glue, Athena, SageMaker and Lambda API references
"""

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from chalicelib.adapters.aws.errors import call
from chalicelib.ports.errors import Rejected
from chalicelib.ports.jobs import AthenaQuery, FunctionAnswer, GlueJob, Job, JobReport, JobStatus, TransformJob

_TOKEN = "--penstock-token"
_STATES = {
    **dict.fromkeys(("SUCCEEDED", "Completed"), JobStatus.SUCCEEDED),
    **dict.fromkeys(("FAILED", "TIMEOUT", "ERROR", "EXPIRED", "Failed"), JobStatus.FAILED),
    **dict.fromkeys(("STOPPED", "CANCELLED", "Stopped"), JobStatus.STOPPED),
}
_SHORTEST_TOKEN = 32
Clients = Callable[[str, str | None], Any]


class AwsJobs:
    """One set of credentials. `clients` gives the client of a service in a region; None is the credentials' own."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def start(self, job: Job, token: str) -> str:
        """See ports/jobs."""
        match job:
            case GlueJob():
                return self._start_glue(job, token)
            case AthenaQuery():
                return self._start_query(job, token)
            case TransformJob():
                return self._start_transform(job, token)
            case _:
                assert_never(job)

    def report(self, job: Job, job_id: str) -> JobReport:
        """See ports/jobs."""
        match job:
            case GlueJob():
                return self._glue_report(job, job_id)
            case AthenaQuery():
                return self._query_report(job, job_id)
            case TransformJob():
                return self._transform_report(job, job_id)
            case _:
                assert_never(job)

    def stop(self, job: Job, job_id: str) -> None:
        """See ports/jobs."""
        if self.report(job, job_id).status is not JobStatus.RUNNING:
            return
        match job:
            case GlueJob():
                client = self._clients("glue", job.region)
                call(f"stop {job_id}", client.batch_stop_job_run, JobName=job.name, JobRunIds=[job_id])
            case AthenaQuery():
                client = self._clients("athena", job.region)
                call(f"stop {job_id}", client.stop_query_execution, QueryExecutionId=job_id)
            case TransformJob():
                client = self._clients("sagemaker", job.region)
                call(f"stop {job_id}", client.stop_transform_job, TransformJobName=job_id)
            case _:
                assert_never(job)

    def invoke(self, function: str, payload: bytes, wait: bool, region: str | None) -> FunctionAnswer:
        """See ports/jobs."""
        kind = "RequestResponse" if wait else "Event"
        client = self._clients("lambda", region)
        reply = call(f"invoke {function}", client.invoke, FunctionName=function, InvocationType=kind, Payload=payload)
        content = reply["Payload"].read() if wait else b""
        return FunctionAnswer(content, reply.get("FunctionError", ""))

    def _start_glue(self, job: GlueJob, token: str) -> str:
        client = self._clients("glue", job.region)
        started = self._started(client, job, token)
        if started is not None:
            return started
        more: dict[str, Any] = {"WorkerType": job.worker_type} if job.worker_type else {}
        more |= {"NumberOfWorkers": job.workers} if job.workers else {}
        arguments = {**job.arguments, _TOKEN: token}
        reply = call(f"start job {job.name}", client.start_job_run, JobName=job.name, Arguments=arguments, **more)
        return str(reply["JobRunId"])

    def _started(self, client: Any, job: GlueJob, token: str) -> str | None:
        """Runs come newest first, so what a worker that died has started is on the first page."""
        found = call(f"list runs of {job.name}", client.get_job_runs, JobName=job.name)["JobRuns"]
        return next((run["Id"] for run in found if run.get("Arguments", {}).get(_TOKEN) == token), None)

    def _glue_report(self, job: GlueJob, job_id: str) -> JobReport:
        client = self._clients("glue", job.region)
        run = call(f"ask about {job_id}", client.get_job_run, JobName=job.name, RunId=job_id)["JobRun"]
        facts = {"glueSeconds": run.get("ExecutionTime"), "glueDpuSeconds": run.get("DPUSeconds")}
        return _report(run["JobRunState"], run.get("ErrorMessage", ""), facts)

    def _start_query(self, job: AthenaQuery, token: str) -> str:
        client = self._clients("athena", job.region)
        context = {"Database": job.database, "Catalog": job.catalog}
        request = {
            "QueryExecutionContext": {name: value for name, value in context.items() if value},
            "WorkGroup": job.workgroup,
            "ResultConfiguration": {"OutputLocation": job.output} if job.output else None,
        }
        reply = call(
            "start query",
            client.start_query_execution,
            QueryString=job.sql,
            ClientRequestToken=token.ljust(_SHORTEST_TOKEN, "-"),
            **{name: value for name, value in request.items() if value},
        )
        return str(reply["QueryExecutionId"])

    def _query_report(self, job: AthenaQuery, job_id: str) -> JobReport:
        client = self._clients("athena", job.region)
        found = call(f"ask about {job_id}", client.get_query_execution, QueryExecutionId=job_id)["QueryExecution"]
        facts = {
            "athenaBytesScanned": found.get("Statistics", {}).get("DataScannedInBytes"),
            "athenaOutput": found.get("ResultConfiguration", {}).get("OutputLocation"),
        }
        return _report(found["Status"]["State"], found["Status"].get("StateChangeReason", ""), facts)

    def _start_transform(self, job: TransformJob, token: str) -> str:
        client = self._clients("sagemaker", job.region)
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": job.source}}
        joined = {"AssembleWith": "Line"} if job.split == "Line" else {}
        try:
            call(
                f"start transform {token}",
                client.create_transform_job,
                TransformJobName=token,
                ModelName=job.model,
                BatchStrategy="SingleRecord",
                TransformInput={"DataSource": source, "ContentType": job.content_type, "SplitType": job.split},
                TransformOutput={"S3OutputPath": job.target, "Accept": job.accept, **joined},
                TransformResources={"InstanceType": job.instance_type, "InstanceCount": job.instances},
            )
        except Rejected:
            self.report(job, token)  # it was started before; raises Missing if it was not
        return token

    def _transform_report(self, job: TransformJob, job_id: str) -> JobReport:
        client = self._clients("sagemaker", job.region)
        found = call(f"ask about {job_id}", client.describe_transform_job, TransformJobName=job_id)
        return _report(found["TransformJobStatus"], found.get("FailureReason", ""), {})


def _report(state: str, reason: str, facts: Mapping[str, Any]) -> JobReport:
    told = tuple(
        (name, f"{value:g}" if isinstance(value, float) else str(value)) for name, value in facts.items() if value
    )
    return JobReport(_STATES.get(state, JobStatus.RUNNING), reason, told)
