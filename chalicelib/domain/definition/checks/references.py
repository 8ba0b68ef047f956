"""References: they point at objects that exist, of the types their slots ask for, and not too many at one."""

from collections import Counter
from collections.abc import Iterator

from chalicelib.domain.definition.catalog import Kind, Slot, is_a
from chalicelib.domain.definition.checks.draft import Draft, Place
from chalicelib.domain.definition.checks.finding import Code, Finding, shown, warning
from chalicelib.domain.values import Ref

DEPENDENCIES = ("dependsOn", "input", "output", "precondition", "runsOn")


def existing(draft: Draft) -> Iterator[Finding]:
    """References to nothing, wherever they are written. A schedule that is not used anyway is a warning."""
    for item in draft.objects.values():
        for field in item.fields:
            if not isinstance(field.value, Ref) or field.value.id in draft.objects or not field.value.id:
                continue
            sentence = f"'{field.key[:80]}' refers to {shown(field.value.id)}, and there is no object of this id."
            if field.key == "schedule" and draft.on_demand:
                yield warning(item.id, Code.INVALID_REFERENCE, f"{sentence} On-demand runs need no schedule.")
            else:
                yield Finding(item.id, Code.INVALID_REFERENCE, sentence)


def targets(draft: Draft) -> Iterator[Finding]:
    """References to an object of another type than the slot asks for."""
    for place in draft.places:
        if place.slot is None or place.slot.kind is not Kind.REFERENCE or not place.slot.settable:
            continue
        for value in place.values:
            if isinstance(value, Ref) and value.id in draft.objects:
                yield from _target(draft, place, place.slot, value.id)


def _target(draft: Draft, place: Place, slot: Slot, target: str) -> Iterator[Finding]:
    if "*" in slot.facts.to:
        return
    named = draft.types[target].name if target in draft.types else None
    if named is None and draft.values(target, "type"):
        return  # its type is unknown, which is a finding of its own
    if named is None or not any(is_a(named, each) for each in slot.facts.to):
        found = f"of type {named}" if named else "an object without a type"
        expected = " or ".join(slot.facts.to)
        sentence = f"'{slot.name}' expects {expected}; {shown(target)} is {found}."
        yield Finding(place.given.by, Code.INVALID_REFERENCE, sentence, note=place.inherited)


def suited(draft: Draft) -> Iterator[Finding]:
    """Preconditions that cannot look at the node they guard. Source: developer guide, "DynamoDBDataNode"."""
    for item, known in draft.types.items():
        for target in draft.refs(item, "precondition") if known.name == "DynamoDBDataNode" else ():
            if target in draft.types and draft.types[target].name == "Exists":
                expected = "'precondition' expects DynamoDBDataExists or DynamoDBTableExists"
                sentence = f"{expected}; {shown(target)} is of type Exists."
                yield Finding(item, Code.INVALID_REFERENCE, sentence)


def counted(draft: Draft) -> Iterator[Finding]:
    """More references into one object than allowed."""
    pointed = Counter(
        target for item in draft.objects.values() for key in DEPENDENCIES for target in set(item.refs(key))
    )
    for target, times in pointed.items():
        if times > draft.limits.roll_ups and target in draft.objects:
            sentence = f"{times} fields refer to this object, at most {draft.limits.roll_ups} may."
            yield Finding(target, Code.LIMIT_EXCEEDED, sentence)
