"""Every limit can be set from the environment."""

from datetime import timedelta

import pytest

from chalicelib.domain.definition.limits import SERVICE, Limits
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.settings import Settings


def limits(**environment: str) -> Limits:
    return Settings.read(environment).limits


def test_nothing_given_is_the_default() -> None:
    assert limits() == Limits()
    assert limits(PENSTOCK_LIMITS="service") == SERVICE


def test_a_limit_is_given_in_its_own_kind() -> None:
    found = limits(
        PENSTOCK_LIMIT_RETRIES="7",
        PENSTOCK_LIMIT_DEFAULT_RETRY_DELAY="0.5",
        PENSTOCK_LIMIT_PROGRESS_TIMEOUT="1 hour",
        PENSTOCK_LIMIT_DEFAULT_INIT_TIMEOUT="90",
        PENSTOCK_LIMIT_BACKFILL_GUARD="none",
    )
    assert found.retries == 7
    assert found.default_retry_delay == timedelta(seconds=0.5)
    assert found.progress_timeout == Period(1, Unit.HOUR)
    assert found.default_init_timeout == Period(90, Unit.SECOND)
    assert found.backfill_guard is None


@pytest.mark.parametrize("given", [{"PENSTOCK_LIMITS": "all"}, {"PENSTOCK_LIMIT_RETRIES": "many"}])
def test_a_value_that_is_none_of_the_choices_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(given.values()))):
        limits(**given)
