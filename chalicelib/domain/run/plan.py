"""What the engine needs to know of a definition: per component its timing, dependencies, placement and policies.

A plan is compiled once per activated definition version (see compile.py) and never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.state import Instance
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Interval, Schedule
from chalicelib.domain.values import ComponentId, InstanceId, UtcTime, render_time


class Style(Enum):
    """`scheduleType`: due at the interval's start, at its end, or once per activation."""

    CRON = "cron"
    TIMESERIES = "timeseries"
    ONDEMAND = "ondemand"


class Kind(Enum):
    """What the engine tells apart; the other categories of the catalogue never run."""

    ACTIVITY = "activity"
    DATANODE = "datanode"
    RESOURCE = "resource"
    PRECONDITION = "precondition"


@dataclass(frozen=True, slots=True)
class Component:
    """A runnable object of the definition.

    schedule_key    components with one key share interval numbers; empty when on-demand
    needs           components whose instances must end FINISHED first: inputs, dependsOn; for a data node its producers
    preconditions   what guards it, checked when the needs are met
    placement       where its attempts execute; None for data nodes and resources
    resource        with placement RESOURCE, the component whose machine runs it
    tries           attempts allowed in all
    cascade         failureAndRerunMode is cascade
    polled          of a resource: a cluster, which has to be asked how it is; its work is submitted from a function
    continues_from  of what ran elsewhere before: starts of intervals, ascending; see commands._continue
    """

    id: ComponentId
    kind: Kind
    style: Style = Style.ONDEMAND
    schedule: Schedule | None = None
    schedule_key: str = ""
    needs: tuple[ComponentId, ...] = ()
    preconditions: tuple[ComponentId, ...] = ()
    placement: Placement | None = None
    worker_group: str | None = None
    resource: ComponentId | None = None
    tries: int = 3
    max_active: int = 5
    cascade: bool = False
    retry_delay: timedelta = timedelta(0)
    attempt_timeout: Period | None = None
    progress_timeout: Period = field(default=Period(15, Unit.MINUTE))
    late_after: Period | None = None
    terminate_after: Period | None = None
    init_timeout: Period | None = None
    precondition_timeout: Period | None = None
    on_success: tuple[ComponentId, ...] = ()
    on_fail: tuple[ComponentId, ...] = ()
    on_late: tuple[ComponentId, ...] = ()
    terminates_when_late: bool = False
    retries_when_resource_fails: bool = True
    ends_when_task_fails: bool = False
    polled: bool = False
    continues_from: tuple[UtcTime, ...] = ()

    def due(self, interval: Interval) -> UtcTime:
        """When its instance for the interval is created. Resources ignore the schedule type."""
        if self.style is Style.TIMESERIES and self.kind is not Kind.RESOURCE:
            return interval.end
        return interval.start


@dataclass(frozen=True, slots=True)
class Batching:
    """How events become runs.

    trigger  the trigger object that Default refers to
    size     most events of a run
    window   longest wait for a full batch
    listed   whether a run's events are written down: there may be several, or an EventBatchDataNode reads them
    """

    trigger: str
    size: int = 1
    window: timedelta = timedelta(0)
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All components of one definition version, with the relations the engine walks.

    components  activities, data nodes and resources by id, in dependency order where there is one
    guards      preconditions by (precondition id, owner id): placement depends on the owner
    consumers   who needs it
    users       for a resource, the components whose attempts run on it
    shared      preconditions that guard more than one component
    concurrent  runs of an on-demand pipeline at a time
    batching    of an on-demand pipeline that events start; None when activation does
    """

    version: int
    components: Mapping[ComponentId, Component]
    guards: Mapping[tuple[ComponentId, ComponentId], Component]
    consumers: Mapping[ComponentId, tuple[ComponentId, ...]]
    users: Mapping[ComponentId, tuple[ComponentId, ...]]
    shared: frozenset[ComponentId]
    on_demand: bool
    concurrent: int = 1
    batching: Batching | None = None

    def interval(self, component: Component, index: int) -> Interval | None:
        """The interval of that number; None when the schedule has none. Not for on-demand components."""
        return component.schedule.find(index) if component.schedule is not None else None

    def component_of(self, instance: Instance) -> Component:
        """The component of an instance; a precondition's depends on whom it guards."""
        if instance.owner is None:
            return self.components[instance.component]
        return self.guards[instance.component, owner_component(instance.owner)]


def owner_component(owner: InstanceId) -> ComponentId:
    """The component part of an instance id of an activity, data node or resource."""
    return ComponentId(owner[1 : owner.rindex("_")])


def instance_id(component: ComponentId, start: UtcTime) -> InstanceId:
    """`@<component>_<scheduled start>`, the service's form; runs that events start may need milliseconds."""
    return InstanceId(f"@{component}_{moment_text(start)}")


def moment_text(start: UtcTime) -> str:
    """A scheduled start as instance ids end: to the second, with milliseconds where it has any."""
    return render_time(start) + (f".{start.microsecond // 1000:03d}" if start.microsecond else "")


def moment_of(instance: InstanceId) -> str:
    """What an instance id has after its component."""
    return instance[instance.rindex("_") + 1 :]


def sibling_id(component: ComponentId, instance: InstanceId) -> InstanceId:
    """The id of another component's instance for the same interval."""
    return InstanceId(f"@{component}_{moment_of(instance)}")


def guard_id(precondition: ComponentId, owner: ComponentId, instance: InstanceId, shared: bool) -> InstanceId:
    """The id of a precondition's instance; the owner is named only where one precondition guards several."""
    return InstanceId(f"@{precondition}{'@' + owner if shared else ''}_{moment_of(instance)}")
