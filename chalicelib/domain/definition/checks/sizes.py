"""Sizes, counts and the engine's limits."""

from collections.abc import Iterator
from functools import partial

from chalicelib.domain.definition.catalog.reading import typed
from chalicelib.domain.definition.checks.draft import Draft, Place
from chalicelib.domain.definition.checks.finding import PIPELINE, Code, Finding, shown
from chalicelib.domain.definition.inherit import MOST_FIELDS
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import Ref

_NAME_CHARACTERS = 1024


def objects(draft: Draft) -> Iterator[Finding]:
    """Objects with too many fields, or too long ids, names, fields or values."""
    limits = draft.limits
    for item in draft.objects.values():
        found = partial(_over, item.id)
        yield from found("fields of the object", len(item.fields), limits.fields_per_object)
        yield from found("fields with inherited ones", len(draft.lineages[item.id]), MOST_FIELDS - 1)
        yield from found("bytes of the id", _bytes(item.id), limits.field_name_bytes)
        yield from found("characters of the name", len(item.name), _NAME_CHARACTERS)
        yield from found("bytes of the object", _size(item), limits.object_bytes)
        for field in item.fields:
            key = shown(field.key)
            yield from found(f"bytes of the field name {key}", _bytes(field.key), limits.field_name_bytes)
            most = limits.field_name_bytes if isinstance(field.value, Ref) else limits.field_value_bytes
            yield from found(f"bytes of the value of {key}", _bytes(_text(field)), most)


def parameters(draft: Draft) -> Iterator[Finding]:
    """Too many parameters, or values that are too long."""
    limits, definition = draft.limits, draft.definition
    yield from _over(PIPELINE, "parameters", len(definition.parameters), limits.parameters)
    total = sum(_bytes(value.id) + _bytes(value.value) for value in definition.values)
    yield from _over(PIPELINE, "bytes of parameter values", total, limits.values_bytes)
    for item in definition.parameters:
        yield from _over(item.id, "bytes of the id", _bytes(item.id), limits.field_name_bytes)
        for attribute in item.attributes:
            what = f"bytes of the attribute {shown(attribute.key)}"
            yield from _over(item.id, what, _bytes(attribute.value), limits.field_value_bytes)


def expressions(draft: Draft) -> Iterator[Finding]:
    """More text with expressions than is read."""
    total = sum(map(len, draft.expressions))
    yield from _over(PIPELINE, "characters of texts with expressions", total, draft.limits.expression_characters)


def engine(draft: Draft) -> Iterator[Finding]:
    """Retries, retry delays and active instances beyond what the engine is set to allow."""
    limits = draft.limits
    active = limits.ondemand_active_instances if draft.on_demand else limits.active_instances
    for place in draft.places:
        if place.key == "maximumRetries":
            yield from _at_most(draft, place, limits.retries)
        elif place.key == "maxActiveInstances":
            yield from _at_most(draft, place, active)
        elif place.key == "retryDelay":
            yield from _delay(draft, place)


def _at_most(draft: Draft, place: Place, most: int) -> Iterator[Finding]:
    value = _typed(draft, place)
    if isinstance(value, int) and value > most:
        sentence = f"'{place.key}' expects at most {most}, '{value}' was given."
        yield Finding(place.given.by, Code.LIMIT_EXCEEDED, sentence, note=place.inherited)


def _delay(draft: Draft, place: Place) -> Iterator[Finding]:
    value = _typed(draft, place)
    if isinstance(value, Period) and value.shortest() < draft.limits.minimum_retry_delay:
        least = int(draft.limits.minimum_retry_delay.total_seconds()) // 60
        sentence = f"'retryDelay' expects at least {least} minutes, '{value}' was given."
        yield Finding(place.given.by, Code.LIMIT_EXCEEDED, sentence, note=place.inherited)


def _typed(draft: Draft, place: Place) -> object:
    text = draft.text(place.item, place.key)
    if text is None or place.slot is None:
        return None
    try:
        return typed(place.slot, text)
    except ValueError:
        return None  # a finding of its own


def _over(subject: str, what: str, count: int, most: int) -> Iterator[Finding]:
    if count > most:
        yield Finding(subject, Code.LIMIT_EXCEEDED, f"At most {most} {what} are allowed, there are {count}.")


def _size(item: PipelineObject) -> int:
    own = _bytes(item.id) + _bytes(item.name)
    return own + sum(_bytes(field.key) + _bytes(_text(field)) for field in item.fields)


def _text(field: Field) -> str:
    return field.value.id if isinstance(field.value, Ref) else field.value


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
