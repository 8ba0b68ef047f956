"""What would follow from an order, asked before it is given."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.run.effects import (
    BuryEvents,
    CancelTask,
    CheckResource,
    Dispatch,
    Effect,
    LaunchResource,
    ReclaimEvents,
    RunAction,
    TerminateResource,
)
from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.status import Command
from chalicelib.domain.run.summary import run_of
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.schemas.consequences import FORESEEN_EXAMPLE, MOST_CHANGES, MOST_DEEDS, PAUSED_EXAMPLE
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.foresight import Change, Foreseen, foresee_components, foresee_instance, foresee_run
from chalicelib.service.steering import OrderComponents, OrderInstance, OrderRun, Which

_COMMANDS = {"rerun": Command.RERUN, "cancel": Command.TRY_CANCEL, "markFinished": Command.MARK_FINISHED}
_STANDINGS = {"pause": Command.PAUSE, "resume": Command.RESUME}
_DESCRIPTION = (
    "The engine takes its next step on a copy of the pipeline's state, once with the order and once without, and tells "
    "the difference. What the work that begins then will come to is not foreseen. 409, as the order itself, when it is "
    "not possible."
)


def _of_instance(call: Call, ports: Ports) -> Reply:
    request = OrderInstance(pipeline_id(call), call.path["instanceId"], _COMMANDS[call.query["order"]])
    return Reply(_rendered(call, foresee_instance(request, call.caller, ports)))


def _of_run(call: Call, ports: Ports) -> Reply:
    which = Which(call.query["instances"])
    request = OrderRun(pipeline_id(call), call.path["runId"], _COMMANDS[call.query["order"]], which)
    return Reply(_rendered(call, foresee_run(request, call.caller, ports)))


def _of_components(call: Call, ports: Ports) -> Reply:
    request = OrderComponents(pipeline_id(call), _STANDINGS[call.query["order"]], call.query["component"])
    found = foresee_components(request, call.caller, ports)
    held = {"heldCount": len(found.held), "held": [item.id for item in found.held[:MOST_CHANGES]]}
    return Reply(_rendered(call, found) | held)


def _rendered(call: Call, found: Foreseen) -> dict[str, Any]:
    return {
        "order": call.query["order"],
        "instanceIds": list(found.ids),
        "changeCount": len(found.changes),
        "changes": [_change(each) for each in found.changes[:MOST_CHANGES]],
        "deeds": [_deed(each) for each in found.effects[:MOST_DEEDS]],
    }


def _change(change: Change) -> dict[str, Any]:
    item = change.instance
    body: dict[str, Any] = {
        "instanceId": item.id,
        "componentId": item.component,
        "runId": run_of(item),
        "scheduledStart": shown(item.start),
        "to": item.status.value,
        "returns": change.returns,
    }
    if change.before is not None:
        body["from"] = change.before.value
    return body | ({"guards": item.owner} if item.owner else {})


def _deed(effect: Effect) -> dict[str, str]:
    found = {"deed": _DEEDS[type(effect)], "on": _subject(effect)}
    match effect:
        case Dispatch(worker_group=str(group)):
            return found | {"workerGroup": group}
        case RunAction():
            return found | {"action": effect.action}
        case TerminateResource(resource_id=str(machine)):
            return found | {"resourceId": machine}
        case _:
            return found


_DEEDS: Mapping[type[Effect], str] = {
    Dispatch: "work",
    CancelTask: "stopWork",
    RunAction: "action",
    LaunchResource: "launch",
    CheckResource: "check",
    TerminateResource: "terminate",
    BuryEvents: "setEventsAside",
    ReclaimEvents: "takeEventsBack",
}


def _subject(effect: Effect) -> str:
    """The instance that the effect is about; of events the run."""
    match effect:
        case CancelTask():
            split = split_attempt_id(effect.attempt)
            return split[0] if split else effect.attempt
        case BuryEvents() | ReclaimEvents():
            return effect.run
        case _:
            return effect.instance


_ORDER = Query("order", {"type": "string", "enum": list(_COMMANDS)}, "The order that is thought of.", required=True)

OPERATIONS = (
    Operation(
        id="foreseePause",
        method="GET",
        path="/pipelines/{pipelineId}/consequences",
        noun="runs",
        scope=Scope.READ,
        summary="See what pausing or resuming would lead to",
        description=_DESCRIPTION,
        run=_of_components,
        query=(
            Query("order", {"type": "string", "enum": list(_STANDINGS)}, "What is thought of.", required=True),
            Query("component", {"type": "string", "minLength": 1, "maxLength": 1024}, "One component; else all."),
        ),
        reply=ref("Consequences"),
        refusals=(409,),
        answers=PAUSED_EXAMPLE,
    ),
    Operation(
        id="foreseeInstanceOrder",
        method="GET",
        path="/pipelines/{pipelineId}/instances/{instanceId}/consequences",
        noun="runs",
        scope=Scope.READ,
        summary="See what an order for an instance would lead to",
        description=_DESCRIPTION,
        run=_of_instance,
        query=(_ORDER,),
        reply=ref("Consequences"),
        refusals=(409,),
        answers=FORESEEN_EXAMPLE,
    ),
    Operation(
        id="foreseeRunOrder",
        method="GET",
        path="/pipelines/{pipelineId}/runs/{runId}/consequences",
        noun="runs",
        scope=Scope.READ,
        summary="See what an order for a run would lead to",
        description=_DESCRIPTION,
        run=_of_run,
        query=(
            _ORDER,
            Query(
                "instances",
                {"type": "string", "enum": [which.value for which in Which], "default": Which.FAILED.value},
                "What of the run a rerun means, as in rerunRun.",
            ),
        ),
        reply=ref("Consequences"),
        refusals=(409,),
        answers=FORESEEN_EXAMPLE,
    ),
)
