"""The clock of the control plane: once a minute, hand out exact timers for what is due before the next one.

Reads only the wake index up to a minute ahead, so the cost follows what is due, not how many pipelines exist.
"""

from chalicelib.domain.run.events import Woke
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.advance import TICK, send_timer
from chalicelib.service.control import publish

BATCH = 1000


def tick(ports: Ports) -> int:
    """Send a timer for every pipeline due within the next minute; return how many there were.

    A pipeline stays in the index until its own commit moves it, so a timer that is lost is sent again by the next tick.
    """
    now = ports.clock.now()
    wakes = ports.store.due(now + TICK, BATCH)
    for wake in wakes:
        send_timer(ports, wake.pipeline_id, wake.at, now)
    return len(wakes)


def wake(pipeline_id: PipelineId, ports: Ports) -> None:
    """A timer ran out: tell the pipeline's writer that time has passed."""
    now = ports.clock.now()
    publish(ports.sender, pipeline_id, [(f"{pipeline_id}/woke/{now.timestamp():.3f}", Woke(now))])
