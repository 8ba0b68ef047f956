"""ports/clusters over EMR. Must not know what the steps are for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.adapters.aws.regions import Regions
from chalicelib.domain.hadoop import located_jar
from chalicelib.ports.clusters import Step, StepReport, StepStatus
from chalicelib.ports.errors import Missing, Rejected

_STATUS: Mapping[str, StepStatus] = {
    "PENDING": StepStatus.WAITING,
    "CANCEL_PENDING": StepStatus.RUNNING,
    "RUNNING": StepStatus.RUNNING,
    "COMPLETED": StepStatus.COMPLETED,
    "CANCELLED": StepStatus.CANCELLED,
    "FAILED": StepStatus.FAILED,
    "INTERRUPTED": StepStatus.FAILED,
}
_UNDER_WAY = ["PENDING", "RUNNING"]


class EmrSteps:
    """`Clusters` over EMR. `clients` gives the EMR client of a region."""

    def __init__(self, clients: Callable[[str], Any], home_region: str) -> None:
        self._regions = Regions(clients, home_region)

    def submit(self, cluster: str, step: Step) -> str:
        """See `Clusters.submit`."""
        client, job_flow = self._regions.placed(cluster)
        region = cluster.rpartition(":")[0] or self._regions.home
        answer = call(
            "AddJobFlowSteps", client.add_job_flow_steps, JobFlowId=job_flow, Steps=[step_argument(step, region)]
        )
        return str(answer["StepIds"][0])

    def find(self, cluster: str, name: str) -> str | None:
        """See `Clusters.find`."""
        client, job_flow = self._regions.placed(cluster)
        return next((item["Id"] for item in _steps(client, ClusterId=job_flow) if item["Name"] == name), None)

    def report(self, cluster: str, step_id: str) -> StepReport:
        """See `Clusters.report`."""
        client, job_flow = self._regions.placed(cluster)
        try:
            answer = call("DescribeStep", client.describe_step, ClusterId=job_flow, StepId=step_id)
        except Rejected as error:
            raise Missing("DescribeStep", error.reason) from error
        status = answer["Step"]["Status"]
        return StepReport(_STATUS[status["State"]], _reason(status))

    def cancel(self, cluster: str, beginning: str) -> int:
        """See `Clusters.cancel`."""
        client, job_flow = self._regions.placed(cluster)
        try:
            found = [item["Id"] for item in _live_steps(client, job_flow) if item["Name"].startswith(beginning)]
        except (Missing, Rejected):
            return 0  # EMR rejects clusters it does not know
        for first in range(0, len(found), 256):
            some = found[first : first + 256]
            how = {"ClusterId": job_flow, "StepIds": some, "StepCancellationOption": "TERMINATE_PROCESS"}
            call("CancelSteps", client.cancel_steps, **how)
        return len(found)

    def grow(self, cluster: str, nodes: int) -> None:
        """See `Clusters.grow`."""
        client, job_flow = self._regions.placed(cluster)
        groups = call("ListInstanceGroups", client.list_instance_groups, ClusterId=job_flow)["InstanceGroups"]
        for group in groups:
            if group["InstanceGroupType"] == "CORE" and group["RequestedInstanceCount"] < nodes:
                wanted = [{"InstanceGroupId": group["Id"], "InstanceCount": nodes}]
                call("ModifyInstanceGroups", client.modify_instance_groups, ClusterId=job_flow, InstanceGroups=wanted)

    def log_folder(self, cluster: str) -> str | None:
        """See `Clusters.log_folder`."""
        client, job_flow = self._regions.placed(cluster)
        uri = call("DescribeCluster", client.describe_cluster, ClusterId=job_flow)["Cluster"].get("LogUri")
        return f"{uri.rstrip('/')}/{job_flow}/" if uri else None


def step_argument(step: Step, region: str) -> dict[str, Any]:
    """A step as AddJobFlowSteps takes it. One that fails leaves the cluster to the steps of others."""
    jar: dict[str, Any] = {"Jar": located_jar(step.jar, region), "Args": list(step.arguments)}
    if step.main_class:
        jar["MainClass"] = step.main_class
    return {"Name": step.name, "ActionOnFailure": "CONTINUE", "HadoopJarStep": jar}


def _live_steps(client: Any, cluster: str) -> Iterator[Mapping[str, Any]]:
    return _steps(client, ClusterId=cluster, StepStates=_UNDER_WAY)


def _steps(client: Any, **arguments: Any) -> Iterator[Mapping[str, Any]]:
    while True:
        answer = call("ListSteps", client.list_steps, **arguments)
        yield from answer["Steps"]
        if not answer.get("Marker"):
            return
        arguments["Marker"] = answer["Marker"]


def _reason(status: Mapping[str, Any]) -> str:
    """EMR's own words, and the end of the program's where it quotes them."""
    failure, change = status.get("FailureDetails") or {}, status.get("StateChangeReason") or {}
    parts = (failure.get("Reason"), failure.get("Message"), change.get("Message"))
    return ": ".join(dict.fromkeys(part for part in parts if part))
