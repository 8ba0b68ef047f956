"""The transition table is the specification: these hold for every row, and for every pair that is not a row."""

from itertools import product

import pytest

from chalicelib.domain.errors import IllegalTransition
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.table import TABLE, Trigger, allows, next_status
from docs.transitions import PAGE, page


@pytest.mark.parametrize(
    ("status", "trigger"), [pair for pair in product(Status, Trigger) if pair not in TABLE], ids=lambda x: x.name
)
def test_a_pair_outside_the_table_raises_and_names_the_instance(status: Status, trigger: Trigger) -> None:
    with pytest.raises(IllegalTransition, match="@Copy is"):
        next_status("@Copy", status, trigger)


@pytest.mark.parametrize(("status", "trigger"), list(TABLE), ids=lambda x: x.name)
def test_a_pair_of_the_table_leads_where_it_says(status: Status, trigger: Trigger) -> None:
    assert next_status("@Copy", status, trigger) is TABLE[status, trigger]


def test_only_a_rerun_or_a_mark_leads_out_of_an_ended_status() -> None:
    leaving = {trigger for (status, trigger) in TABLE if status.ended}
    assert leaving == {Trigger.RERUN, Trigger.MARKED_FINISHED}


def test_every_status_can_be_reached_and_every_trigger_is_used() -> None:
    assert set(TABLE.values()) == set(Status)
    assert {trigger for _, trigger in TABLE} == set(Trigger)


def test_everything_that_has_not_ended_can_be_canceled_and_marked() -> None:
    for status in Status:
        assert status.ended or allows(status, Trigger.CANCELED)
        assert status is Status.FINISHED or allows(status, Trigger.MARKED_FINISHED) or status is Status.FINISHED


def test_the_page_in_the_docs_shows_this_table() -> None:
    assert PAGE.read_text() == page()
