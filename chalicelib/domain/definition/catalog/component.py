"""The slots that object types share, and the typed reading of any object.

One line of inheritance, because slotted classes allow no other: component, runnable, scheduled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from functools import cache
from typing import Annotated, Literal, Self

from chalicelib.domain.definition.catalog.reading import EXPECTED, typed
from chalicelib.domain.definition.catalog.slot import Category, Facts, Group, Kind, Slot, catalogued, slots_of
from chalicelib.domain.definition.model import PipelineObject, Value
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import Ref, UtcTime

ACTIONS = ("@action",)
RESOURCES = ("Ec2Resource", "EmrCluster")
RUNNABLE = ("@activity", "@datanode", *RESOURCES)
RUNNING = ("@activity", "@datanode", "@precondition", *RESOURCES)
_RUNTIME = Group.RUNTIME


def _slots(owner: type) -> Mapping[str, Slot]:
    """A catalogue class's slots by the service's field names."""
    return {slot.name: slot for slot in slots_of(owner)}


slots: Callable[[type], Mapping[str, Slot]] = cache(_slots)


@catalogued
class Component:
    """Any object of a definition."""

    id: str
    name: str
    parent: Annotated[Ref | None, Facts("Object whose fields this one takes over; its own win.", to=("*",))] = None
    version: Annotated[str | None, Facts("Version of the definition.", wire="@version", group=_RUNTIME)] = None
    error: Annotated[str | None, Facts("What is wrong with the object.", wire="@error", group=Group.SYSTEM)] = None
    pipeline_id: Annotated[str | None, Facts("Pipeline it belongs to.", wire="@pipelineId", group=Group.SYSTEM)] = None
    sphere: Annotated[str | None, Facts("COMPONENT, INSTANCE or ATTEMPT.", wire="@sphere", group=Group.SYSTEM)] = None

    def __init__(self, **values: object) -> None:
        """Set every field to what is given, else its default. Raises TypeError for a field that has neither."""
        for member in fields(self):
            value = values.get(member.name, member.default)
            if value is MISSING:
                raise TypeError(f"{type(self).__name__} needs {member.name}")
            object.__setattr__(self, member.name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"{type(self).__name__} cannot change")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"{type(self).__name__} cannot change")

    @classmethod
    def read(cls, item: PipelineObject) -> Self:
        """The object with typed fields; fields the type does not know are left out.

        item    effective and evaluated: inherited fields applied, no expression left
        Raises  InvalidRequest naming object and field when one is missing or is not of its kind
        """
        written: dict[str, list[Value]] = {}
        for each in item.fields:
            written.setdefault(each.key, []).append(each.value)
        known = slots(cls)
        given = {
            known[key].attribute: _value(item.id, known[key], found) for key, found in written.items() if key in known
        }
        for slot in known.values():
            if slot.group is Group.REQUIRED and slot.attribute not in given:
                raise InvalidRequest(f"{item.id}: '{slot.name}' is required")
        return cls(id=item.id, name=item.name, **given)


def _value(owner: str, slot: Slot, found: Sequence[Value]) -> object:
    if slot.multiple:
        return tuple(_one(owner, slot, each) for each in found)
    if len(found) > 1:
        raise InvalidRequest(f"{owner}: '{slot.name}' takes one value, {len(found)} were given")
    value = _one(owner, slot, found[0])
    return (value,) if slot.facts.most_values == 1 else value


def _one(owner: str, slot: Slot, value: Value) -> object:
    if isinstance(value, Ref):
        if slot.kind is Kind.REFERENCE:
            return value
        raise InvalidRequest(f"{owner}: '{slot.name}' expects {EXPECTED.get(slot.kind, 'a text')}, not a reference")
    try:
        return typed(slot, value)
    except ValueError as unread:
        raise InvalidRequest(f"{owner}: '{slot.name}' expects {unread}; {value[:80]!r} was given") from unread


Mode = Literal["none", "cascade"]
ScheduleType = Literal["cron", "timeseries", "ondemand"]


@catalogued
class Runnable(Component):
    """An object that has instances and attempts."""

    attempt_status: Annotated[str | None, Facts("Status a remote activity last reported of itself.")] = None
    attempt_timeout: Annotated[
        Period | None, Facts("Longest time for one attempt; a longer one fails and may be retried.")
    ] = None
    failure_and_rerun_mode: Annotated[
        Mode, Facts("Whether a failure, and a rerun, spreads to the objects that depend on this one.", any_case=True)
    ] = "none"
    late_after_timeout: Annotated[
        Period | None, Facts("Time after the scheduled start by which it must have started. Not for on-demand runs.")
    ] = None
    maximum_retries: Annotated[int | None, Facts("Attempts after the first; 0 gives a single attempt.", least=0)] = None
    on_fail: Annotated[tuple[Ref, ...], Facts("Actions when the last attempt has failed.", to=ACTIONS)] = ()
    on_late_action: Annotated[tuple[Ref, ...], Facts("Actions when `lateAfterTimeout` has passed.", to=ACTIONS)] = ()
    on_success: Annotated[tuple[Ref, ...], Facts("Actions when it has succeeded.", to=ACTIONS)] = ()
    report_progress_timeout: Annotated[
        Period | None, Facts("Longest silence of the runner; after it the attempt counts as stalled.")
    ] = None
    retry_delay: Annotated[Period | None, Facts("Pause between two attempts.")] = None
    active_instances: Annotated[
        tuple[Ref, ...], Facts("Instances that are not finished.", wire="@activeInstances", group=_RUNTIME, to=RUNNING)
    ] = ()
    actual_start_time: Annotated[
        UtcTime | None, Facts("When the instance began to wait or work.", wire="@actualStartTime", group=_RUNTIME)
    ] = None
    actual_end_time: Annotated[
        UtcTime | None, Facts("When the instance ended.", wire="@actualEndTime", group=_RUNTIME)
    ] = None
    cancellation_reason: Annotated[str | None, Facts("Why it was cancelled.", group=_RUNTIME)] = None
    cascade_failed_on: Annotated[
        tuple[Ref, ...],
        Facts("Objects whose failure reached this one.", wire="@cascadeFailedOn", group=_RUNTIME, to=RUNNING),
    ] = ()
    emr_step_log: Annotated[str | None, Facts("Logs of the EMR steps.", group=_RUNTIME)] = None
    error_id: Annotated[str | None, Facts("Code of the failure.", group=_RUNTIME)] = None
    error_message: Annotated[str | None, Facts("Sentence of the failure.", group=_RUNTIME)] = None
    error_stack_trace: Annotated[str | None, Facts("Stack trace of the failure.", group=_RUNTIME)] = None
    hadoop_job_log: Annotated[str | None, Facts("Logs of the Hadoop jobs.", group=_RUNTIME)] = None
    hostname: Annotated[str | None, Facts("Machine that took the attempt.", group=_RUNTIME)] = None
    report_progress_time: Annotated[UtcTime | None, Facts("When progress was last reported.", group=_RUNTIME)] = None
    scheduled_start_time: Annotated[
        UtcTime | None, Facts("Start of the interval.", wire="@scheduledStartTime", group=_RUNTIME)
    ] = None
    scheduled_end_time: Annotated[
        UtcTime | None, Facts("End of the interval.", wire="@scheduledEndTime", group=_RUNTIME)
    ] = None
    status: Annotated[str | None, Facts("Status of the object.", wire="@status", group=_RUNTIME)] = None
    waiting_on: Annotated[
        tuple[Ref, ...], Facts("Objects the instance waits for.", wire="@waitingOn", group=_RUNTIME, to=RUNNING)
    ] = ()


@catalogued
class Scheduled(Runnable):
    """A runnable object that runs once for each interval of a schedule."""

    schedule: Annotated[Ref | None, Facts("Schedule it runs on.", group=Group.INVOCATION, to=("Schedule",))] = None
    schedule_type: Annotated[
        ScheduleType | None,
        Facts("Run at the start of an interval (cron), at its end (timeseries), or on activation.", any_case=True),
    ] = None
    max_active_instances: Annotated[int | None, Facts("Most instances active at the same time.", least=1)] = None
    continue_from: Annotated[
        tuple[UtcTime, ...],
        Facts(
            "Ours. For what ran elsewhere before: on first activation, intervals that begin before the last of these "
            "times are SKIPPED, except those that begin at one of the others."
        ),
    ] = ()
    pipeline_log_uri: Annotated[str | None, Facts("S3 folder for logs, as in 's3://bucket/logs'.")] = None
    finished_time: Annotated[
        UtcTime | None, Facts("When the object finished.", wire="@finishedTime", group=_RUNTIME)
    ] = None
    health_status: Annotated[
        str | None, Facts("HEALTHY or ERROR, after its latest ended instance.", wire="@healthStatus", group=_RUNTIME)
    ] = None
    health_status_from_instance_id: Annotated[
        str | None, Facts("The instance the health comes from.", wire="@healthStatusFromInstanceId", group=_RUNTIME)
    ] = None
    health_status_updated_time: Annotated[
        UtcTime | None, Facts("When the health last changed.", wire="@healthStatusUpdatedTime", group=_RUNTIME)
    ] = None
    last_deactivated_time: Annotated[
        UtcTime | None, Facts("When it was last deactivated.", wire="@lastDeactivatedTime", group=_RUNTIME)
    ] = None
    latest_completed_run_time: Annotated[
        UtcTime | None, Facts("Latest run that completed.", wire="@latestCompletedRunTime", group=_RUNTIME)
    ] = None
    latest_run_time: Annotated[UtcTime | None, Facts("Latest run.", wire="@latestRunTime", group=_RUNTIME)] = None
    next_run_time: Annotated[UtcTime | None, Facts("Next run to come.", wire="@nextRunTime", group=_RUNTIME)] = None


@dataclass(frozen=True, slots=True, eq=False)
class ObjectType:
    """One entry of the catalogue; there is one of each, so equality is identity."""

    name: str
    category: Category
    typed: type[Component]
    slots: Mapping[str, Slot]
    says: str
    deprecated: str | None = None
    """What to use instead, when the type is deprecated."""
