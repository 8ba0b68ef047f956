"""What a pipeline cost by day, as its live item knows it."""

from datetime import date, timedelta

import pytest

from chalicelib.domain.run.ledger import KEPT_DAYS, Ledger, dollars, entered
from chalicelib.domain.run.spent import spent
from chalicelib.service.blueprints import blueprint_of
from chalicelib.service.runs import ListRuns, list_runs, run_instances
from tests.unit.service.plant import ALICE, Plant, hourly


def test_the_day_has_what_its_runs_cost() -> None:
    plant = Plant(hourly("2026-01-01T00:00:00", 2))
    plant.later(timedelta(hours=2))
    state = plant.state
    found = dollars(state.costs)
    assert list(found) == [date(2026, 1, 1)]
    runs = list_runs(ListRuns(plant.pipeline), ALICE, plant.ports).items
    assert len(runs) == 2
    instances = [item for run in runs for item in run_instances(plant.pipeline, run.id, ALICE, plant.ports).instances]
    plan = blueprint_of(plant.pipeline, state.definition_version, state.first_activation, plant.ports).plan
    assert found[date(2026, 1, 1)] == pytest.approx(spent(instances, plan, plant.world.clock.now()).usd, abs=1e-7)


def test_days_long_past_are_forgotten() -> None:
    plant = Plant(hourly("2026-01-01T00:00:00", 1))
    state, now = plant.state, plant.world.clock.now()
    (run,) = list_runs(ListRuns(plant.pipeline), ALICE, plant.ports).items
    ended = run_instances(plant.pipeline, run.id, ALICE, plant.ports).instances
    plan = blueprint_of(plant.pipeline, state.definition_version, state.first_activation, plant.ports).plan
    ledger: Ledger = ()
    for day in range(KEPT_DAYS + 2):
        ledger = entered(ledger, ended, plan, now + timedelta(days=day))
    assert list(dollars(ledger)) == [date(2026, 1, 3) + timedelta(days=day) for day in range(KEPT_DAYS)]
