"""What the releases of EMR have in common and what not, told from an EmrCluster object. Pure."""

from chalicelib.domain.definition.model import PipelineObject

COMMAND_RUNNER = "command-runner.jar"
SCRIPT_RUNNER = "script-runner.jar"
"""Jars that run programs of the master node as steps: of releases since 4, and in every region's own bucket before."""


def is_release(cluster: PipelineObject) -> bool:
    """Whether the cluster is of release 4 or later; older ones name an image or a Hadoop version."""
    return bool(cluster.text("releaseLabel")) or not (cluster.text("amiVersion") or cluster.text("hadoopVersion"))


def runner_jar(cluster: PipelineObject) -> str:
    """The jar that runs programs on this cluster."""
    return COMMAND_RUNNER if is_release(cluster) else SCRIPT_RUNNER


def located_jar(jar: str, region: str) -> str:
    """Where a jar is: the script runner in the region's bucket of EMR, others where they say."""
    return f"s3://{region}.elasticmapreduce/libs/script-runner/{SCRIPT_RUNNER}" if jar == SCRIPT_RUNNER else jar
