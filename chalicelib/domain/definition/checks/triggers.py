"""Triggers: where they may stand, and that they can be known before anything runs."""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.definition.catalog import Category
from chalicelib.domain.definition.checks.draft import Draft
from chalicelib.domain.definition.checks.finding import Code, Finding, shown, warning
from chalicelib.domain.definition.inherit import DEFAULT
from chalicelib.domain.definition.model import Value
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import Ref

LONGEST_WINDOW = timedelta(minutes=15)
_LEAST_AND_MOST = ("minimumSize", "maximumSize")


def placed(draft: Draft) -> Iterator[Finding]:
    """`trigger` on Default refers to one trigger, of a pipeline that runs on demand."""
    values = draft.values(DEFAULT, "trigger")
    if not values:
        return
    if len(values) > 1:
        yield Finding(DEFAULT, Code.INVALID_FIELD_VALUE, f"'trigger' takes one value, {len(values)} were given.")
    if not draft.on_demand:
        sentence = "'trigger' can only be used with 'scheduleType': 'ondemand'."
        yield Finding(DEFAULT, Code.INVALID_SCHEDULE, sentence)
    for value in values:
        if not _is_trigger(draft, value):
            sentence = f"'trigger' expects a reference to a trigger, {shown(value)} was given."
            yield Finding(DEFAULT, Code.INVALID_REFERENCE, sentence)


def _is_trigger(draft: Draft, value: Value) -> bool:
    """Whether it refers to a trigger, or to nothing at all, which is a finding of its own."""
    if not isinstance(value, Ref):
        return False
    known = draft.types.get(value.id)
    return value.id not in draft.objects or (known is not None and known.category is Category.TRIGGER)


def used(draft: Draft) -> Iterator[Finding]:
    """Triggers that nothing refers to from Default start nothing."""
    named = {value.id for value in draft.values(DEFAULT, "trigger") if isinstance(value, Ref)}
    for each in draft.of(Category.TRIGGER):
        if each not in named:
            yield warning(
                each, Code.IGNORED_FIELD, "No event starts a run here: 'trigger' on Default does not name it."
            )


def windows(draft: Draft) -> Iterator[Finding]:
    """Windows no longer than a timer reaches, and sizes that some object can have."""
    for each in draft.of(Category.TRIGGER):
        text = draft.text(each, "batchWindow")
        window = _period(text)
        if window is not None and window.longest() > LONGEST_WINDOW:
            sentence = f"'batchWindow' expects at most 15 minutes, {shown(text or '')} was given."
            yield Finding(each, Code.INVALID_FIELD_VALUE, sentence)
        least, most = (draft.text(each, key) for key in _LEAST_AND_MOST)
        if least and most and least.isdecimal() and most.isdecimal() and int(least) > int(most):
            sentence = f"'minimumSize' {least} is more than 'maximumSize' {most}, so no object fits."
            yield Finding(each, Code.INVALID_FIELD_VALUE, sentence)


def _period(text: str | None) -> Period | None:
    try:
        return Period.parse(text) if text is not None else None
    except ValueError:
        return None  # a finding of its own
