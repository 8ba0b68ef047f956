"""What a text or field of a definition comes to in a run."""

from chalicelib.domain.values import InstanceId
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Reply, ref
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.schemas.evaluation import ANSWERS, SENDS
from chalicelib.ports.bundle import Ports
from chalicelib.service.evaluation_in_run import EvaluateInRun, evaluate_in_run


def _evaluate(call: Call, ports: Ports) -> Reply:
    instance = call.body.get("instanceId")
    request = EvaluateInRun(
        pipeline_id(call),
        call.body["objectId"],
        run=call.body.get("runId"),
        instance=InstanceId(instance) if instance is not None else None,
        field=call.body.get("field"),
        text=call.body.get("text"),
    )
    found = evaluate_in_run(request, call.caller, ports)
    body = {"seenFrom": found.seen_from, "values": list(found.values), "cut": found.cut}
    return Reply(body | ({"error": found.error} if found.error is not None else {}))


OPERATIONS = (
    Operation(
        id="evaluateExpression",
        method="POST",
        path="/pipelines/{pipelineId}/evaluate",
        noun="definitions",
        scope=Scope.READ,
        summary="Evaluate an object's text in a run",
        description="With the definition, the interval and the runtime fields of that run, within the engine's own "
        "bounds. An expression that has no value is an answer with `error`. Changes nothing.",
        run=_evaluate,
        request=ref("EvaluationRequest"),
        reply=ref("Evaluation"),
        sends=SENDS,
        answers=ANSWERS,
    ),
)
