"""Activities on a cluster: their steps submitted one after the other and followed, never waited for.

One step at a time, so that the first that fails is the last that runs and steps of other activities are never touched.
An execution looks, submits what is next, and ends Unfinished; the queue brings it back later. Submitting has no
idempotency token at EMR, so a step has a name of its own, is looked for before it is submitted, and claimed:

    delivery A   find: none   claim: won    submit   look …
    delivery B     find: none   claim: lost            find: A's step   look …

Whoever loses comes back later. A claim whose holder died is won by somebody else once no function can be that old.
Source: developer guide, EmrActivity, HadoopActivity, HiveActivity, PigActivity.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.completion import Elsewhere, job_key
from chalicelib.domain.run.task import Task
from chalicelib.ports.clusters import Clusters, Step, StepReport, StepStatus
from chalicelib.ports.errors import Missing, PortError, Rejected
from chalicelib.work.clusters.size import core_nodes
from chalicelib.work.clusters.task import Cluster, cluster_of
from chalicelib.work.outcome import Failed, Finished, NotSatisfied, Outcome, Unfinished
from chalicelib.work.patience import longest_pause
from chalicelib.work.tools import Tools

FIRST_PAUSE = timedelta(seconds=2)
_AFTER_FAULT = timedelta(seconds=30)
_LONGEST_NAME = 256  # EMR API reference, StepConfig

Plan = Callable[[Task, Cluster, Tools], Sequence[Step]]
"""What an activity's steps are; the same each time it is asked."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How far an attempt has got: `at` of its steps are done, `step` is the id of the one under way.

    looks  how often that was looked at     quiet  seconds since the engine was last told that work goes on
    """

    at: int = 0
    step: str | None = None
    looks: int = 0
    quiet: float = 0.0

    @classmethod
    def read(cls, checkpoint: str | None) -> "_Way":
        return cls() if checkpoint is None else cls(*json.loads(checkpoint))

    @property
    def text(self) -> str:
        return json.dumps([self.at, self.step, self.looks, self.quiet])

    def pause(self, most: timedelta) -> timedelta:
        return min(FIRST_PAUSE * (1 << min(self.looks, 10)), most)


def on_cluster(plan: Plan, label: str = "") -> Callable[[Task, Tools], Outcome]:
    """An executor of what `plan` says. `label` tells the steps of one plan of an activity from those of another."""

    def run(task: Task, tools: Tools) -> Outcome:
        cluster, clusters = cluster_of(task), tools.clusters
        if cluster is None or clusters is None:
            return Failed("NoCluster", f"{task.subject.type} needs a cluster, and there is none here")
        return _patiently(task, lambda: _go(_Site(task, cluster, clusters, tools, label), plan))

    return run


def _patiently(task: Task, look: Callable[[], Outcome]) -> Outcome:
    """A look that could not be had now is had later: the step goes on, whoever fails to see it.

    Nothing is said to the engine meanwhile, so reportProgressTimeout bounds for how long.
    """
    try:
        return look()
    except PortError as error:
        if not error.retryable:
            raise
        return Unfinished(task.checkpoint or _Way().text, after=_AFTER_FAULT, progress=None)


def as_condition(run: Callable[[Task, Tools], Outcome]) -> Callable[[Task, Tools], Outcome]:
    """The same for a precondition: a step that fails means that it does not hold now."""

    def check(task: Task, tools: Tools) -> Outcome:
        outcome = run(task, tools)
        if isinstance(outcome, Failed) and outcome.error_id == "StepFailed":
            return NotSatisfied(outcome.message)
        return outcome

    return check


def cancel_steps(task: Task, clusters: Clusters) -> int:
    """Stop what an attempt that is no longer wanted has on its cluster; how many steps that were."""
    cluster = cluster_of(task)
    return 0 if cluster is None else clusters.cancel(cluster.id, _names_begin(task))


@dataclass(frozen=True, slots=True)
class _Site:
    """What an execution works on."""

    task: Task
    cluster: Cluster
    clusters: Clusters
    tools: Tools
    label: str


def _go(site: _Site, plan: Plan) -> Outcome:
    """One look. The plan is made only when there is something to submit or to tell: it may read and write storage."""
    way = _Way.read(site.task.checkpoint)
    if way.step is None:
        return _next(site, plan(site.task, site.cluster, site.tools), way)
    report = _report(site.clusters, site.cluster, way.step)
    if not report.status.ended:
        return _later(site.task, way)
    steps = plan(site.task, site.cluster, site.tools)
    if report.status is not StepStatus.COMPLETED:
        return Failed("StepFailed", _told(steps, way, report))
    return _next(site, steps, _Way(at=way.at + 1))


def _next(site: _Site, steps: Sequence[Step], way: _Way) -> Outcome:
    if way.at == len(steps):
        return Finished()
    nodes = core_nodes(site.task, site.tools) if way.at == 0 else None
    if nodes is not None:
        site.clusters.grow(site.cluster.id, nodes)
    return _submitted(site, steps[way.at], way)


def _submitted(site: _Site, wanted: Step, way: _Way) -> Outcome:
    step = replace(wanted, name=f"{_names_begin(site.task)}{site.label}{way.at + 1}")
    step_id = site.clusters.find(site.cluster.id, step.name) or _submit(site, step)
    if step_id is None:
        return _later(site.task, way)
    logs = site.clusters.log_folder(site.cluster.id)
    fields = () if logs is None else (("emrStepLog", f"{logs}steps/{step_id}/"), ("hadoopJobLog", f"{logs}containers/"))
    awaits = job_key(Elsewhere.STEP, f"{site.cluster.id}/{step_id}")
    return Unfinished(_Way(at=way.at, step=step_id).text, after=FIRST_PAUSE, progress=fields, awaits=awaits)


def _submit(site: _Site, step: Step) -> str | None:
    """The id of the new step; None when another delivery of the task is about to submit it."""
    if not site.tools.claims.take(step.name):
        return None
    try:
        return site.clusters.submit(site.cluster.id, step)
    except PortError:
        site.tools.claims.drop(step.name)
        raise


def _report(clusters: Clusters, cluster: Cluster, step_id: str) -> StepReport:
    try:
        return clusters.report(cluster.id, step_id)
    except Missing as error:
        return StepReport(StepStatus.FAILED, f"{cluster.id} is gone: {error.reason}")


def _later(task: Task, way: _Way) -> Unfinished:
    """Look again; and say now and then that work goes on, well within reportProgressTimeout."""
    most = longest_pause(task.subject)
    pause = way.pause(most)
    quiet = way.quiet + pause.total_seconds()
    speaks = quiet >= most.total_seconds()
    onward = replace(way, looks=way.looks + 1, quiet=0.0 if speaks else quiet)
    return Unfinished(onward.text, after=pause, progress=() if speaks else None)


def _told(steps: Sequence[Step], way: _Way, report: StepReport) -> str:
    which = f"step {way.at + 1} of {len(steps)} ({way.step}, {steps[way.at].name})"
    return f"{which} {report.status.value}: {report.reason}".rstrip(": ")


def _names_begin(task: Task) -> str:
    """What the names of all steps of one attempt and turn begin with, and no others."""
    name = f"{task.pipeline}_{task.attempt}/{task.turn}."
    if len(name) + 9 <= _LONGEST_NAME:
        return name
    return f"{task.pipeline}_{hashlib.sha256(name.encode()).hexdigest()}."


def steps_rejected(reason: str) -> Rejected:
    """What a plan raises for an activity that cannot be made into steps."""
    return Rejected("make steps", reason)
