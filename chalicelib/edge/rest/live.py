"""The live view of a run: a long poll."""

from datetime import timedelta
from typing import Any

from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.runs import render_instance, render_run
from chalicelib.edge.rest.schemas.live import LIVE_EXAMPLE
from chalicelib.ports.bundle import Ports
from chalicelib.service.live import LONGEST_WAIT, Watch, watch_run


def _watch(call: Call, ports: Ports) -> Reply:
    wait = timedelta(seconds=call.query["wait"])
    seen = watch_run(Watch(pipeline_id(call), call.path["runId"], call.query["since"], wait), call.caller, ports)
    body: dict[str, Any] = {"instances": [render_instance(item) for item in seen.changed], "cursor": seen.cursor}
    return Reply(body if seen.run is None else body | {"run": render_run(seen.run)})


OPERATIONS = (
    Operation(
        id="watchRun",
        method="GET",
        path="/pipelines/{pipelineId}/runs/{runId}/live",
        noun="runs",
        scope=Scope.READ,
        summary="Watch a run as it goes on",
        description="Answers as soon as something of the run differs from the look before, or after `wait` seconds.",
        run=_watch,
        query=(
            Query(
                "since",
                {"type": "string", "minLength": 1, "maxLength": 8192, "pattern": "^[A-Za-z0-9_=-]+$"},
                "`cursor` of the look before. Without it everything is answered at once.",
            ),
            Query(
                "wait",
                {"type": "integer", "minimum": 0, "maximum": int(LONGEST_WAIT.total_seconds()), "default": 0},
                "Seconds to wait for a change.",
            ),
        ),
        reply=ref("LiveRun"),
        answers=LIVE_EXAMPLE,
    ),
)
