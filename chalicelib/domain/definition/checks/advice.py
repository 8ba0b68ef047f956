"""Warnings: what works, and probably not as meant."""

from collections.abc import Iterator

from chalicelib.domain.definition.catalog import Category
from chalicelib.domain.definition.checks.draft import Draft, Place
from chalicelib.domain.definition.checks.finding import Code, Finding, warning

_COPIES = frozenset({"CopyActivity", "HiveCopyActivity", "RedshiftCopyActivity"})
_DIRECTIONS = {"input": "from", "output": "to"}


def deprecated(draft: Draft) -> Iterator[Finding]:
    """Types and fields with a better replacement."""
    for each, known in draft.types.items():
        if known.deprecated:
            yield warning(each, Code.DEPRECATED, f"{known.name} is deprecated; use {known.deprecated}.")
    for place in draft.places:
        if place.own and place.slot is not None and place.slot.facts.deprecated:
            yield warning(place.item, Code.DEPRECATED, f"'{place.key}' is deprecated{_instead(place)}.")


def _instead(place: Place) -> str:
    return "; use 'scheduleType': 'ondemand' or 'startDateTime'" if place.key == "startAt" else " and has no effect"


def ignored(draft: Draft) -> Iterator[Finding]:
    """Fields that another one, or the schedule type, leaves without effect."""
    for place in draft.places:
        beside = draft.lineages[place.item]
        if place.key == "workerGroup" and place.own and "runsOn" in beside:
            sentence = "'workerGroup' is ignored, because 'runsOn' is given too."
            yield warning(place.item, Code.IGNORED_FIELD, sentence)
        elif place.key == "lateAfterTimeout" and draft.on_demand:
            sentence = "'lateAfterTimeout' has no effect on on-demand runs."
            yield warning(place.given.by, Code.IGNORED_FIELD, sentence)
        elif place.key == "onLateAction" and "lateAfterTimeout" not in beside:
            sentence = "'onLateAction' never fires without 'lateAfterTimeout'."
            yield warning(place.given.by, Code.IGNORED_FIELD, sentence)


def unconnected(draft: Draft) -> Iterator[Finding]:
    """Copies from nowhere or to nowhere."""
    for each, known in draft.types.items():
        for key in ("input", "output") if known.name in _COPIES else ():
            if key not in draft.lineages[each]:
                sentence = f"{known.name} has no '{key}', so there is nothing to copy {_DIRECTIONS[key]}."
                yield warning(each, Code.MISSING_FIELD, sentence)


def unscheduled(draft: Draft) -> Iterator[Finding]:
    """Schedules of an on-demand pipeline."""
    for each in draft.of(Category.SCHEDULE) if draft.on_demand else ():
        if draft.text(each, "period") not in (None, "ONDEMAND_PERIOD"):
            yield warning(each, Code.IGNORED_FIELD, "The schedule is ignored: the pipeline runs on demand.")


def placed(draft: Draft) -> Iterator[Finding]:
    """Activities that insist on a resource without naming one."""
    for each in draft.of(Category.ACTIVITY):
        if draft.text(each, "placement") == "resource" and not {"runsOn", "workerGroup"} & draft.lineages[each].keys():
            yield Finding(each, Code.MISSING_FIELD, "'placement': 'resource' needs 'runsOn' or 'workerGroup'.")
