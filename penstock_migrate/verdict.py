"""What becomes of a definition here: where each activity runs, or why it does not. Pure.

Judged by what the service itself judges by: its validator, its placement, its lists of what can be performed where.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from chalicelib.domain.definition.catalog import Category, object_type
from chalicelib.domain.definition.coverage import Fate, reasons
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.definition.validate import activation_findings
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.abilities import can_run
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.place import Place, place_of
from chalicelib.domain.run.plan import Component, Plan
from chalicelib.domain.run.source import Source
from chalicelib.domain.values import UtcTime


class Where(Enum):
    """Where something runs, from what costs least to think about to what does not run."""

    FUNCTION = "function"
    TASK_RUNNER = "Task Runner"
    EC2 = "EC2"
    EMR = "EMR"
    NOWHERE = "does not run"


_MEANING = {
    Where.FUNCTION: "runs natively",
    Where.TASK_RUNNER: "needs a Task Runner",
    Where.EC2: "needs EC2",
    Where.EMR: "needs EMR",
    Where.NOWHERE: "will not run",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One activity or precondition. `why`: what keeps it from running, or on what it runs."""

    component: str
    type: str
    where: Where
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole definition. `errors` keep it from being activated."""

    judged: tuple[Judged, ...]
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plan: Plan | None = None

    @property
    def worst(self) -> Where:
        """What the pipeline as a whole needs most."""
        if self.errors:
            return Where.NOWHERE
        order = list(Where)
        return max((item.where for item in self.judged), key=order.index, default=Where.NOWHERE)

    @property
    def summary(self) -> str:
        """The same in words; several needs are all named."""
        if self.worst is Where.NOWHERE:
            return _MEANING[Where.NOWHERE]
        needs = [where for where in Where if where is not Where.FUNCTION and where in {i.where for i in self.judged}]
        return ", ".join(_MEANING[where] for where in needs) or _MEANING[Where.FUNCTION]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it will not run."""
        said = [f"{name}: {error}" for name, errors in self.errors.items() for error in errors]
        return (*said, *(f"{item.component}: {item.why}" for item in self.judged if item.where is Where.NOWHERE))


def judge(definition: Definition, limits: Limits, now: UtcTime, first_activation: UtcTime | None) -> Verdict:
    """Judge a definition as if it were activated now, going on where it stopped.

    first_activation  of the source: what `startAt: FIRST_ACTIVATION_DATE_TIME` means
    """
    findings = activation_findings(definition, limits=limits, now=now, first_activation=now)
    errors = dict(findings.errors)
    if findings.fatal:
        errors["Default"] = (*findings.fatal, *errors.get("Default", ()))
    plan, why = _compiled(definition, limits, first_activation or now)
    source = Source(definition, limits)
    judged = [_activity(source, item) for item in source.objects.values() if _is(item, Category.ACTIVITY)]
    judged += [_guard(source, guard) for guard in plan.guards.values()] if plan is not None else ()
    judged += _refused(source)
    if why and not errors and all(item.where is not Where.NOWHERE for item in judged):
        errors["Default"] = (why,)
    unique = {(item.component, item.where): item for item in judged}
    return Verdict(tuple(unique.values()), errors, dict(findings.warnings), plan)


def ignored_fields(definition: Definition, limits: Limits) -> Iterator[tuple[str, str, str]]:
    """Object, field and reason, of fields that are accepted and do nothing."""
    objects = Source(definition, limits).objects
    for written in definition.objects:
        type_name = objects[written.id].type if written.id in objects else None
        for key in dict.fromkeys(each.key for each in written.fields):
            for reason in reasons(type_name or "", key):
                if reason.fate is Fate.IGNORED and type_name in reason.types:
                    yield written.id, key, reason.why


def _is(item: PipelineObject, category: Category) -> bool:
    known = object_type(item.type) if item.type else None
    return known is not None and known.category is category


def _compiled(definition: Definition, limits: Limits, first_activation: UtcTime) -> tuple[Plan | None, str]:
    try:
        return compile_plan(definition, limits, first_activation), ""
    except InvalidRequest as error:
        return None, error.reason


def _activity(source: Source, item: PipelineObject) -> Judged:
    try:
        place = place_of(source, item)
    except InvalidRequest as error:
        return Judged(item.id, item.type or "", Where.NOWHERE, error.reason)
    return _placed(source, item, place)


def _guard(source: Source, guard: Component) -> Judged:
    return _placed(source, source.objects[guard.id], Place(guard.placement, guard.worker_group, guard.resource))


def _placed(source: Source, item: PipelineObject, place: Place) -> Judged:
    name = item.type or ""
    machine = source.objects.get(place.resource) if place.resource is not None else None
    cluster = machine is not None and machine.type == "EmrCluster"
    if not can_run(name, place.placement, on_cluster=cluster):
        where = f"on the {machine.type} {machine.id}" if machine is not None else "there"
        return Judged(item.id, name, Where.NOWHERE, f"{name} cannot run {where}")
    if place.placement is Placement.SERVERLESS:
        return Judged(item.id, name, Where.FUNCTION)
    if machine is None:
        return Judged(item.id, name, Where.TASK_RUNNER, f"worker group {place.worker_group}")
    return Judged(item.id, name, Where.EMR if cluster else Where.EC2, f"runs on {machine.id}")


def _refused(source: Source) -> list[Judged]:
    """Fields with which a machine is not launched."""
    return [
        Judged(item.id, item.type or "", Where.NOWHERE, f"'{key}': {reason.why}")
        for item in source.objects.values()
        for key in dict.fromkeys(each.key for each in item.fields)
        for reason in reasons(item.type or "", key)
        if reason.fate is Fate.REFUSED
    ]
