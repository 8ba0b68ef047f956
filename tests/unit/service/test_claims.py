"""What only one of several deliveries of a task may do."""

from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.domain.run.task import Task
from chalicelib.service.worksite import claims_of
from chalicelib.work.tools import Claims
from tests.unit.service.test_perform import House
from tests.workbench import item, task


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(None, tmp_path)


def two(house: House, given: Task) -> tuple[Claims, Claims]:
    """Those of two deliveries."""
    return claims_of(given, house.ports), claims_of(given, house.ports)


def test_of_two_deliveries_one_gets_what_both_claim(house: House) -> None:
    one, other = two(house, task(item("Work")))
    assert (one.take("step 1"), other.take("step 1"), one.take("step 1")) == (True, False, True)
    assert other.take("step 2")


def test_what_was_dropped_can_be_claimed_again(house: House) -> None:
    one, other = two(house, task(item("Work")))
    assert (one.take("step"), other.take("step")) == (True, False)
    other.drop("step")
    assert not other.take("step"), "nobody drops what somebody else has"
    one.drop("step")
    assert other.take("step")


def test_the_claim_of_a_function_that_must_be_dead_is_inherited_once(house: House) -> None:
    one, other = two(house, task(item("Work")))
    third = claims_of(task(item("Work")), house.ports)
    assert one.take("step")
    house.time += timedelta(minutes=15)
    assert not other.take("step")
    house.time += timedelta(minutes=2)
    assert (other.take("step"), third.take("step")) == (True, False)
