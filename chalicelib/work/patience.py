"""How long work elsewhere may go unlooked at: its end is told (service/completions), so looks can be rare."""

from datetime import timedelta

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.schedule.period import Period

LONGEST_PAUSE = timedelta(minutes=5)
"""Between two looks, when the end of the work was not told: of another region, or lost."""


def longest_pause(subject: PipelineObject) -> timedelta:
    """Between two looks of which each says that work goes on: well within reportProgressTimeout."""
    written = subject.text("reportProgressTimeout")
    if written is None:
        return LONGEST_PAUSE
    try:
        return min(LONGEST_PAUSE, Period.parse(written).longest() / 3)
    except ValueError:
        return LONGEST_PAUSE
