"""A pipeline as it is at the source: everything a migration needs to know of it, read once.

A source that lacks an operation (a simulator, say) leaves a gap, which is said and not guessed over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.definition.inherit import DEFAULT, effective
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.timing import FIRST_ACTIVATION
from chalicelib.domain.values import UtcTime
from penstock_migrate.account import GONE, Account, Described
from penstock_migrate.errors import Refused, Unanswered
from penstock_migrate.observe import Observation, first_activation, observe
from penstock_migrate.verdict import Verdict, judge

NEVER_RAN = frozenset({"PENDING", "VALIDATING"})
STOPPED = frozenset({"INACTIVE", "FINISHED", *NEVER_RAN})


@dataclass(frozen=True, slots=True)
class Origin:
    """One source pipeline.

    definition        what it runs: the active version, or the latest of one that was never activated
    draft             the latest version, where it differs from the active one
    first_activation  None when it never was, or is not known
    observation       None when the source cannot say what ran
    gaps              what could not be read, and why
    """

    described: Described
    definition: Definition
    draft: Definition | None
    verdict: Verdict
    first_activation: UtcTime | None = None
    observation: Observation | None = None
    gaps: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its id at the source."""
        return self.described.id

    @property
    def never_ran(self) -> bool:
        """Whether it was never activated."""
        return self.described.state in NEVER_RAN and (self.observation is None or not self.observation.newest)

    @property
    def on_demand(self) -> bool:
        """Whether it runs once per activation."""
        default = effective(self.definition).get(DEFAULT)
        return default is not None and (default.text("scheduleType") or "").lower() == "ondemand"


def origins(account: Account, ids: Sequence[str], limits: Limits, now: UtcTime) -> Iterator[Origin]:
    """Read these pipelines; one that is deleted meanwhile is left out."""
    for described in account.described(ids):
        try:
            yield origin_of(account, described, limits, now)
        except Refused as error:
            if error.code not in GONE:
                raise


def origin_of(account: Account, described: Described, limits: Limits, now: UtcTime) -> Origin:
    """Read one pipeline."""
    latest = account.definition(described.id) or Definition()
    active = None if described.state in NEVER_RAN else account.definition(described.id, "active")
    running = active or latest
    draft = latest if active is not None and _different(latest, active) else None
    known = described.time("@firstActivationTime")
    origin = Origin(described, running, draft, judge(running, limits, now, known), known)
    return origin if described.state in NEVER_RAN else _with_history(account, origin, limits, now)


def _with_history(account: Account, origin: Origin, limits: Limits, now: UtcTime) -> Origin:
    components = [name for name, item in _components(origin) if item]
    try:
        begun = origin.first_activation or first_activation(account, origin.id, _schedules(origin.definition))
        observation = observe(account, origin.id, components, now)
    except Unanswered as error:
        return replace(origin, gaps=(*origin.gaps, f"what ran is not known. {error}"))
    gaps = origin.gaps
    if begun is None and _follows_first_activation(origin.definition):
        # Any interval tells where intervals begin, but not how many of a limited number there have been.
        begun = observation.earliest
        gaps = (*gaps, *_uncounted(origin.definition))
    verdict = judge(origin.definition, limits, now, begun)
    return replace(origin, first_activation=begun, observation=observation, verdict=verdict, gaps=gaps)


def _uncounted(definition: Definition) -> Iterator[str]:
    for item in definition.objects:
        if item.text("occurrences"):
            yield f"{item.id} has 'occurrences', and the source does not say when it was first activated"


def _components(origin: Origin) -> Iterator[tuple[str, bool]]:
    plan = origin.verdict.plan
    for component in plan.components.values() if plan is not None else ():
        yield component.id, component.schedule is not None


def _schedules(definition: Definition) -> list[str]:
    return [item.id for item in definition.objects if item.type == "Schedule"]


def _follows_first_activation(definition: Definition) -> bool:
    return any((item.text("startAt") or "").upper() == FIRST_ACTIVATION for item in definition.objects)


def _different(one: Definition, other: Definition) -> bool:
    return {(each.id, each.fields) for each in one.objects} != {(each.id, each.fields) for each in other.objects} or (
        one.parameters,
        one.values,
    ) != (other.parameters, other.values)
