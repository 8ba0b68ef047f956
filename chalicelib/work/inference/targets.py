"""What an activity asks: a model, in the port's words. Must not know how often it is asked."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.definition.catalog.inference import InferenceActivity
from chalicelib.ports.errors import Missing, Rejected, Unavailable
from chalicelib.ports.inference import Answer, Endpoint, Inference, ItemRefused, Promised
from chalicelib.ports.objects import Objects, Place
from chalicelib.work.inference.analyses import analysis_of
from chalicelib.work.inference.items import Item

_LONGEST_PAYLOAD = 6 * 1024 * 1024
"""Bytes that every endpoint takes. Source: SageMaker API reference, InvokeEndpoint, `Body`."""

_LONGEST_INLINE = 128_000
"""Bytes of an asynchronous call itself. Source: SageMaker API reference, InvokeEndpointAsync, `Body`."""

_FIRST_LOOK, _LONGEST_LOOK = 0.2, 10.0
"""Seconds between two looks for an asynchronous answer."""

_LONGEST_IMAGE = 5 * 1024 * 1024
"""Bytes that are sent. Source: Rekognition developer guide, "Guidelines and quotas"."""


@dataclass(frozen=True, slots=True)
class Target:
    """A model. `name` is what results call it until it has told its own; `read` gives the value of an answer."""

    name: str
    ask: Callable[[Item], Answer]
    read: Callable[[bytes], object]


def target_of(
    activity: InferenceActivity, inference: Inference, objects: Objects, goes_on: Callable[[float], bool]
) -> Target:
    """What the activity asks.

    goes_on  pauses, given seconds; whether there is time to wait any longer
    Raises   Rejected when its fields do not make a model
    """
    if activity.analysis is not None:
        return _rekognition(activity, inference)
    if activity.async_endpoint is not None:
        return _asynchronous(activity, _endpoint(activity, activity.async_endpoint), inference, objects, goes_on)
    if activity.transform_model is not None:
        return Target(activity.transform_model, _nobody, _json if "json" in activity.accept else _text)
    if activity.endpoint is None:
        raise Rejected("plan inference", f"{activity.name} names no model: endpoint or analysis expected")
    return _real_time(_endpoint(activity, activity.endpoint), inference, objects)


def _nobody(item: Item) -> Answer:
    """A batch transform asks by itself."""
    raise Rejected("ask", f"{item.id} is asked about by a batch transform")


def _rekognition(activity: InferenceActivity, inference: Inference) -> Target:
    analysis = analysis_of(activity)

    def ask(item: Item) -> Answer:
        if isinstance(item.content, bytes) and len(item.content) > _LONGEST_IMAGE:
            raise ItemRefused("ask", f"ImageTooLarge: {len(item.content)} bytes, {_LONGEST_IMAGE} is the most")
        return inference.analyse(analysis, item.content)

    return Target(f"rekognition:{analysis.operation}", ask, _json)


def _endpoint(activity: InferenceActivity, name: str) -> Endpoint:
    return Endpoint(
        name=name,
        region=activity.region,
        content_type=activity.content_type,
        accept=activity.accept,
        model=activity.target_model,
        variant=activity.target_variant,
        component=activity.inference_component,
        attributes=activity.custom_attributes,
    )


def _real_time(endpoint: Endpoint, inference: Inference, objects: Objects) -> Target:
    def ask(item: Item) -> Answer:
        return inference.invoke(endpoint, _payload(item, objects))

    return Target(endpoint.name, ask, _reader(endpoint))


def _asynchronous(
    activity: InferenceActivity,
    endpoint: Endpoint,
    inference: Inference,
    objects: Objects,
    goes_on: Callable[[float], bool],
) -> Target:
    def ask(item: Item) -> Answer:
        if isinstance(item.content, bytes) and len(item.content) > _LONGEST_INLINE:
            raise ItemRefused("ask", f"ItemTooLarge: {len(item.content)} bytes, {_LONGEST_INLINE} can be sent")
        name = hashlib.sha256(f"{activity.id}/{item.id}".encode()).hexdigest()[:40]
        promised = inference.submit(endpoint, item.content, name)
        return Answer(_awaited(promised, objects, goes_on), endpoint.name)

    return Target(endpoint.name, ask, _reader(endpoint))


def _awaited(promised: Promised, objects: Objects, goes_on: Callable[[float], bool]) -> bytes:
    """The answer once it is there. Raises ItemRefused with the reason when there will be none."""
    pause = _FIRST_LOOK
    while goes_on(pause):
        found = _found(promised.answer, objects)
        if found is not None:
            return found
        reason = _found(promised.failure, objects) if promised.failure is not None else None
        if reason is not None:
            raise ItemRefused("ask", f"ModelError: {reason.decode(errors='replace')[:500]}")
        pause = min(pause * 1.5, _LONGEST_LOOK)
    raise Unavailable("ask", f"there was no time left to wait for {promised.answer}")


def _found(place: Place, objects: Objects) -> bytes | None:
    try:
        return objects.read(place)
    except Missing:
        return None


def _reader(endpoint: Endpoint) -> Callable[[bytes], object]:
    return _json if "json" in endpoint.accept else _text


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
