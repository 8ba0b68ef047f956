"""The cluster that a task is submitted to, as service/dispatch put it among the task's objects."""

import shlex
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.hadoop import SCRIPT_RUNNER, runner_jar
from chalicelib.domain.run.task import Task
from chalicelib.ports.clusters import Step


@dataclass(frozen=True, slots=True)
class Cluster:
    """`id` as ports/clusters knows it; `object` the evaluated EmrCluster."""

    id: str
    object: PipelineObject

    def program(self, label: str, *words: str) -> Step:
        """A step that runs a program of the master node. Programs of old clusters go through a shell."""
        jar = runner_jar(self.object)
        if jar == SCRIPT_RUNNER:
            words = ("/bin/bash", "-c", shlex.join(words))
        return Step(label, jar, words)

    def script(self, label: str, uri: str, *arguments: str) -> Step:
        """A step that fetches a script from S3 and runs it."""
        return Step(label, SCRIPT_RUNNER, (uri, *arguments))


def cluster_of(task: Task) -> Cluster | None:
    """The task's cluster; None when it runs anywhere else."""
    for item in task.objects.values():
        found = item.text("@resourceId")
        if found is not None and item.type == "EmrCluster":
            return Cluster(found, item)
    return None
