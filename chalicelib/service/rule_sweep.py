"""Topic rules that no pipeline listens to: found by their names and removed. The last net under service/arming.

A rule is left behind when an activation dies between the rule and what follows, or a trigger is edited away by a caller
who dies. It costs messages that start nothing.
"""

import logging
from datetime import timedelta

from chalicelib.domain.definition.inherit import DEFAULT, effective
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.arming import BY_RULE
from chalicelib.service.pipeline_fields import live_state

YOUNGEST = timedelta(hours=1)
"""Nothing younger is touched: its activation may be under way."""

_DEAF = frozenset({PipelineStatus.DEACTIVATING, PipelineStatus.INACTIVE, PipelineStatus.DELETING})

log = logging.getLogger(__name__)


def sweep_rules(ports: Ports) -> int:
    """Remove every rule of ours that no active pipeline has a trigger for; how many that was.

    Raises   Denied, Throttled, Unavailable; the next sweep does what this one left
    """
    oldest = ports.clock.now() - YOUNGEST
    forgotten = [rule for rule in ports.rules.ours() if rule.made < oldest and not _is_wanted(rule.pipeline, ports)]
    for rule in forgotten:
        log.warning("removing a topic rule that nobody listens to", extra={"pipeline": rule.pipeline})
        ports.rules.remove(rule.pipeline)
    return len(forgotten)


def _is_wanted(pipeline_id: PipelineId, ports: Ports) -> bool:
    record = ports.store.pipelines([pipeline_id]).get(pipeline_id)
    if record is None or record.deleted_at is not None or record.active == 0:
        return False
    state = live_state(ports.store, pipeline_id)
    if state is not None and state.status in _DEAF:
        return False
    definition = ports.store.definition(pipeline_id, record.active)
    objects = effective(definition) if definition is not None else {}
    named = objects[DEFAULT].refs("trigger") if DEFAULT in objects else ()
    return bool(named) and named[0] in objects and objects[named[0]].type == BY_RULE
