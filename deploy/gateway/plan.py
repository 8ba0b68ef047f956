"""From what a stage says and what is there to the steps between them: none where nothing differs.

This is the road of `chalice deploy`, and on the other road sets what CloudFormation cannot. Only reads; the steps act.
"""

from collections.abc import Iterator, Sequence

from deploy.changes import Change
from deploy.gateway import naming, present
from deploy.gateway.agreement import check
from deploy.gateway.plan_definition import definition_steps
from deploy.gateway.plan_stage import StagePlanning
from deploy.gateway.steps import Call, Client, Step
from deploy.methods import Method
from deploy.stage import Stage


def plan(stage: Stage, methods: Sequence[Method], client: Client, rest_api_id: str) -> tuple[Step, ...]:
    """The steps that bring the API to what the stage says, in order.

    client   gives a boto3 client by the name of its service
    Raises   BadSettings for a stage that does not agree with the API, and botocore's errors
    """
    check(stage, methods)
    now = present.read(stage, client, rest_api_id)
    return tuple(_steps(stage, methods, now, client))


def plan_beside_the_stack(
    stage: Stage, methods: Sequence[Method], client: Client, rest_api_id: str
) -> tuple[Step, ...]:
    """The steps for an API that a stack holds: what CloudFormation cannot set, and nothing else."""
    if stage.cache is None:
        return ()
    now = present.read(stage, client, rest_api_id)
    return tuple(StagePlanning(stage, now, client, place(client)).fresh_answers(methods))


def _steps(stage: Stage, methods: Sequence[Method], now: present.Present, client: Client) -> Iterator[Step]:
    changed = list(definition_steps(stage, methods, now, client))
    yield from changed
    if changed:
        yield _deployment(now, client)
    planning = StagePlanning(stage, now, client, place(client))
    yield from planning.logs()
    yield from planning.stage(methods)
    yield from planning.plans(methods)
    yield from planning.domain()
    yield from planning.firewall()


def place(client: Client) -> tuple[str, str, str]:
    """Partition, region and account that the clients work in."""
    caller = client("sts").get_caller_identity()
    return caller["Arn"].split(":")[1], client("apigateway").meta.region_name, caller["Account"]


def _deployment(now: present.Present, client: Client) -> Step:
    call = Call("apigateway", "create_deployment", {"restApiId": now.api, "stageName": naming.API_STAGE})
    difference = Change("stage/deployment", now.stage.get("deploymentId"), "a new one")
    return Step((difference,), (call,), client, now.ids)
