"""Schedules: who has one, what type it is of, and whether its times make sense."""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.definition.catalog import Category
from chalicelib.domain.definition.catalog.reading import typed
from chalicelib.domain.definition.catalog.timing import ONDEMAND_PERIOD
from chalicelib.domain.definition.checks.draft import Draft
from chalicelib.domain.definition.checks.finding import PIPELINE, Code, Finding, shown, warning
from chalicelib.domain.definition.inherit import DEFAULT
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.values import UtcTime, parse_time, render_time

_ONDEMAND = "ondemand"
_LAST_YEAR = 9900
_LENDING = ("input", "output", "runsOn", "dependsOn")
_ONDEMAND_START = "ONDEMAND_ACTIVATION_TIME"


def schedule_types(draft: Draft) -> Iterator[Finding]:
    """`ondemand` stands on Default and leaves room for no other type."""
    for item in draft.objects.values():
        own = draft.text(item.id, "scheduleType") if item.text("scheduleType") and item.id != DEFAULT else None
        if own is not None and (own.lower() == _ONDEMAND) != draft.on_demand:
            default = draft.text(DEFAULT, "scheduleType")
            sentence = f"'scheduleType' is {shown(own)} here and {shown(default or 'not given')} on Default."
            rule = f"'{_ONDEMAND}' must be given on Default and be the only type."
            yield Finding(item.id, Code.INVALID_SCHEDULE, f"{sentence} {rule}")


def scheduled(draft: Draft) -> Iterator[Finding]:
    """Objects that run without a schedule, own, inherited or of one that uses them. On-demand pipelines need none."""
    if draft.on_demand:
        return
    owners = {each for each in draft.types if "schedule" in draft.lineages[each]}
    owners |= {target for each in owners for key in _LENDING for target in draft.refs(each, key)}
    for each in draft.scheduled():
        if each not in owners:
            sentence = f"'schedule' is required on {draft.types[each].name}, here, on its parent or on Default."
            yield Finding(each, Code.MISSING_FIELD, sentence)


def periods(draft: Draft) -> Iterator[Finding]:
    """Periods shorter or longer than allowed, or words that belong to on-demand pipelines."""
    for each in draft.of(Category.SCHEDULE):
        words = {draft.text(each, "period"), draft.text(each, "startAt")} & {ONDEMAND_PERIOD, _ONDEMAND_START}
        if words and not draft.on_demand:
            listed = " and ".join(f"'{word}'" for word in sorted(str(word) for word in words))
            sentence = f"{listed} can only be used with 'scheduleType': '{_ONDEMAND}' on Default."
            yield Finding(each, Code.INVALID_SCHEDULE, sentence)
        period = period_of(draft, each)
        if period is not None and not _allowed(period, draft.limits):
            sentence = (
                f"'period' expects at least {_in_words(draft.limits.minimum_period)} and at most "
                f"{draft.limits.maximum_period_years} years, '{period}' was given."
            )
            yield Finding(each, Code.INVALID_FIELD_VALUE, sentence)


def _allowed(period: Period, limits: Limits) -> bool:
    if period.unit in (Unit.MONTH, Unit.YEAR):
        return period.count <= limits.maximum_period_years * (12 if period.unit is Unit.MONTH else 1)
    return limits.minimum_period <= period.shortest() <= timedelta(days=366 * limits.maximum_period_years)


def _in_words(length: timedelta) -> str:
    if length.days and not length.seconds:
        return str(Period(length.days, Unit.DAY))
    return str(Period(max(1, int(length.total_seconds()) // 60), Unit.MINUTE))


def ends(draft: Draft) -> Iterator[Finding]:
    """Ends that are not after their start."""
    for each in draft.of(Category.SCHEDULE):
        start, end = time_of(draft, each, "startDateTime"), time_of(draft, each, "endDateTime")
        if start is not None and end is not None and end <= start:
            sentence = f"'endDateTime' {render_time(end)} must be later than 'startDateTime' {render_time(start)}."
            yield Finding(each, Code.INVALID_SCHEDULE, sentence)


def cascades(draft: Draft) -> Iterator[Finding]:
    """Cascading objects that will run intervals of the past: one failure there fails what follows."""
    for each in draft.scheduled():
        start = _start(draft, each)
        mode = (draft.text(each, "failureAndRerunMode") or "").lower()
        if mode == "cascade" and start is not None and start < draft.now and not draft.on_demand:
            sentence = (
                f"'{each[:80]}' starts in the past, at {render_time(start)}, and has 'failureAndRerunMode': 'cascade'; "
                "a failure while it catches up cancels what depends on it."
            )
            yield warning(each, Code.BACKFILL, sentence)


def guarded(draft: Draft) -> Iterator[Finding]:
    """Starts further back than activation allows."""
    guard = draft.limits.backfill_guard
    if guard is None or draft.on_demand:
        return
    for schedule in dict.fromkeys(target for each in draft.scheduled() for target in draft.refs(each, "schedule")):
        start = time_of(draft, schedule, "startDateTime")
        if start is not None and draft.now - start > guard:
            sentence = (
                f"'startDateTime' {render_time(start)} is more than {_in_words(guard)} in the past, which would run "
                "every interval since. Move the start, activate with a start timestamp, or allow it in the settings."
            )
            yield Finding(schedule, Code.BACKFILL, sentence)


def runs(draft: Draft) -> Iterator[Finding]:
    """A pipeline needs something to run."""
    if not any(draft.of(Category.ACTIVITY)):
        yield Finding(PIPELINE, Code.NOTHING_TO_RUN, "The definition has no activity, so there is nothing to run.")


def spans(draft: Draft) -> Iterator[Finding]:
    """Starts so late that the first interval would end after the last year there is."""
    for each in draft.of(Category.SCHEDULE):
        start = time_of(draft, each, "startDateTime")
        if start is not None and start.year >= _LAST_YEAR:
            sentence = f"'startDateTime' expects a year before {_LAST_YEAR}, {render_time(start)} was given."
            yield Finding(each, Code.INVALID_FIELD_VALUE, sentence)


def period_of(draft: Draft, schedule: str) -> Period | None:
    """The period of a Schedule; None when it has none that can be read."""
    text = draft.text(schedule, "period")
    slot = draft.types[schedule].slots["period"]
    try:
        found = typed(slot, text) if text is not None else None
    except ValueError:
        return None
    return found if isinstance(found, Period) else None


def time_of(draft: Draft, schedule: str, key: str) -> UtcTime | None:
    """A time of a Schedule; None when it has none that can be read."""
    text = draft.text(schedule, key)
    try:
        return parse_time(text) if text is not None else None
    except ValueError:
        return None


def _start(draft: Draft, item: str) -> UtcTime | None:
    schedule = next(draft.refs(item, "schedule"), None)
    return time_of(draft, schedule, "startDateTime") if schedule is not None else None
