"""Arming and disarming a pipeline's trigger: what has to be in place outside before events can arrive.

Activation, deactivation and deletion do it at once; the pipeline's writer does it again when it hears of them, in their
order, so that a caller who died half way, or two who overtook each other, leave nothing undone. Rules that are left
behind are the sweep's (service/rule_sweep).
"""

from collections.abc import Sequence
from typing import assert_never

from chalicelib.domain.definition.catalog.triggers import IotRuleTrigger
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.events import Activated, Deactivated, Deleted
from chalicelib.domain.trigger.armed import subscriptions_of, trigger_of
from chalicelib.domain.trigger.topic_rule import topic_rule
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.service.secrets import unseal_definition
from chalicelib.service.versions import promote
from chalicelib.service.video_sweep import begun

BY_RULE = "IotRuleTrigger"


def prepare(pipeline_id: PipelineId, definition: Definition, ports: Ports) -> None:
    """What may be refused, before anything else of an activation is done; repeatable.

    definition  with its parameter values, secrets opened
    Raises      InvalidRequest, nothing being changed, for a trigger that needs run-time fields or whose query is none
    """
    subscriptions_of(pipeline_id, definition)
    item = trigger_of(definition)
    if item is not None and item.type == BY_RULE:
        _put_rule(pipeline_id, item, ports)


def arm(pipeline_id: PipelineId, definition: Definition, ports: Ports, before: Definition | None = None) -> None:
    """Listen to what the definition's trigger asks for, and to nothing else; repeatable.

    definition  as `prepare` was given it
    before      the version that was active until now
    """
    ports.store.arm(pipeline_id, begun(subscriptions_of(pipeline_id, definition), ports))
    item = trigger_of(definition)
    if before is not None and _has_rule(before) and (item is None or item.type != BY_RULE):
        ports.rules.remove(pipeline_id)


def follow(
    pipeline_id: PipelineId, events: Sequence[Activated | Deactivated | Deleted], ports: Ports, *, triggered: bool
) -> None:
    """What a pipeline's writer does about activations and deactivations that it hears of, in their order; repeatable.

    triggered  whether the newest version that it knows has a trigger
    """
    for event in events:
        match event:
            case Activated():
                _follow_activation(pipeline_id, event.definition_version, ports, triggered=triggered)
            case Deactivated() | Deleted():
                ports.store.arm(pipeline_id, ())
            case _:
                assert_never(event)


def _follow_activation(pipeline_id: PipelineId, version: int, ports: Ports, *, triggered: bool) -> None:
    record = ports.store.pipelines([pipeline_id]).get(pipeline_id)
    if record is None or record.deleted_at is not None:
        return
    definition = ports.store.definition(pipeline_id, version) if triggered else Definition()
    if definition is not None:
        opened = unseal_definition(definition, pipeline_id, ports.sealer)
        ports.store.arm(pipeline_id, begun(subscriptions_of(pipeline_id, opened), ports))
    if record.active < version:
        promote(record, version, ports, activate=True)


def disarm(pipeline_id: PipelineId, active: Definition | None, ports: Ports) -> None:
    """Listen to nothing; repeatable, also for a pipeline without a trigger. `active` is its active version."""
    if active is not None and _has_rule(active):
        ports.rules.remove(pipeline_id)
    ports.store.arm(pipeline_id, ())


def _has_rule(definition: Definition) -> bool:
    return any(item.type == BY_RULE for item in definition.objects)


def _put_rule(pipeline_id: PipelineId, item: PipelineObject, ports: Ports) -> None:
    try:
        rule = topic_rule(pipeline_id, item.id, IotRuleTrigger.read(item))
    except ValueError as error:
        raise InvalidRequest(f"{item.id}: {error}") from error
    try:
        ports.rules.put(pipeline_id, rule)
    except Rejected as error:
        raise InvalidRequest(f"{item.id}: the topic rule is refused: {error}") from error
