"""The Schedule object.

Source: developer guide, "Schedule".
"""

from typing import Annotated, Literal

from chalicelib.domain.definition.catalog.component import Component
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import UtcTime

ONDEMAND_PERIOD = "ONDEMAND_PERIOD"


@catalogued
class Schedule(Component):
    """When objects run: a start, a period, and optionally an end."""

    period: Annotated[
        Period | str, Facts("Length of an interval, as in '15 minutes' or '1 month'.", specials=(ONDEMAND_PERIOD,))
    ]
    start_at: Annotated[
        Literal["FIRST_ACTIVATION_DATE_TIME", "ONDEMAND_ACTIVATION_TIME"] | None,
        Facts(
            "Start when the pipeline is first activated.", one_of="start", excludes=("startDateTime",), deprecated=True
        ),
    ] = None
    start_date_time: Annotated[
        UtcTime | None, Facts("Start of the first interval, UTC.", one_of="start", excludes=("startAt",))
    ] = None
    end_date_time: Annotated[
        UtcTime | None, Facts("No interval starts from here on, UTC.", excludes=("occurrences",))
    ] = None
    occurrences: Annotated[int | None, Facts("Number of intervals.", excludes=("endDateTime",), least=1)] = None
    max_active_instances: Annotated[int | None, Facts("Accepted for old definitions; has no effect.", least=1)] = None
    first_activation_time: Annotated[
        UtcTime | None,
        Facts("When the pipeline was first activated.", wire="@firstActivationTime", group=Group.SYSTEM),
    ] = None
