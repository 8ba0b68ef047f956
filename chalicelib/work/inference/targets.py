"""What an activity asks: a model, in the port's words. Must not know how often it is asked."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.definition.catalog.inference import InferenceActivity
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.inference import Answer, Endpoint, Inference, ItemRefused
from chalicelib.ports.objects import Objects, Place
from chalicelib.work.inference.analyses import analysis_of
from chalicelib.work.inference.items import Item

_LONGEST_PAYLOAD = 6 * 1024 * 1024
"""Bytes that every endpoint takes. Source: SageMaker API reference, InvokeEndpoint, `Body`."""

_LONGEST_IMAGE = 5 * 1024 * 1024
"""Bytes that are sent. Source: Rekognition developer guide, "Guidelines and quotas"."""


@dataclass(frozen=True, slots=True)
class Target:
    """A model. `name` is what results call it until it has told its own; `read` gives the value of an answer."""

    name: str
    ask: Callable[[Item], Answer]
    read: Callable[[bytes], object]


def target_of(activity: InferenceActivity, inference: Inference, objects: Objects) -> Target:
    """What the activity asks. Raises Rejected when its fields do not make a model."""
    if activity.analysis is not None:
        return _rekognition(activity, inference)
    if activity.endpoint is None:
        raise Rejected("plan inference", f"{activity.name} names no model: endpoint or analysis expected")
    return _real_time(activity, activity.endpoint, inference, objects)


def _rekognition(activity: InferenceActivity, inference: Inference) -> Target:
    analysis = analysis_of(activity)

    def ask(item: Item) -> Answer:
        if isinstance(item.content, bytes) and len(item.content) > _LONGEST_IMAGE:
            raise ItemRefused("ask", f"ImageTooLarge: {len(item.content)} bytes, {_LONGEST_IMAGE} is the most")
        return inference.analyse(analysis, item.content)

    return Target(f"rekognition:{analysis.operation}", ask, _json)


def _real_time(activity: InferenceActivity, name: str, inference: Inference, objects: Objects) -> Target:
    endpoint = Endpoint(
        name=name,
        region=activity.region,
        content_type=activity.content_type,
        accept=activity.accept,
        model=activity.target_model,
        variant=activity.target_variant,
        component=activity.inference_component,
        attributes=activity.custom_attributes,
    )

    def ask(item: Item) -> Answer:
        return inference.invoke(endpoint, _payload(item, objects))

    return Target(endpoint.name, ask, _json if "json" in endpoint.accept else _text)


def _payload(item: Item, objects: Objects) -> bytes:
    content = item.content if isinstance(item.content, bytes) else content_of(item.content, objects)
    if len(content) > _LONGEST_PAYLOAD:
        raise ItemRefused(
            "ask", f"ItemTooLarge: {len(content)} bytes, {_LONGEST_PAYLOAD} is the most an endpoint takes"
        )
    return content


def content_of(place: Place, objects: Objects) -> bytes:
    """The whole of an object that is an item. Raises ItemRefused when it was removed, and what storage raises."""
    try:
        return objects.read(place)
    except Missing as error:
        raise ItemRefused("read item", f"ItemMissing: {place} is no longer there") from error


def _json(content: bytes) -> object:
    """Raises ItemRefused for what is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _garbage(content, "JSON") from error


def _text(content: bytes) -> object:
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise _garbage(content, "text in UTF-8") from error


def _garbage(content: bytes, expected: str) -> ItemRefused:
    return ItemRefused("read answer", f"BadAnswer: {content[:100]!r} was answered, {expected} was expected")
