"""What an activity asks: a model, in the port's words. Must not know how often it is asked."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.completion import Elsewhere, job_key
from chalicelib.domain.definition.catalog.inference import InferenceActivity
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.inference import Answer, Endpoint, Inference, ItemRefused, Promised
from chalicelib.ports.objects import Objects, Place, parse_place
from chalicelib.work.inference.analyses import analysis_of
from chalicelib.work.inference.items import Item

_LONGEST_PAYLOAD = 6 * 1024 * 1024
"""Bytes that every endpoint takes. Source: SageMaker API reference, InvokeEndpoint, `Body`."""

_LONGEST_INLINE = 128_000
"""Bytes of an asynchronous call itself. Source: SageMaker API reference, InvokeEndpointAsync, `Body`."""

_ASYNC_PATIENCE = timedelta(hours=7)
"""An endpoint drops a call that waited for six hours, and ends one that takes an hour.
Source: SageMaker API reference, InvokeEndpointAsync, `RequestTTLSeconds`, `InvocationTimeoutSeconds`."""

_LONGEST_IMAGE = 5 * 1024 * 1024
"""Bytes that are sent. Source: Rekognition developer guide, "Guidelines and quotas"."""


@dataclass(frozen=True, slots=True)
class Later:
    """How a model answers that is asked now and answers elsewhere. A promise is what `ask` answered, JSON.

    look      the answer; None when it is not there yet. Raises ItemRefused when there will be none
    job       key of the job whose end is told (domain/completion)
    patience  after which nobody answers any more
    parallel  most items that one function asks or looks for side by side
    """

    look: Callable[[bytes], Answer | None]
    job: Callable[[bytes], str]
    patience: timedelta
    parallel: int = 8


@dataclass(frozen=True, slots=True)
class Target:
    """A model. `name` is what results call it until it has told its own; `read` gives the value of an answer."""

    name: str
    ask: Callable[[Item], Answer]
    read: Callable[[bytes], object]
    later: Later | None = None


def target_of(activity: InferenceActivity, inference: Inference, objects: Objects, owner: str) -> Target:
    """What the activity asks.

    owner    tells one run of it from all others
    Raises   Rejected when its fields do not make a model
    """
    if activity.analysis is not None:
        return _rekognition(activity, inference)
    if activity.async_endpoint is not None:
        return _asynchronous(_endpoint(activity, activity.async_endpoint), inference, objects, owner)
    if activity.transform_model is not None:
        return Target(activity.transform_model, _nobody, json_value if "json" in activity.accept else _text)
    if activity.endpoint is None:
        raise Rejected("plan inference", f"{activity.name} has no endpoint, analysis or videoAnalysis")
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

    return Target(f"rekognition:{analysis.operation}", ask, json_value)


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


def _asynchronous(endpoint: Endpoint, inference: Inference, objects: Objects, owner: str) -> Target:
    def ask(item: Item) -> Answer:
        if isinstance(item.content, bytes) and len(item.content) > _LONGEST_INLINE:
            raise ItemRefused("ask", f"ItemTooLarge: {len(item.content)} bytes, {_LONGEST_INLINE} can be sent")
        name = hashlib.sha256(f"{owner}/{item.id}".encode()).hexdigest()[:40]
        promised = inference.submit(endpoint, item.content, name)
        failure = str(promised.failure) if promised.failure is not None else None
        return Answer(json.dumps([name, str(promised.answer), failure]).encode(), endpoint.name)

    def look(promise: bytes) -> Answer | None:
        found = _found(_promised(promise), objects)
        return Answer(found, endpoint.name) if found is not None else None

    def job(promise: bytes) -> str:
        return job_key(Elsewhere.ASYNC_INFERENCE, json.loads(promise)[0])

    return Target(endpoint.name, ask, _reader(endpoint), Later(look, job, _ASYNC_PATIENCE))


def _promised(promise: bytes) -> Promised:
    _, answer, failure = json.loads(promise)
    return Promised(parse_place(answer), parse_place(failure) if failure is not None else None)


def _found(promised: Promised, objects: Objects) -> bytes | None:
    """The answer when it is there. Raises ItemRefused with the reason when there will be none."""
    found = _content(promised.answer, objects)
    if found is None and promised.failure is not None:
        reason = _content(promised.failure, objects)
        if reason is not None:
            raise ItemRefused("ask", f"ModelError: {reason.decode(errors='replace')[:500]}")
    return found


def _content(place: Place, objects: Objects) -> bytes | None:
    try:
        return objects.read(place)
    except Missing:
        return None


def _reader(endpoint: Endpoint) -> Callable[[bytes], object]:
    return json_value if "json" in endpoint.accept else _text


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


def json_value(content: bytes) -> object:
    """An answer in JSON. Raises ItemRefused for what is no JSON."""
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
