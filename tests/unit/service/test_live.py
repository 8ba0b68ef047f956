"""The live view of a run: what changed, and what looking costs."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import InvalidRequest, ObjectNotFound, PipelineNotFound
from chalicelib.domain.run.status import Command
from chalicelib.service.access import Caller
from chalicelib.service.live import LONGEST_WAIT, LOOK, Watch, watch_run
from chalicelib.service.steering import OrderComponents, order_components
from tests.unit.service.plant import ALICE, Plant, hourly

RUN = "2026-01-01T00:00:00"


class Counting:
    """A store whose calls are counted, and which lets time pass instead of waiting."""

    def __init__(self, plant: Plant) -> None:
        self.calls: Counter[str] = Counter()
        self._plant = plant

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._plant.ports.store, name)

    def wait_for_commit(self, _pipeline: str, _version: int, timeout: timedelta) -> None:
        self._plant.world.clock.advance(timeout)


@pytest.fixture
def plant() -> Plant:
    """One run at work."""
    plant = Plant()
    plant.held.add("First")
    plant.put(hourly(RUN, 2))
    plant.activate()
    return plant


def test_the_first_look_shows_everything_and_the_next_what_changed(plant: Plant) -> None:
    first = watch_run(Watch(plant.pipeline, RUN), ALICE, plant.ports)
    assert len(first.changed) == 5
    again = watch_run(Watch(plant.pipeline, RUN, first.cursor), ALICE, plant.ports)
    assert (again.run, again.changed) == (None, ())
    plant.end(plant.tasks[0])
    plant.settle()
    after = watch_run(Watch(plant.pipeline, RUN, again.cursor), ALICE, plant.ports)
    assert after.run is not None
    assert (after.run.status.value, {item.component for item in after.changed}) == (
        "FINISHED",
        {"Out", "End", "First", "Second"},
    )


def test_a_quiet_poll_reads_the_live_item_every_two_seconds_and_nothing_else(plant: Plant) -> None:
    cursor = watch_run(Watch(plant.pipeline, RUN), ALICE, plant.ports).cursor
    store = Counting(plant)
    begin = plant.world.clock.now()
    ports = replace(plant.ports, store=store)  # type: ignore[arg-type]
    seen = watch_run(Watch(plant.pipeline, RUN, cursor, LONGEST_WAIT), ALICE, ports)
    assert (seen.run, seen.changed) == (None, ())
    assert plant.world.clock.now() - begin == LONGEST_WAIT
    assert store.calls == {"pipelines": 1, "load_state": 1 + LONGEST_WAIT // LOOK}


def test_what_happens_beside_the_run_does_not_end_the_wait(plant: Plant) -> None:
    cursor = watch_run(Watch(plant.pipeline, RUN), ALICE, plant.ports).cursor
    order_components(OrderComponents(plant.pipeline, Command.PAUSE, "End"), ALICE, plant.ports)
    plant.settle()
    store = Counting(plant)
    ports = replace(plant.ports, store=store)  # type: ignore[arg-type]
    begin: datetime = plant.world.clock.now()
    seen = watch_run(Watch(plant.pipeline, RUN, cursor, timedelta(seconds=4)), ALICE, ports)
    assert seen.changed == ()
    assert plant.world.clock.now() - begin == timedelta(seconds=4)
    assert store.calls["query_history"] == 1


def test_a_cursor_of_another_run_and_a_run_that_never_began_are_refused(plant: Plant) -> None:
    with pytest.raises(InvalidRequest, match="since"):
        watch_run(Watch(plant.pipeline, RUN, "zzzz"), ALICE, plant.ports)
    with pytest.raises(ObjectNotFound):
        watch_run(Watch(plant.pipeline, "2031-01-01T00:00:00"), ALICE, plant.ports)
    with pytest.raises(PipelineNotFound):
        watch_run(Watch(plant.pipeline, RUN), Caller("999999999999", "bob"), plant.ports)
