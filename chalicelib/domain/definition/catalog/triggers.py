"""Triggers: events that start runs of an on-demand pipeline. All of them are extensions of Penstock.

`trigger` on Default refers to one; expressions of any object reach its runtime fields as `#{trigger.@key}`.
"""

from typing import Annotated, Literal

from chalicelib.domain.definition.catalog.component import Component
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.schedule.period import Period

_RUNTIME = Group.RUNTIME


@catalogued
class Trigger(Component):
    """What every trigger has."""

    batch_size: Annotated[int, Facts("Most events of one run.", least=1, most=10_000)] = 1
    batch_window: Annotated[
        Period | None, Facts("Longest wait for a full batch, at most 15 minutes. Without it nothing waits.")
    ] = None
    count: Annotated[int | None, Facts("How many events the run has.", wire="@count", group=_RUNTIME)] = None
    batch: Annotated[str | None, Facts("Where the run's events are, as JSON Lines.", wire="@batch", group=_RUNTIME)] = (
        None
    )


@catalogued
class S3EventTrigger(Trigger):
    """Starts a run for each object that is created in a bucket."""

    bucket: Annotated[str, Facts("Name of the bucket. It has to tell EventBridge or the arrivals queue.")]
    prefix: Annotated[str | None, Facts("What keys have to begin with.")] = None
    suffix: Annotated[str | None, Facts("What keys have to end with.")] = None
    minimum_size: Annotated[int | None, Facts("Smallest object, in bytes.", least=0)] = None
    maximum_size: Annotated[int | None, Facts("Largest object, in bytes.", least=0)] = None
    ordering: Annotated[
        Literal["any", "newest"],
        Facts("With `newest`, an object that is older than one of its key heard of before starts nothing."),
    ] = "any"
    event_bucket: Annotated[str | None, Facts("Bucket of the object.", wire="@bucket", group=_RUNTIME)] = None
    key: Annotated[str | None, Facts("Key of the object.", wire="@key", group=_RUNTIME)] = None
    size: Annotated[int | None, Facts("Size of the object, in bytes.", wire="@size", group=_RUNTIME)] = None
    etag: Annotated[str | None, Facts("Entity tag of the object.", wire="@etag", group=_RUNTIME)] = None
    version_id: Annotated[str | None, Facts("Version of the object.", wire="@versionId", group=_RUNTIME)] = None
    image_stream: Annotated[
        str | None,
        Facts("Video stream of an image that Kinesis Video made.", wire="@imageStream", group=_RUNTIME),
    ] = None
    image_timestamp: Annotated[
        str | None, Facts("When such an image was shown.", wire="@imageTimestamp", group=_RUNTIME)
    ] = None
    sequencer: Annotated[str | None, Facts("Place among the events of the key.", wire="@sequencer", group=_RUNTIME)] = (
        None
    )


@catalogued
class IotRuleTrigger(Trigger):
    """Starts a run for each MQTT message that an AWS IoT rule lets through."""

    sql: Annotated[str, Facts("Query of the rule, as in \"SELECT * FROM 'plant/+/temperature' WHERE value > 80\".")]
    sql_version: Annotated[Literal["2016-03-23", "2015-10-08", "beta"], Facts("Version of the query's language.")] = (
        "2016-03-23"
    )
    message_id: Annotated[
        str | None,
        Facts(
            "Expression of the query's language that tells a message from all others, as in `concat(device, seq)`. "
            "Messages with the same value are one event, however often a device publishes them."
        ),
    ] = None
    topic: Annotated[str | None, Facts("Topic of the message.", wire="@topic", group=_RUNTIME)] = None
    payload: Annotated[str | None, Facts("What the query selected.", wire="@payload", group=_RUNTIME)] = None
    client_id: Annotated[str | None, Facts("Client that published.", wire="@clientId", group=_RUNTIME)] = None
    timestamp: Annotated[
        int | None, Facts("When it was published, in milliseconds since 1970.", wire="@timestamp", group=_RUNTIME)
    ] = None


@catalogued
class VideoTrigger(Trigger):
    """Starts a run for fragments of a Kinesis video stream."""

    stream_name: Annotated[str, Facts("Name of the stream.")]
    fragments: Annotated[
        Literal["tagged", "all", "matched"],
        Facts(
            "`tagged` takes fragments that the stream notifies of, `all` sweeps every fragment since the last, "
            "`matched` takes frames in which a stream processor of Rekognition found known faces."
        ),
    ] = "tagged"
    sweep_period: Annotated[
        Period | None, Facts("Time between two sweeps, with `fragments` `all`; a minute without one.")
    ] = None
    stream_arn: Annotated[str | None, Facts("ARN of the stream.", wire="@streamArn", group=_RUNTIME)] = None
    fragment_number: Annotated[str | None, Facts("Number of the fragment.", wire="@fragmentNumber", group=_RUNTIME)] = (
        None
    )
    producer_timestamp: Annotated[
        str | None, Facts("When it was recorded, as the producer says.", wire="@producerTimestamp", group=_RUNTIME)
    ] = None
    server_timestamp: Annotated[
        str | None, Facts("When the stream received it.", wire="@serverTimestamp", group=_RUNTIME)
    ] = None
    frame_offset: Annotated[
        str | None,
        Facts("Seconds from the fragment's begin to the frame, of `matched`.", wire="@frameOffset", group=_RUNTIME),
    ] = None
    payload: Annotated[
        str | None,
        Facts("The fragment's own tags; of `matched`, the faces that were found.", wire="@payload", group=_RUNTIME),
    ] = None


@catalogued
class HttpTrigger(Trigger):
    """Starts a run for each call of `POST /v1/ingest/{pipeline}`."""

    key_id: Annotated[
        tuple[str, ...],
        Facts(
            "Ids (not values) of the API keys that may call. Without it every key of the stage may, unless the "
            "pipeline bears a group or is another account's: such a pipeline nobody calls before it names a key."
        ),
    ] = ()
    payload: Annotated[str | None, Facts("Body of the call.", wire="@payload", group=_RUNTIME)] = None
    headers: Annotated[str | None, Facts("Headers of the call.", wire="@headers", group=_RUNTIME)] = None
    request_id: Annotated[
        str | None, Facts("Idempotency key of the call, or its own id.", wire="@requestId", group=_RUNTIME)
    ] = None
