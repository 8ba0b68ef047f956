"""A pipeline that is looked at again and again: what is live, what has ended since, and what a look costs."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import InvalidRequest, PipelineNotFound
from chalicelib.domain.run.status import Command, PipelineStatus
from chalicelib.ports.marker import make_marker
from chalicelib.service import look as looking
from chalicelib.service.access import Caller
from chalicelib.service.look import Look, Seen, look
from chalicelib.service.steering import OrderComponents, order_components
from tests.unit.service.plant import ALICE, Plant, hourly

RUN = "2026-01-01T00:00:00"


class Counting:
    """A store whose calls are counted."""

    def __init__(self, plant: Plant) -> None:
        self.calls: Counter[str] = Counter()
        self._plant = plant

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._plant.ports.store, name)


@pytest.fixture
def plant() -> Plant:
    """One run at work."""
    plant = Plant()
    plant.held.add("First")
    plant.put(hourly(RUN, 3))
    plant.activate()
    return plant


def seen_by(plant: Plant, since: str | None = None) -> Seen:
    return look(Look(plant.pipeline, since), ALICE, plant.ports)


def test_the_first_look_shows_what_is_live_and_the_next_what_has_ended(plant: Plant) -> None:
    first = seen_by(plant)
    assert first.standing is not None
    assert (first.standing.status, first.standing.paused) == (PipelineStatus.SCHEDULED, ())
    assert {item.component for item in first.instances if item.id in first.live} == {"First", "Out", "Second", "End"}
    plant.end(plant.tasks[0])
    plant.settle()
    after = seen_by(plant, first.cursor)
    assert {(item.component, item.status.value) for item in after.instances} == {
        (name, "FINISHED") for name in ("In", "First", "Out", "Second", "End")
    }
    assert (after.live, after.complete) == (frozenset(), True)


def test_what_began_and_ended_between_two_looks_is_seen(plant: Plant) -> None:
    plant.end(plant.tasks[0])
    plant.settle()
    cursor = seen_by(plant).cursor
    plant.held.clear()
    plant.later(timedelta(hours=1, minutes=1))
    assert {item.id for item in seen_by(plant, cursor).instances} >= {"@In_2026-01-01T01:00:00"}


def test_a_look_at_which_nothing_has_changed_makes_two_reads(plant: Plant) -> None:
    cursor = seen_by(plant).cursor
    store = Counting(plant)
    ports = replace(plant.ports, store=store)  # type: ignore[arg-type]
    again = look(Look(plant.pipeline, cursor), ALICE, ports)
    assert (again.standing, again.instances, again.cursor) == (None, (), cursor)
    assert store.calls == {"pipelines": 1, "load_state": 1}


def test_a_look_at_which_something_has_makes_two_more_however_much_it_was(plant: Plant) -> None:
    cursor = seen_by(plant).cursor
    plant.world.clock.advance(timedelta(minutes=5))
    plant.end(plant.tasks[0])
    plant.settle()
    store = Counting(plant)
    look(Look(plant.pipeline, cursor), ALICE, replace(plant.ports, store=store))  # type: ignore[arg-type]
    assert store.calls["query_history"] == 1
    assert store.calls["history"] <= 1
    assert sum(store.calls.values()) <= 4


def test_what_is_paused_is_told(plant: Plant) -> None:
    cursor = seen_by(plant).cursor
    order_components(OrderComponents(plant.pipeline, Command.PAUSE, "End"), ALICE, plant.ports)
    plant.settle()
    standing = seen_by(plant, cursor).standing
    assert standing is not None
    assert standing.paused == ("End",)


def test_with_more_live_than_a_cursor_holds_the_next_look_says_that_it_may_miss_some(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MOST_NOTED", 3)
    cursor = seen_by(plant).cursor
    plant.end(plant.tasks[0])
    plant.settle()
    assert not seen_by(plant, cursor).complete


def test_a_pipeline_that_never_ran_can_be_looked_at() -> None:
    plant = Plant()
    first = seen_by(plant)
    assert first.standing is not None
    assert (first.standing.status, first.instances) == (PipelineStatus.PENDING, ())
    assert seen_by(plant, first.cursor).standing is None


def test_a_cursor_that_is_no_cursor_is_refused(plant: Plant) -> None:
    forged = make_marker(f"look {plant.pipeline}", ["1", "1", "1", "AAAA"])
    for cursor in ("zzzz", forged):
        with pytest.raises(InvalidRequest, match="since"):
            seen_by(plant, cursor)
    with pytest.raises(PipelineNotFound):
        look(Look(plant.pipeline), Caller("999999999999", "bob"), plant.ports)
