"""Extension: activities that ask models.

Source: SageMaker API reference, InvokeEndpoint; Rekognition API reference.
"""

from typing import Annotated, Literal

from chalicelib.domain.definition.catalog.activities import Activity
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.values import Ref

_IN = ("S3DataNode", "EventBatchDataNode", "VideoDataNode", "KinesisDataNode")
_OUT = ("S3DataNode", "DynamoDBDataNode", "KinesisDataNode", "SnsTopicDataNode", "IotTopicDataNode")

_MODELS = ("endpoint", "asyncEndpoint", "transformModel", "analysis", "videoAnalysis")


def _others(model: str) -> tuple[str, ...]:
    return tuple(name for name in _MODELS if name != model)


@catalogued
class InferenceActivity(Activity):
    """Penstock's own: asks a model about every item of its input, and writes one result for each."""

    placement: Annotated[
        Literal["serverless", "resource"],
        Facts(
            "Inference needs no resource; `resource` insists on the one in `runsOn`.",
            one_of="runner",
            group=Group.OPTIONAL,
        ),
    ] = "serverless"
    input: Annotated[tuple[Ref, ...], Facts("Where the items are.", to=_IN)] = ()
    output: Annotated[tuple[Ref, ...], Facts("Where results go; all of them to each.", to=_OUT)] = ()
    endpoint: Annotated[
        str | None, Facts("Name of a SageMaker endpoint.", one_of="model", excludes=_others("endpoint"))
    ] = None
    async_endpoint: Annotated[
        str | None,
        Facts(
            "Name of an asynchronous SageMaker endpoint, which is given objects where they lie.",
            one_of="model",
            excludes=_others("asyncEndpoint"),
        ),
    ] = None
    transform_model: Annotated[
        str | None,
        Facts(
            "Name of a SageMaker model, to be asked by a batch transform.",
            one_of="model",
            excludes=_others("transformModel"),
        ),
    ] = None
    instance_type: Annotated[str, Facts("Type of the instances of a batch transform.")] = "ml.m5.large"
    instance_count: Annotated[int, Facts("Number of instances of a batch transform.", least=1, most=100)] = 1
    analysis: Annotated[
        Literal[
            "labels",
            "faces",
            "text",
            "moderation",
            "customLabels",
            "protectiveEquipment",
            "celebrities",
            "faceSearch",
        ]
        | None,
        Facts(
            "What Rekognition is to look for in images.", one_of="model", excludes=_others("analysis"), any_case=True
        ),
    ] = None
    video_analysis: Annotated[
        Literal["labels", "faces", "text", "moderation", "celebrities", "faceSearch", "segments"] | None,
        Facts(
            "What Rekognition is to look for in stored videos, each of which is an object of the input.",
            one_of="model",
            excludes=_others("videoAnalysis"),
            any_case=True,
        ),
    ] = None
    notification_topic: Annotated[
        str | None,
        Facts(
            "ARN of the SNS topic where Rekognition tells of the end of a `videoAnalysis`: `CompletionsTopicArn`.",
            requires=("videoAnalysis", "notificationRole"),
        ),
    ] = None
    notification_role: Annotated[
        str | None,
        Facts(
            "ARN of the role under which Rekognition tells.",
            requires=("videoAnalysis", "notificationTopic"),
        ),
    ] = None
    project_version: Annotated[
        str | None, Facts("ARN of the model for `customLabels` or `moderation`.", requires=("analysis",))
    ] = None
    collection: Annotated[str | None, Facts("Collection for `faceSearch`, in images or videos.")] = None
    maximum_labels: Annotated[
        int | None, Facts("Most labels, or faces of a search, that an image is given.", least=1, requires=("analysis",))
    ] = None
    face_attributes: Annotated[
        Literal["DEFAULT", "ALL"] | None, Facts("Which attributes `faces` tells, of images or videos.")
    ] = None
    labels: Annotated[tuple[str, ...], Facts("Labels that make an item a match; any will do when none is given.")] = ()
    min_confidence: Annotated[
        float | None,
        Facts("Least confidence of a match, in the model's own unit: 0 to 100 for Rekognition.", least=0),
    ] = None
    on_match: Annotated[
        tuple[Ref, ...], Facts("Alarms to raise, once for each label of each item that matches.", to=("SnsAlarm",))
    ] = ()
    region: Annotated[str | None, Facts("Region of the model.", listed=())] = None
    content_type: Annotated[str, Facts("Media type of what the endpoint is sent.")] = "application/json"
    accept: Annotated[str, Facts("Media type that the endpoint is to answer in.")] = "application/json"
    target_model: Annotated[
        str | None, Facts("Model of an endpoint that has several, as in `a/b.tar.gz`.", requires=("endpoint",))
    ] = None
    target_variant: Annotated[str | None, Facts("Production variant that is to answer.", requires=("endpoint",))] = None
    inference_component: Annotated[
        str | None, Facts("Inference component that is to answer.", requires=("endpoint",))
    ] = None
    custom_attributes: Annotated[
        str | None, Facts("Text that the container is handed as it is.", longest=1024, requires=("endpoint",))
    ] = None
    items: Annotated[
        Literal["objects", "lines"] | None,
        Facts("Whether an item is a whole object or one of its records; records when there is a `dataFormat`."),
    ] = None
    include_input: Annotated[bool, Facts("Whether results have the record that they are about in them.")] = False
    max_concurrency: Annotated[
        int, Facts("Most items that the model is asked about at the same time.", least=1, most=1000)
    ] = 64
    items_per_second: Annotated[
        float | None, Facts("Most items that the model is asked about in a second.", above=0)
    ] = None
    item_retries: Annotated[
        int, Facts("Tries after the first before an item that the model fails on is set aside.", least=0, most=10)
    ] = 2
    maximum_failed_items: Annotated[
        int | None, Facts("Most items that may be set aside; more of them fail the activity.", least=0)
    ] = None
