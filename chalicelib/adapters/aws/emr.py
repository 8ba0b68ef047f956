"""Clusters for EmrCluster objects: ports/compute.py over EMR.

EMR has no idempotency token: a cluster is found again by its name, which begins with the pipeline and the component,
and by its token tag. Ids of clusters outside the home region carry their region (`us-west-2:j-0ABC…`). Must not know
what runs on a cluster.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.adapters.aws.emr_request import job_flow_arguments
from chalicelib.adapters.aws.errors import call
from chalicelib.adapters.aws.launch_tags import STAGE_TAG, TOKEN_TAG, tags_of
from chalicelib.adapters.aws.regions import Regions
from chalicelib.ports.compute import LaunchRequest, Owned, ResourceStatus
from chalicelib.ports.errors import Missing, Rejected

LIVE_STATES = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING")

_STATUS: Mapping[str, ResourceStatus] = {
    "STARTING": ResourceStatus.STARTING,
    "BOOTSTRAPPING": ResourceStatus.STARTING,
    "RUNNING": ResourceStatus.UP,
    "WAITING": ResourceStatus.UP,
    "TERMINATING": ResourceStatus.ENDING,
    "TERMINATED": ResourceStatus.GONE,
    "TERMINATED_WITH_ERRORS": ResourceStatus.GONE,
}


class EmrCompute:
    """`Compute` over EMR. `clients` gives the EMR client of a region."""

    def __init__(self, clients: Callable[[str], Any], home_region: str) -> None:
        self._regions = Regions(clients, home_region)

    def launch(self, request: LaunchRequest) -> str:
        """See `Compute.launch`."""
        region = request.resource.text("region")
        found = self.find(request.token, region)
        if found is not None:
            return found
        arguments = job_flow_arguments(request, self._regions.home)
        answer = call("RunJobFlow", self._regions.client(region).run_job_flow, **arguments)
        return self._regions.named(region, answer["JobFlowId"])

    def terminate(self, resource_id: str) -> None:
        """See `Compute.terminate`."""
        client, cluster = self._regions.placed(resource_id)
        try:
            call("TerminateJobFlows", client.terminate_job_flows, JobFlowIds=[cluster])
        except (Missing, Rejected):
            return  # EMR rejects ids it does not know, and there is nothing else to reject

    def find(self, token: str, region: str | None = None) -> str | None:
        """See `Compute.find`."""
        client = self._regions.client(region)
        for cluster in _live_clusters(client, _name_begins(token)):
            if tags_of(_cluster(client, cluster).get("Tags")).get(TOKEN_TAG) == token:
                return self._regions.named(region, cluster)
        return None

    def status(self, resource_id: str) -> ResourceStatus:
        """See `Compute.status`."""
        found = self._described(resource_id)
        return ResourceStatus.GONE if found is None else _STATUS[found["State"]]

    def reason(self, resource_id: str) -> str:
        """See `Compute.reason`."""
        found = self._described(resource_id)
        change = {} if found is None else found.get("StateChangeReason", {})
        return ": ".join(part for part in (change.get("Code"), change.get("Message")) if part)

    def owned(self, stage: str, region: str | None = None) -> Iterator[Owned]:
        """Live clusters of a region that the stage launched. Only pipelines' names are looked into."""
        client = self._regions.client(region)
        for cluster in _live_clusters(client, "df-"):
            found = _cluster(client, cluster)
            tags = tags_of(found.get("Tags"))
            if tags.get(STAGE_TAG) == stage and TOKEN_TAG in tags:
                named = self._regions.named(region, cluster)
                yield Owned(named, tags[TOKEN_TAG], found["Status"]["Timeline"]["CreationDateTime"])

    def _described(self, resource_id: str) -> Mapping[str, Any] | None:
        client, cluster = self._regions.placed(resource_id)
        try:
            answer = call("DescribeCluster", client.describe_cluster, ClusterId=cluster)
        except (Missing, Rejected):
            return None  # EMR rejects ids it does not know
        status: Mapping[str, Any] = answer["Cluster"]["Status"]
        return status


def _live_clusters(client: Any, begins: str) -> Iterator[str]:
    """Ids of clusters that have not ended and whose name begins so."""
    arguments: dict[str, Any] = {"ClusterStates": list(LIVE_STATES)}
    while True:
        answer = call("ListClusters", client.list_clusters, **arguments)
        yield from (item["Id"] for item in answer["Clusters"] if item["Name"].startswith(begins))
        if not answer.get("Marker"):
            return
        arguments["Marker"] = answer["Marker"]


def _name_begins(token: str) -> str:
    """A token is `<pipeline>/@<component>_<interval>_Attempt=<n>`, and its cluster `<pipeline>_@<component>_<time>`."""
    pipeline, _, attempt = token.partition("/")
    return f"{pipeline}_{attempt.rpartition('_Attempt=')[0].rpartition('_')[0]}_"


def _cluster(client: Any, cluster: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = call("DescribeCluster", client.describe_cluster, ClusterId=cluster)["Cluster"]
    return found
