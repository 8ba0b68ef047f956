"""Arming and disarming a pipeline's trigger: what has to be in place outside before events can arrive.

Called by activation, deactivation and deletion, before the engine hears of them: an event that arrives in between waits
in the backlog, or was told to nobody. What a kind of trigger needs beyond its subscription is done here as well.
"""

from chalicelib.domain.definition.model import Definition
from chalicelib.domain.trigger.armed import subscriptions_of
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.video_sweep import begun


def arm(pipeline_id: PipelineId, definition: Definition, ports: Ports) -> None:
    """Listen to what the definition's trigger asks for, and to nothing else; repeatable.

    definition  with its parameter values, secrets opened
    Raises      InvalidRequest for a trigger that depends on run-time fields
    """
    ports.store.arm(pipeline_id, begun(subscriptions_of(pipeline_id, definition), ports))


def disarm(pipeline_id: PipelineId, ports: Ports) -> None:
    """Listen to nothing; repeatable, also for a pipeline without a trigger."""
    ports.store.arm(pipeline_id, ())
