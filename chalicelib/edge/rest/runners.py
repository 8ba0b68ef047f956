"""Task Runners and their heartbeats."""

from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Reply, ref
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.schemas.runners import RUNNER_EXAMPLE
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.runners import list_runners


def _list(call: Call, ports: Ports) -> Reply:
    page = list_runners(marker(call), call.query["limit"], call.caller, ports)
    items = [
        {
            "runnerId": runner.runner_id,
            "workerGroup": runner.worker_group,
            "hostname": runner.hostname,
            "seenAt": shown(runner.seen_at),
            "alive": runner.alive,
            "ending": runner.ending,
        }
        for runner in page.items
    ]
    return listing(call, items, page.marker)


OPERATIONS = (
    Operation(
        id="listRunners",
        method="GET",
        path="/runners",
        noun="runners",
        scope=Scope.READ,
        summary="List Task Runners",
        description="In order of id; those on machines of pipelines that do not exist for the caller are left out.",
        run=_list,
        query=PAGING,
        reply=ref("RunnerPage"),
        answers={"items": [RUNNER_EXAMPLE]},
    ),
)
