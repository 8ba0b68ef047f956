"""Limits of the definition language and the engine: the service's documented value, and ours where users want more.

Source: developer guide, "AWS Data Pipeline limits". Every one is a setting.
"""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.schedule.period import Period, Unit

_QUARTER_HOUR = Period(15, Unit.MINUTE)
_HALF_HOUR = Period(30, Unit.MINUTE)


@dataclass(frozen=True, slots=True)
class Limits:
    """Each field's comment gives the service's value where ours differs."""

    objects: int = 1000  # service: 100
    fields_per_object: int = 250  # service: 50
    field_name_bytes: int = 256
    field_value_bytes: int = 10_240
    object_bytes: int = 65_536  # service: 15,360
    parameters: int = 250  # service: 50
    values_bytes: int = 65_536  # service: 15 KB
    step_values: int = 255
    expression_characters: int = 1_000_000  # of all texts with expressions; ours, so that checking them ends soon
    roll_ups: int = 1000  # service: 32 references into one object
    pipelines: int = 10_000  # service: 100
    minimum_period: timedelta = timedelta(minutes=1)  # service: 15 minutes
    maximum_period_years: int = 3
    active_instances: int = 50  # highest maxActiveInstances; service: 5
    default_active_instances: int = 5
    ondemand_active_instances: int = 50  # service: 5
    retries: int = 10  # highest maximumRetries; service: 5
    default_retries: int = 2  # three tries in all
    minimum_retry_delay: timedelta = timedelta(0)  # service: 2 minutes
    default_retry_delay: timedelta = timedelta(seconds=30)  # service: not documented
    precondition_interval: timedelta = timedelta(minutes=1)  # between two checks; service: not documented
    progress_timeout: Period = _QUARTER_HOUR
    default_init_timeout: Period | None = _HALF_HOUR  # service: not documented
    backfill_guard: timedelta | None = timedelta(days=1)
    """Activation is refused when a scheduled start is further back than this; None allows any."""


SERVICE = Limits(
    objects=100,
    fields_per_object=50,
    object_bytes=15_360,
    parameters=50,
    values_bytes=15_360,
    roll_ups=32,
    pipelines=100,
    minimum_period=timedelta(minutes=15),
    active_instances=5,
    ondemand_active_instances=5,
    retries=5,
    minimum_retry_delay=timedelta(minutes=2),
)
"""The service's own documented limits, for users who want the same refusals."""
