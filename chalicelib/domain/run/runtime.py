"""Runtime fields of an instance as expression values: what `#{@…}` sees."""

from collections.abc import Mapping

from chalicelib.domain.expression.values import ExpressionValue
from chalicelib.domain.run.state import Instance
from chalicelib.domain.schedule.schedule import Interval
from chalicelib.domain.values import PipelineId


def interval_fields(pipeline: PipelineId, interval: Interval) -> dict[str, ExpressionValue]:
    """What is known of an instance from its interval alone."""
    return {
        "@pipelineId": pipeline,
        "@scheduledStartTime": interval.start,
        "@scheduledEndTime": interval.end,
    }


def instance_fields(pipeline: PipelineId, instance: Instance) -> Mapping[str, ExpressionValue]:
    """All of an instance's runtime fields that have a value.

    Source  developer guide, runtime fields of the object pages
    """
    fields = interval_fields(pipeline, Interval(instance.start, instance.end))
    fields |= {
        "@id": instance.id,
        "@sphere": "INSTANCE",
        "@status": instance.status.value,
        "@version": str(instance.version),
        "@actualStartTime": instance.created,
        "@attemptCount": str(len(instance.attempts)),
        "@triesLeft": str(instance.tries_left),
    }
    optional: dict[str, ExpressionValue | None] = {
        "@actualEndTime": instance.ended,
        "@finishedTime": instance.ended,
        "@resourceId": instance.resource_id,
        "@cascadeFailedOn": instance.cascade_failed_on or None,
        "cancellationReason": instance.cancellation_reason,
    }
    head = instance.head
    if head is not None:
        optional |= dict(head.fields)
        optional |= {
            "errorId": head.error_id,
            "errorMessage": head.error_message,
            "errorStackTrace": head.error_stack_trace,
            "@failureReason": head.error_message,
        }
    return {**fields, **{key: value for key, value in optional.items() if value is not None}}
