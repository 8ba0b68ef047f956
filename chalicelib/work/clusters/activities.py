"""What the steps of each activity are, given its evaluated fields. Pure but for scripts that are read and stored.

Source: developer guide, EmrActivity, HadoopActivity, ShellScriptConfig.
"""

from collections.abc import Iterator, Sequence

from chalicelib.domain.run.task import Task
from chalicelib.domain.steps import split_step
from chalicelib.ports.clusters import Step
from chalicelib.work.clusters.emr import steps_rejected
from chalicelib.work.clusters.task import Cluster
from chalicelib.work.tools import Tools


def emr_steps(task: Task, cluster: Cluster, _: Tools) -> Sequence[Step]:
    """EmrActivity: preStepCommand, the steps as written, postStepCommand."""
    subject = task.subject
    steps = [_shell(cluster, "preStepCommand", command) for command in subject.texts("preStepCommand")]
    for text in subject.texts("step"):
        jar, *arguments = split_step(text)
        steps.append(Step("step", jar, tuple(arguments)))
    return [*steps, *(_shell(cluster, "postStepCommand", command) for command in subject.texts("postStepCommand"))]


def hadoop_steps(task: Task, cluster: Cluster, _: Tools) -> Sequence[Step]:
    """HadoopActivity: the program, its queue as Hadoop's generic option before its own arguments."""
    subject = task.subject
    jar, queue = subject.text("jarUri"), subject.text("hadoopQueue")
    if not jar:
        raise steps_rejected(f"{subject.name} has no jarUri")
    options = [f"-Dmapreduce.job.queuename={queue}"] if queue else []
    arguments = (*options, *subject.texts("argument"))
    return around(task, cluster, [Step("hadoop", jar, arguments, subject.text("mainClass"))])


def around(task: Task, cluster: Cluster, steps: Sequence[Step]) -> Sequence[Step]:
    """The steps between the scripts of preActivityTaskConfig and postActivityTaskConfig."""
    before = scripts(task, cluster, "preActivityTaskConfig")
    return [*before, *steps, *scripts(task, cluster, "postActivityTaskConfig")]


def scripts(task: Task, cluster: Cluster, key: str) -> Iterator[Step]:
    """The steps that a field with ShellScriptConfigs asks for."""
    for config in task.linked(task.subject, key):
        uri = config.text("scriptUri")
        if not uri:
            raise steps_rejected(f"{config.name} has no scriptUri")
        yield cluster.script(key, uri, *config.texts("scriptArgument"))


def _shell(cluster: Cluster, label: str, command: str) -> Step:
    return cluster.program(label, "/bin/bash", "-c", command)
