"""How the deployment does, for those who look after it, and what the caller's pipelines cost."""

import re
from typing import Any

from chalicelib.domain.measures import Measure
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.schemas.operations import PANEL_EXAMPLE, SPENDING_EXAMPLE
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.ports.gauges import Alarm, Panel, Quantity, Series
from chalicelib.ports.queues import Queue
from chalicelib.service.operations import Spending, panel, spending

NOUN = "operations"
_PAGE = re.compile(r"\s*See docs/runbooks/([a-z0-9-]+)\.md")
_SECONDS = {Quantity.QUEUE_AGE}


def _get(call: Call, ports: Ports) -> Reply:
    found = panel(call.query["hours"], ports)
    body = {
        "from": shown(found.low),
        "to": shown(found.high),
        "periodSeconds": int(found.period.total_seconds()),
        "series": [_series(each, found) for each in found.series],
        "alarms": [_alarm(each) for each in found.alarms],
    }
    return Reply(body)


def _series(series: Series, found: Panel) -> dict[str, Any]:
    gauge = series.gauge
    values: list[float | None] = [None] * int((found.high - found.low) / found.period)
    for moment, value in series.points:
        place = int((moment - found.low) / found.period)
        if 0 <= place < len(values):
            values[place] = value
    unit = gauge.what.unit.value if isinstance(gauge.what, Measure) else _unit(gauge.what)
    named = gauge.of.value if isinstance(gauge.of, Queue) else gauge.of
    return {"name": gauge.what.value, **({"of": named} if named else {}), "unit": unit, "values": values}


def _unit(what: Quantity) -> str:
    return "Seconds" if what in _SECONDS else "Count"


def _alarm(alarm: Alarm) -> dict[str, Any]:
    named = _PAGE.search(alarm.description)
    body = {
        "name": alarm.name,
        "state": alarm.state,
        "since": shown(alarm.since),
        "description": _PAGE.sub("", alarm.description),
        "reason": alarm.reason,
    }
    return body | ({"runbook": named.group(1)} if named else {})


def _list(call: Call, ports: Ports) -> Reply:
    page = spending(marker(call), call.query["limit"], call.caller, ports)
    return listing(call, [_cost(each) for each in page.items], page.marker)


def _cost(each: Spending) -> dict[str, Any]:
    return {
        "pipelineId": each.record.pipeline_id,
        "name": each.record.name,
        "usd": sum(each.days.values()),
        "days": [{"day": day.isoformat(), "usd": usd} for day, usd in sorted(each.days.items())],
    }


OPERATIONS = (
    Operation(
        id="getOperations",
        method="GET",
        path="/operations",
        noun=NOUN,
        scope=Scope.READ,
        summary="Read queues, functions, measures and alarms of the deployment",
        description="Of the whole stage; nothing of it names a pipeline. By the minute up to three hours, else by "
        "five minutes. Readings are kept for half a minute.",
        run=_get,
        query=(
            Query("hours", {"type": "integer", "minimum": 1, "maximum": 24, "default": 3}, "How far back it reaches."),
        ),
        reply=ref("Operations"),
        answers=PANEL_EXAMPLE,
    ),
    Operation(
        id="listCosts",
        method="GET",
        path="/operations/costs",
        noun=NOUN,
        scope=Scope.READ,
        summary="List what pipelines cost by day",
        description="Pipelines that exist for the caller and cost anything in the last fourteen days, in order of id.",
        run=_list,
        query=PAGING,
        reply=ref("PipelineCostPage"),
        answers={"items": [SPENDING_EXAMPLE]},
    ),
)
