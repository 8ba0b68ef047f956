"""Every port a service may use, as one value. Bootstrap fills it; tests and the simulation fill it with their own."""

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.clock import Clock, Ids
from chalicelib.ports.compute import Compute
from chalicelib.ports.function_log import FunctionLog, NoFunctionLog
from chalicelib.ports.gauges import Gauges, NoGauges, Panel
from chalicelib.ports.notify import Notifier
from chalicelib.ports.queues import Sender
from chalicelib.ports.reach import NoReach, Reach
from chalicelib.ports.recent import Recent
from chalicelib.ports.rules import NoTopicRules, TopicRules
from chalicelib.ports.secrets import Sealer
from chalicelib.ports.staging import NoStaging, Staging
from chalicelib.ports.store import Store

if TYPE_CHECKING:  # only engines compile definitions: the others start without the whole language
    from chalicelib.domain.run.assemble import Blueprint


@dataclass(frozen=True, slots=True)
class Ports:
    """What services act through. `limits` is here because every use case that judges a definition needs it.

    reach       what may be looked at under definitions' roles: read, and nothing else
    panels      readings taken lately, by their hours and when they were taken
    blueprints  definitions that were compiled lately, by pipeline, version and first activation
    """

    store: Store
    sender: Sender
    clock: Clock
    ids: Ids
    sealer: Sealer
    notifier: Notifier
    compute: Compute
    limits: Limits
    rules: TopicRules = field(default_factory=NoTopicRules)
    staging: Staging = field(default_factory=NoStaging)
    reach: Reach = field(default_factory=NoReach)
    function_log: FunctionLog = field(default_factory=NoFunctionLog)
    gauges: Gauges = field(default_factory=NoGauges)
    panels: Recent[tuple[int, int], Panel] = field(default_factory=partial(Recent, 8))
    blueprints: "Recent[tuple[PipelineId, int, UtcTime], Blueprint]" = field(default_factory=Recent)
