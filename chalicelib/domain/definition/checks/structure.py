"""The shape of the whole: the fatal cases, ids, types."""

from collections import Counter
from collections.abc import Iterator

from chalicelib.domain.definition.catalog import TYPES, object_type
from chalicelib.domain.definition.checks.draft import Draft
from chalicelib.domain.definition.checks.finding import PIPELINE, Code, Finding, Severity, shown
from chalicelib.domain.definition.inherit import DEFAULT
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.values import Ref

_BY_LOWER = {name.lower(): name for name in TYPES}


def fatal(definition: Definition, limits: Limits) -> Iterator[Finding]:
    """What forbids storing: an object without id or name, an empty value, more objects than allowed.

    Source  API reference, PutPipelineDefinition
    """
    count = len(definition.objects)
    if count > limits.objects:
        sentence = f"A pipeline has at most {limits.objects} objects, {count} were given."
        yield Finding(PIPELINE, Code.LIMIT_EXCEEDED, sentence, Severity.FATAL)
    for index, item in enumerate(definition.objects):
        for missing in _empty(item):
            place = f"Object {shown(item.id)}" if item.id else f"Object number {index + 1}"
            yield Finding(item.id, Code.EMPTY_VALUE, f"{place} has {missing}.", Severity.FATAL)


def _empty(item: PipelineObject) -> Iterator[str]:
    if not item.id:
        yield "no id"
    if not item.name:
        yield "no name"
    for field in item.fields:
        if isinstance(field.value, Ref) and not field.value.id:
            yield f"an empty reference in field {shown(field.key)}"
        elif not field.value:
            yield f"an empty value in field {shown(field.key)}"


def identities(draft: Draft) -> Iterator[Finding]:
    """Ids that are used twice, or belong to instances."""
    for each, times in Counter(item.id for item in draft.definition.objects).items():
        if times > 1:
            yield Finding(each, Code.INVALID_OBJECT, f"The id '{each}' is used {times} times, it must be used once.")
        if each.startswith("@"):
            yield Finding(each, Code.INVALID_OBJECT, f"The id '{each}' begins with '@', as only instances do.")


def types(draft: Draft) -> Iterator[Finding]:
    """Objects without a type, or of one that is not in the catalogue."""
    parents = {parent for item in draft.objects.values() for parent in item.refs("parent")} | {DEFAULT}
    for each in draft.objects:
        written = draft.values(each, "type")
        if len(written) > 1:
            yield Finding(each, Code.INVALID_OBJECT, f"'type' takes one value, {len(written)} were given.")
        elif written and isinstance(written[0], Ref):
            yield Finding(each, Code.INVALID_REFERENCE, f"'type' expects a name, {shown(written[0])} was given.")
        elif written and each not in draft.types:
            yield Finding(each, Code.UNKNOWN_TYPE, _unknown(str(written[0])))
        elif not written and each not in parents:
            yield Finding(each, Code.MISSING_TYPE, "'type' is missing, and no object has this one as its parent.")


def _unknown(name: str) -> str:
    near = _BY_LOWER.get(name.lower())
    hint = f"; did you mean '{near}'?" if near and object_type(name) is None else "."
    return f"There is no object type {shown(name)}{hint}"
