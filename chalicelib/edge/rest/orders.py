"""Orders for what runs: rerun, cancel, mark finished; pause and resume."""

from collections.abc import Callable

from chalicelib.domain.run.status import Command
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Reply, ref
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.schemas.orders import ACCEPTED_EXAMPLE, RERUN_EXAMPLE
from chalicelib.ports.bundle import Ports
from chalicelib.service.steering import (
    OrderComponents,
    OrderInstance,
    OrderRun,
    Which,
    order_components,
    order_instance,
    order_run,
)

NOUN = "runs"
_PIPELINE = "/pipelines/{pipelineId}"
_INSTANCE = f"{_PIPELINE}/instances/{{instanceId}}"
_RUN = f"{_PIPELINE}/runs/{{runId}}"
_COMPONENT = f"{_PIPELINE}/components/{{componentId}}"


def _accepted(command: Command, ids: object) -> Reply:
    return Reply({"command": command.value, "objectIds": ids})


def _instance(command: Command) -> Callable[[Call, Ports], Reply]:
    def run(call: Call, ports: Ports) -> Reply:
        request = OrderInstance(pipeline_id(call), call.path["instanceId"], command)
        return _accepted(command, order_instance(request, call.caller, ports))

    return run


def _run(command: Command) -> Callable[[Call, Ports], Reply]:
    def run(call: Call, ports: Ports) -> Reply:
        which = Which((call.body or {}).get("instances", Which.FAILED.value))
        request = OrderRun(pipeline_id(call), call.path["runId"], command, which)
        return _accepted(command, order_run(request, call.caller, ports))

    return run


def _components(command: Command) -> Callable[[Call, Ports], Reply]:
    def run(call: Call, ports: Ports) -> Reply:
        request = OrderComponents(pipeline_id(call), command, call.path.get("componentId"))
        return _accepted(command, order_components(request, call.caller, ports))

    return run


def _order(name: str, path: str, summary: str, description: str, run: Callable[[Call, Ports], Reply]) -> Operation:
    """One order without a body, by the last part of its path."""
    return Operation(
        id=name,
        method="POST",
        path=path,
        noun=NOUN,
        scope=Scope.OPERATE,
        summary=summary,
        description=description,
        run=run,
        reply=ref("Accepted"),
        status=202,
        answers=ACCEPTED_EXAMPLE,
    )


OPERATIONS = (
    _order(
        "rerunInstance",
        f"{_INSTANCE}/rerun",
        "Run an instance again",
        "With all its tries and the active definition. Its machine, and what was stuck behind it, come back with it. "
        "409 while it is live, or for a precondition's check, which is repeated with what it guards.",
        _instance(Command.RERUN),
    ),
    _order(
        "cancelInstance",
        f"{_INSTANCE}/cancel",
        "Cancel an instance",
        "For what waits for it this is a failure. 409 when it has ended.",
        _instance(Command.TRY_CANCEL),
    ),
    _order(
        "markInstanceFinished",
        f"{_INSTANCE}/markFinished",
        "Mark an instance finished",
        "For what waits for it this is success. 409 when it is FINISHED already.",
        _instance(Command.MARK_FINISHED),
    ),
    Operation(
        id="rerunRun",
        method="POST",
        path=f"{_RUN}/rerun",
        noun=NOUN,
        scope=Scope.OPERATE,
        summary="Run a run again",
        description="What failed of it, or all of it. What is live is left alone; 409 when nothing is to be run again.",
        run=_run(Command.RERUN),
        request=ref("RerunRequest"),
        reply=ref("Accepted"),
        status=202,
        sends=RERUN_EXAMPLE,
        answers=ACCEPTED_EXAMPLE,
    ),
    _order(
        "cancelRun",
        f"{_RUN}/cancel",
        "Cancel what is left of a run",
        "Everything that has not ended. 409 when all of it has.",
        _run(Command.TRY_CANCEL),
    ),
    _order(
        "markRunFinished",
        f"{_RUN}/markFinished",
        "Mark the rest of a run finished",
        "Everything that is not FINISHED. 409 when all of it is.",
        _run(Command.MARK_FINISHED),
    ),
    _order(
        "pauseComponent",
        f"{_COMPONENT}/pause",
        "Pause a component",
        "It starts nothing more; what runs goes on. Intervals that pass meanwhile run after it is resumed.",
        _components(Command.PAUSE),
    ),
    _order(
        "resumeComponent",
        f"{_COMPONENT}/resume",
        "Resume a component",
        "It takes up where it stopped.",
        _components(Command.RESUME),
    ),
    _order(
        "pausePipeline",
        f"{_PIPELINE}/pause",
        "Pause every component",
        "The pipeline stays activated and starts nothing more; what runs goes on.",
        _components(Command.PAUSE),
    ),
    _order(
        "resumePipeline",
        f"{_PIPELINE}/resume",
        "Resume every component",
        "Those that were paused one by one too.",
        _components(Command.RESUME),
    ),
)
