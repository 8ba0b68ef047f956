"""Schedule rules fire at their rate."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from local.ticks import Scheduled, Ticker, first_pause, rate


@pytest.mark.parametrize(
    ("expression", "period"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(5 minutes)", timedelta(minutes=5)),
        ("rate(1 hour)", timedelta(hours=1)),
    ],
)
def test_a_rate_is_a_period(expression: str, period: timedelta) -> None:
    assert rate(expression) == period


def test_an_expression_that_is_not_imitated_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="cron"):
        rate("cron(0 12 * * ? *)")


def test_a_function_fires_at_the_start_and_again_after_its_period() -> None:
    events: list[dict[str, Any]] = []
    twice = threading.Event()

    def tick(event: dict[str, Any], context: object) -> None:
        events.append(event)
        if len(events) == 2:
            twice.set()

    ticker = Ticker([Scheduled("tick", tick, timedelta(milliseconds=10))])
    ticker.start()
    assert twice.wait(10)
    ticker.stop()
    assert events[0]["detail-type"] == "Scheduled Event"


def test_what_runs_each_hour_is_not_begun_with_the_rest_at_the_start() -> None:
    assert first_pause(timedelta(minutes=1)) == timedelta(0)
    assert first_pause(timedelta(hours=1)) == timedelta(minutes=1)
