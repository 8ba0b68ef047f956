"""From a definition's trigger to what it listens to."""

from datetime import timedelta

from chalicelib.domain.definition.catalog.component import Component
from chalicelib.domain.definition.catalog.triggers import HttpTrigger, IotRuleTrigger, S3EventTrigger, VideoTrigger
from chalicelib.domain.definition.inherit import DEFAULT, effective
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.definition.parameters import parameter_values
from chalicelib.domain.errors import ExpressionError, InvalidRequest
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.trigger.arrival import (
    SWEEPS,
    face_source,
    http_source,
    iot_source,
    s3_source,
    sweep_source,
    video_source,
)
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId


def trigger_of(definition: Definition) -> PipelineObject | None:
    """The trigger that Default refers to, its expressions evaluated; None for a pipeline that has none.

    Raises   InvalidRequest when it needs more than the definition
    """
    objects = effective(definition)
    named = objects[DEFAULT].refs("trigger") if DEFAULT in objects else ()
    if not named or named[0] not in objects:
        return None
    try:
        return Scene(objects, parameter_values(definition), {}).evaluated(named[0])
    except ExpressionError as error:
        raise InvalidRequest(f"{named[0]}: a trigger must not depend on run-time fields: {error}") from error


def subscriptions_of(pipeline: PipelineId, definition: Definition) -> tuple[Subscription, ...]:
    """What the pipeline is to listen to while it is active; nothing for one that has no trigger."""
    item = trigger_of(definition)
    if item is None:
        return ()
    listened: dict[str, type[Component]] = {
        "S3EventTrigger": S3EventTrigger,
        "IotRuleTrigger": IotRuleTrigger,
        "VideoTrigger": VideoTrigger,
        "HttpTrigger": HttpTrigger,
    }
    trigger = listened[item.type or ""].read(item)
    if isinstance(trigger, VideoTrigger) and trigger.fragments == "all":
        return _swept(pipeline, item.id, trigger)
    return (_subscription(pipeline, item.id, trigger),)


def _swept(pipeline: PipelineId, name: str, trigger: VideoTrigger) -> tuple[Subscription, ...]:
    """One for what a sweep finds, and one by which the sweep is found."""
    every = trigger.sweep_period.longest() if trigger.sweep_period else timedelta(0)
    return (
        Subscription(pipeline, name, sweep_source(pipeline, name)),
        Subscription(pipeline, name, SWEEPS, stream=trigger.stream_name, every=every),
    )


def _subscription(pipeline: PipelineId, name: str, trigger: Component) -> Subscription:
    match trigger:
        case S3EventTrigger():
            return Subscription(
                pipeline,
                name,
                s3_source(trigger.bucket),
                prefix=trigger.prefix or "",
                suffix=trigger.suffix or "",
                least_bytes=trigger.minimum_size or 0,
                most_bytes=trigger.maximum_size,
                newest_only=trigger.ordering == "newest",
            )
        case VideoTrigger():
            heard = face_source if trigger.fragments == "matched" else video_source
            return Subscription(pipeline, name, heard(trigger.stream_name))
        case IotRuleTrigger():
            return Subscription(pipeline, name, iot_source(pipeline, name))
        case HttpTrigger():
            return Subscription(pipeline, name, http_source(pipeline), keys=trigger.key_id)
        case _:
            raise InvalidRequest(f"{name}: no trigger that anything listens for")
