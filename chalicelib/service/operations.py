"""How the deployment itself does: queues, functions, what was measured, and alarms; and what pipelines cost.

The readings are of the whole stage and name no pipeline, so whoever may read sees them. Costs are pipelines', and are
told of those alone that exist for the caller. Readings are kept for half a minute: each is paid for by the gauge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.measures import Measure
from chalicelib.domain.run.ledger import dollars
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.gauges import Gauge, Panel, Quantity, Statistic
from chalicelib.ports.page import Page
from chalicelib.ports.queues import Queue
from chalicelib.ports.store import PipelineRecord
from chalicelib.service.access import Caller
from chalicelib.service.search import SearchPipelines, search_pipelines

FUNCTIONS = (
    "api_handler",
    "control",
    "tasks",
    "chunks",
    "timers",
    "arrivals",
    "completions",
    "results",
    "tick",
    "sweep",
    "sweep_video",
)
"""As app.py has them; a test compares."""

_OF_QUEUES = (Quantity.QUEUE_AGE, Quantity.QUEUE_DEPTH, Quantity.DEAD_LETTERS)
_OF_FUNCTIONS = (Quantity.FUNCTION_ERRORS, Quantity.FUNCTION_THROTTLES)
_MEASURES = {
    Measure.LATENESS: Statistic.MAXIMUM,
    Measure.THROTTLES: Statistic.SUM,
    Measure.API_CALLS: Statistic.SUM,
    Measure.API_FAULTS: Statistic.SUM,
    Measure.RUNS_STARTED: Statistic.SUM,
    Measure.RUNS_FINISHED: Statistic.SUM,
    Measure.RUNS_FAILED: Statistic.SUM,
    Measure.ESTIMATED_COST: Statistic.SUM,
}
GAUGES = (
    *(Gauge(what, queue, Statistic.MAXIMUM) for what in _OF_QUEUES for queue in Queue),
    *(Gauge(what, name) for what in _OF_FUNCTIONS for name in FUNCTIONS),
    *(Gauge(measure, statistic=statistic) for measure, statistic in _MEASURES.items()),
)
_FINE, _COARSE = timedelta(minutes=1), timedelta(minutes=5)
_FINE_HOURS = 3
_KEPT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a pipeline cost by day of UTC, in US dollars at list price; days without cost are absent."""

    record: PipelineRecord
    days: Mapping[date, float]


def panel(hours: int, ports: Ports) -> Panel:
    """The last hours; alarms in trouble come first. Raises Denied, Throttled, Unavailable."""
    now = ports.clock.now()
    turn = int(now.timestamp() // _KEPT.total_seconds())
    return ports.panels.get((hours, turn), lambda: _read(hours, now, ports))


def _read(hours: int, now: UtcTime, ports: Ports) -> Panel:
    period = _FINE if hours <= _FINE_HOURS else _COARSE
    seconds = int(period.total_seconds())
    high = datetime.fromtimestamp(-(-now.timestamp() // seconds) * seconds, UTC)
    low = high - timedelta(hours=hours)
    series = ports.gauges.read(GAUGES, low, high, period)
    alarms = sorted(ports.gauges.alarms(), key=lambda alarm: (alarm.state != "ALARM", alarm.name))
    return Panel(low, high, period, tuple(series), tuple(alarms))


def spending(marker: str | None, limit: int, caller: Caller, ports: Ports) -> Page[Spending]:
    """A page of the caller's pipelines that cost anything lately. It may be short, or empty, and still go on.

    Raises   InvalidRequest for a marker this service did not give
    """
    page = search_pipelines(SearchPipelines(marker=marker, limit=limit), caller, ports)
    found: Sequence[Spending] = [
        Spending(each.record, dollars(each.state.costs))
        for each in page.items
        if each.state is not None and each.state.costs and each.status is not PipelineStatus.DELETING
    ]
    return Page(tuple(found), page.marker)
