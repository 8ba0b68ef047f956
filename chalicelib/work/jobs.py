"""Activities whose work another service does: started once, looked at until it ends, stopped when nobody wants it.

A token made of the attempt tells a job apart from all others: who starts it again, after a crash or beside somebody
else, gets the one that runs. In a function nobody waits: the task comes back, after growing pauses.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.completion import Elsewhere, job_key
from chalicelib.domain.definition.catalog.jobs import AthenaQueryActivity, GlueJobActivity, LambdaActivity
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.jobs import AthenaQuery, GlueJob, Job, Jobs, JobStatus, TransformJob
from chalicelib.ports.reach import Reach
from chalicelib.work.copies.routes import encryption_of, target_of
from chalicelib.work.outcome import Failed, Finished, Outcome, Unfinished
from chalicelib.work.patience import longest_pause
from chalicelib.work.tools import Tools

_WHAT = "run job"
_FIRST_PAUSE, _LONGEST_PAUSE_OF_MACHINES = 1.0, 60.0
_LARGEST_PAYLOAD = 6 * 1024 * 1024
"""Bytes, of a call that is waited for. Source: Lambda developer guide, "Quotas"."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A task's checkpoint: the job, and how often it was looked at."""

    id: str
    looks: int = 0


def run_job(job_of: Callable[[Task], Job]) -> Callable[[Task, Tools], Outcome]:
    """The executor of a type whose tasks are such jobs."""

    def execute(task: Task, tools: Tools) -> Outcome:
        return _followed(task, job_of(task), jobs_of(tools), tools)

    return execute


def _followed(task: Task, job: Job, jobs: Jobs, tools: Tools) -> Outcome:
    way = _read(task) or _Way(jobs.start(job, _token(task)))
    while True:
        if tools.cancelled():
            jobs.stop(job, way.id)
            return Failed("Canceled", f"{way.id} was stopped")
        outcome = _looked(job, way, jobs)
        if outcome is not None:
            return outcome
        most = longest_pause(task.subject).total_seconds() if tools.fans_out else _LONGEST_PAUSE_OF_MACHINES
        pause = min(_FIRST_PAUSE * 2.0 ** min(way.looks, 10), most)
        awaits = job_key(_SERVICES[type(job)], way.id) if way.looks == 0 else None
        way = _Way(way.id, way.looks + 1)
        if tools.fans_out:
            checkpoint = json.dumps([way.id, way.looks])
            return Unfinished(checkpoint, timedelta(seconds=pause), (("jobId", way.id),), awaits)
        tools.report((("jobId", way.id),))
        tools.pause(pause)


_SERVICES: Mapping[type[Job], Elsewhere] = {
    GlueJob: Elsewhere.GLUE,
    AthenaQuery: Elsewhere.ATHENA,
    TransformJob: Elsewhere.TRANSFORM,
}


def _looked(job: Job, way: _Way, jobs: Jobs) -> Outcome | None:
    report = jobs.report(job, way.id)
    match report.status:
        case JobStatus.RUNNING:
            return None
        case JobStatus.SUCCEEDED:
            return Finished((("jobId", way.id), *report.facts))
        case JobStatus.FAILED:
            return Failed("JobFailed", f"{way.id}: {report.reason or 'its service gives no reason'}")
        case JobStatus.STOPPED:
            return Failed("JobStopped", f"{way.id} was stopped by somebody else. {report.reason}".strip())


def stop_job(task: Task, reach: Reach) -> bool:
    """Stop what an attempt that is no longer wanted has started; whether there was anything."""
    make = _transform if task.subject.text("transformModel") is not None else _JOBS.get(task.subject.type or "")
    way = _read(task) if make is not None else None
    if make is None or way is None:
        return False
    jobs = reach.under(task.subject.text("role")).jobs
    if jobs is None:
        return False
    try:
        jobs.stop(make(task), way.id)
    except Missing:
        return False
    return True


def glue_job(task: Task) -> GlueJob:
    """A GlueJobActivity's job. Raises Rejected for an argument without a name."""
    activity = GlueJobActivity.read(task.subject)
    for text in activity.argument:
        if not text.startswith("--") or "=" not in text:
            raise Rejected(_WHAT, f"argument of {activity.name} is '{text}': --name=value expected")
    arguments = dict(text.split("=", 1) for text in activity.argument)
    return GlueJob(activity.job_name, arguments, activity.worker_type, activity.workers, activity.region)


def athena_query(task: Task) -> AthenaQuery:
    """An AthenaQueryActivity's query."""
    activity = AthenaQueryActivity.read(task.subject)
    outputs = task.linked(task.subject, "output")
    folder = str(target_of(outputs[0])[0]) if outputs else None
    return AthenaQuery(
        activity.script, activity.database, activity.catalog, activity.work_group, folder, activity.region
    )


def _transform(task: Task) -> TransformJob:
    """As much of an InferenceActivity's batch transform as one has to know to stop it."""
    model, region = task.subject.text("transformModel") or "", task.subject.text("region")
    return TransformJob(model, "", "", "", "", "None", "", 1, region)


_JOBS: Mapping[str, Callable[[Task], Job]] = {"GlueJobActivity": glue_job, "AthenaQueryActivity": athena_query}


def call_function(task: Task, tools: Tools) -> Outcome:
    """LambdaActivity. A function that is waited for may be called again when a worker dies: it should not mind."""
    activity = LambdaActivity.read(task.subject)
    payload = (activity.payload or "{}").encode()
    _check_payload(activity, payload)
    answer = jobs_of(tools).invoke(activity.function, payload, activity.wait, activity.region)
    if answer.error:
        told = answer.content.decode(errors="replace")[:1000]
        return Failed("FunctionFailed", f"{activity.function}: {answer.error}: {told}")
    for node in task.linked(task.subject, "output"):
        place, many = target_of(node)
        if many:
            raise Rejected(_WHAT, f"output {node.name} is a directory: filePath expected")
        tools.objects.write(place, answer.content, encryption_of(node))
    return Finished((("answerBytes", str(len(answer.content))),))


def _check_payload(activity: LambdaActivity, payload: bytes) -> None:
    if len(payload) > _LARGEST_PAYLOAD:
        raise Rejected(_WHAT, f"the payload of {activity.name} has {len(payload)} bytes, {_LARGEST_PAYLOAD} at most")
    try:
        json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Rejected(_WHAT, f"the payload of {activity.name} is no JSON: {error}") from error


def jobs_of(tools: Tools) -> Jobs:
    """Raises Rejected where other services cannot be reached."""
    if tools.jobs is None:
        raise Rejected(_WHAT, "no other services can be reached from here")
    return tools.jobs


def _read(task: Task) -> _Way | None:
    return _Way(*json.loads(task.checkpoint)) if task.checkpoint is not None else None


def _token(task: Task) -> str:
    parts = (task.pipeline, task.attempt, str(task.turn))
    return f"penstock-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]}"
