"""Expressions: every one can be read, and names only what its object can have."""

from collections.abc import Iterator

from chalicelib.domain.definition.checks.draft import STEERING, Draft, Place
from chalicelib.domain.definition.checks.finding import Code, Finding, shown
from chalicelib.domain.definition.inherit import DEFAULT
from chalicelib.domain.definition.parameters import SECRET
from chalicelib.domain.expression.check import meant
from chalicelib.domain.values import Ref

_ALWAYS = frozenset({"id", "name", "type", "parent", "node"})
RUNTIME = frozenset(
    {
        "@actualEndTime",
        "@actualStartTime",
        "@attemptCount",
        "@cascadeFailedOn",
        "@failureReason",
        "@finishedTime",
        "@id",
        "@pipelineId",
        "@resourceId",
        "@scheduledEndTime",
        "@scheduledStartTime",
        "@sphere",
        "@status",
        "@triesLeft",
        "@version",
    }
)
"""Runtime fields that the engine gives to instances of every type, beside those that the catalogue has for one."""

_VERBATIM = frozenset({"id", "name", "type", "sphere"})


def readable(draft: Draft) -> Iterator[Finding]:
    """Texts whose expressions cannot be read, on any object; also where parameters alone make them fail."""
    for item in draft.objects.values():
        for field in item.fields:
            if isinstance(field.value, Ref) or field.key in _VERBATIM or field.value not in draft.texts:
                continue
            fault = draft.texts[field.value].fault
            if fault is not None:
                yield Finding(item.id, Code.INVALID_EXPRESSION, f"'{field.key[:80]}': {fault}")


def named(draft: Draft) -> Iterator[Finding]:
    """Names that are neither a field the object can have nor a parameter, nor may still become one."""
    for place, name in unknown_names(draft):
        if not is_parameter_name(name):
            sentence = f"'{place.key[:80]}' names {shown(name)}, {_stranger(draft, place, name)}."
            yield Finding(place.given.by, Code.INVALID_EXPRESSION, sentence, note=place.inherited)


def _stranger(draft: Draft, place: Place, name: str) -> str:
    if not name.startswith("@"):
        return "which is neither a field of the object nor a parameter"
    known = draft.types[place.item]
    fields = {each for each in known.slots if each.startswith("@")} | RUNTIME
    return f"which is no runtime field of {known.name}{meant(name, fields)}"


def steering(draft: Draft) -> Iterator[Finding]:
    """Fields the engine needs before anything runs, and that cannot be known by then."""
    for place in draft.places:
        if place.key not in STEERING or draft.text(place.item, place.key) is not None:
            continue
        text = next((value for value in reversed(place.values) if isinstance(value, str)), "")
        if text in draft.texts and draft.texts[text].fault is None and not _awaited(draft, place, text):
            sentence = f"'{place.key}' must be known before anything runs, so {shown(text)} cannot decide it."
            yield Finding(place.given.by, Code.INVALID_EXPRESSION, sentence, note=place.inherited)


def _awaited(draft: Draft, place: Place, text: str) -> bool:
    """Whether it names what is missing, a finding of its own, or a parameter without a value.

    Such a value may come yet; an optional parameter that stays without one leaves the field out.
    """
    names = draft.texts[text].names
    return any(
        _unknown(draft, place, name) or (name in draft.declared and not draft.parameters.get(name)) for name in names
    )


def is_parameter_name(name: str) -> bool:
    """Whether a parameter should be called so: `my…`, or `*my…` for a secret."""
    return name.removeprefix(SECRET).startswith("my")


def unknown_names(draft: Draft) -> Iterator[tuple[Place, str]]:
    """Every name in an expression of a typed object that nothing answers to."""
    for place in draft.places:
        if place.key in _VERBATIM:
            continue
        for value in place.values:
            if isinstance(value, str) and value in draft.texts:
                yield from ((place, name) for name in sorted(draft.texts[value].names) if _unknown(draft, place, name))


def _unknown(draft: Draft, place: Place, name: str) -> bool:
    if name in _ALWAYS or name in RUNTIME or name in draft.parameters or name in draft.declared:
        return False
    if name == "trigger" and draft.values(DEFAULT, "trigger"):
        return False
    return name not in draft.lineages[place.item] and name not in draft.types[place.item].slots
