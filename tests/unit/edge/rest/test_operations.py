"""The deployment's readings and pipelines' costs over REST."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.measures import Measure
from chalicelib.domain.values import UtcTime
from chalicelib.ports.gauges import Alarm, Gauge, Quantity, Series
from chalicelib.ports.queues import Queue
from chalicelib.service.access import Caller
from chalicelib.service.operations import FUNCTIONS, spending
from deploy.manifest import manifest
from local.environment import REPOSITORY
from tests.unit.edge.rest.door import Door
from tests.unit.edge.rest.test_runs import pages
from tests.unit.service.plant import ALICE, Plant, hourly

SEEN = {Gauge(Measure.THROTTLES).what: 3.0, Quantity.FUNCTION_ERRORS: 1.0}


class Watched:
    """Shows the same in the second period of whatever is asked; counts how often it was."""

    def __init__(self) -> None:
        self.asked = 0

    def read(self, gauges: Sequence[Gauge], low: UtcTime, high: UtcTime, period: timedelta) -> Sequence[Series]:
        assert low < high
        self.asked += 1
        shown = {gauge: SEEN.get(gauge.what) for gauge in gauges}
        return [Series(gauge, () if value is None else ((low + period, value),)) for gauge, value in shown.items()]

    def alarms(self) -> Sequence[Alarm]:
        moment = Plant().world.clock.now()
        return [
            Alarm("a", "It is well. See docs/runbooks/a-page.md", "OK", "", moment),
            Alarm("b", "It waits.", "ALARM", "too much", moment),
        ]


def test_readings_stand_period_by_period_and_alarms_in_trouble_come_first() -> None:
    plant, watched = Plant(), Watched()
    plant.world.ports = replace(plant.ports, gauges=watched)
    door = Door(plant.world, ALICE.account)
    found = door.call("GET", "/operations", query=[("hours", "1")])
    assert found.status == 200
    series = {(each["name"], each.get("of")): each for each in found.body["series"]}
    assert series["Throttles", None]["values"] == [None, 3.0, *[None] * 58]
    assert series["functionErrors", "tick"]["values"][1] == 1.0
    assert {of for name, of in series if name == "queueAge"} == {queue.value for queue in Queue}
    assert series["queueAge", "control"]["unit"] == "Seconds"
    alarms = found.body["alarms"]
    assert [alarm["name"] for alarm in alarms] == ["b", "a"]
    assert (alarms[1]["runbook"], alarms[1]["description"]) == ("a-page", "It is well.")
    door.call("GET", "/operations", query=[("hours", "1")])
    assert watched.asked == 1
    plant.world.clock.advance(timedelta(minutes=1))
    assert door.call("GET", "/operations", query=[("hours", "24")]).body["periodSeconds"] == 300
    assert watched.asked == 2


def test_every_function_of_the_application_is_watched() -> None:
    conditional = {"results"}  # deployed where the stage has a stream for it
    assert set(FUNCTIONS) - conditional == set(manifest(REPOSITORY / "app.py").functions) - conditional


def test_costs_are_told_of_pipelines_that_exist_for_the_caller() -> None:
    plant = Plant(hourly("2026-01-01T00:00:00", 2))
    plant.later(timedelta(hours=2))
    (cost,) = pages(Door(plant.world, ALICE.account), "/operations/costs", "listCosts", ("limit", "1"))
    assert (cost["pipelineId"], [each["day"] for each in cost["days"]]) == (plant.pipeline, ["2026-01-01"])
    assert cost["usd"] == cost["days"][0]["usd"] > 0
    (record,) = plant.ports.store.pipelines([plant.pipeline]).values()
    record.tags["penstock:group"] = "retail"  # type: ignore[index]
    plant.ports.store.replace_pipeline(record)
    for group, count in (("shop", 0), ("retail", 1), ("admins", 1)):
        caller = Caller(ALICE.account, "x", frozenset({group}))
        assert len(spending(None, 10, caller, plant.ports).items) == count
    assert spending(None, 10, Caller("999999999999", "bob"), plant.ports).items == ()
