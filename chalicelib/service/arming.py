"""Arming and disarming a pipeline's trigger: what has to be in place outside before events can arrive.

Called by activation, deactivation and deletion, before the engine hears of them: an event that arrives in between waits
in the backlog, or was told to nobody. What a kind of trigger needs beyond its subscription is done here as well.
"""

from chalicelib.domain.definition.catalog.triggers import IotRuleTrigger
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.trigger.armed import subscriptions_of, trigger_of
from chalicelib.domain.trigger.topic_rule import topic_rule
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.service.video_sweep import begun

_BY_RULE = "IotRuleTrigger"


def arm(pipeline_id: PipelineId, definition: Definition, ports: Ports, before: Definition | None = None) -> None:
    """Listen to what the definition's trigger asks for, and to nothing else; repeatable.

    definition  with its parameter values, secrets opened
    before      the version that was active until now
    Raises      InvalidRequest for a trigger that depends on run-time fields, or whose query is none
    """
    ports.store.arm(pipeline_id, begun(subscriptions_of(pipeline_id, definition), ports))
    item = trigger_of(definition)
    if item is not None and item.type == _BY_RULE:
        _put_rule(pipeline_id, item, ports)
    elif before is not None and _has_rule(before):
        ports.rules.remove(pipeline_id)


def disarm(pipeline_id: PipelineId, active: Definition | None, ports: Ports) -> None:
    """Listen to nothing; repeatable, also for a pipeline without a trigger. `active` is its active version."""
    if active is not None and _has_rule(active):
        ports.rules.remove(pipeline_id)
    ports.store.arm(pipeline_id, ())


def _has_rule(definition: Definition) -> bool:
    return any(item.type == _BY_RULE for item in definition.objects)


def _put_rule(pipeline_id: PipelineId, item: PipelineObject, ports: Ports) -> None:
    """The rule comes after its subscription, so that no message finds nobody listening."""
    try:
        rule = topic_rule(pipeline_id, item.id, IotRuleTrigger.read(item))
    except ValueError as error:
        raise InvalidRequest(f"{item.id}: {error}") from error
    try:
        ports.rules.put(pipeline_id, rule)
    except Rejected as error:
        raise InvalidRequest(f"{item.id}: the topic rule is refused: {error}") from error
