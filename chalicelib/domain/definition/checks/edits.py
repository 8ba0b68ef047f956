"""What may not change once a pipeline has been activated.

1. An object stays.
2. The period of a schedule stays, whether written, inherited or a parameter.
3. Reference fields of an object stay as they are.
4. An object that was there is not made the output of a new one.
5. The start of a schedule stays; to start elsewhere, activate with a start time.

Source: developer guide, "Editing your pipeline", limitations.
"""

from collections.abc import Iterator

from chalicelib.domain.definition.catalog import Category
from chalicelib.domain.definition.checks.draft import Draft
from chalicelib.domain.definition.checks.finding import Code, Finding, shown
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.values import Ref

_FIXED = ("period", "startDateTime", "startAt")


def edits(draft: Draft, previous: Draft) -> Iterator[Finding]:
    """Changes from the active definition that are not allowed."""
    before, after = previous.objects, draft.objects
    for each, old in before.items():
        if each not in after:
            yield _forbidden(each, "The object was removed; it must stay once the pipeline has been activated.")
        else:
            yield from _references(old, after[each])
    for each in previous.of(Category.SCHEDULE):
        if each in after:
            yield from _fixed(draft, previous, each)
    for each, new in after.items():
        for target in new.refs("output") if each not in before else ():
            if target in before:
                sentence = f"'output' of a new object cannot be {shown(target)}, which was there before."
                yield _forbidden(each, sentence)


def _fixed(draft: Draft, previous: Draft, schedule: str) -> Iterator[Finding]:
    for key in _FIXED:
        was, now = previous.text(schedule, key), draft.text(schedule, key)
        if was != now:
            sentence = f"'{key}' cannot change from {_quoted(was)} to {_quoted(now)} after activation."
            yield _forbidden(schedule, sentence)


def _references(old: PipelineObject, new: PipelineObject) -> Iterator[Finding]:
    keys = {field.key: None for item in (old, new) for field in item.fields if isinstance(field.value, Ref)}
    for key in keys:
        was, now = old.refs(key), new.refs(key)
        if was != now:
            sentence = f"The reference {shown(key)} cannot change from {_ids(was)} to {_ids(now)} after activation."
            yield _forbidden(old.id, sentence)


def _quoted(text: str | None) -> str:
    return shown(text) if text is not None else "nothing"


def _ids(found: tuple[str, ...]) -> str:
    return ", ".join(shown(each) for each in found[:5]) or "nothing"


def _forbidden(each: str, sentence: str) -> Finding:
    return Finding(each, Code.FORBIDDEN_CHANGE, sentence)
