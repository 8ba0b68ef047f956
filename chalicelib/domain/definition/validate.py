"""Validation: every fault of a definition at once, in the service's form.

Total: any definition gives findings, never an exception. What a fault says is the business of `checks`.
"""

from collections.abc import Callable, Iterable, Iterator

from chalicelib.domain.definition.checks import (
    advice,
    cycles,
    declarations,
    expressions,
    fields,
    models,
    references,
    sizes,
    structure,
    timing,
    triggers,
)
from chalicelib.domain.definition.checks.draft import Draft
from chalicelib.domain.definition.checks.edits import edits
from chalicelib.domain.definition.checks.finding import Finding, collected
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition, Findings
from chalicelib.domain.values import UtcTime

Check = Callable[[Draft], Iterator[Finding]]

ALWAYS: tuple[Check, ...] = (
    structure.identities,
    structure.types,
    fields.known,
    fields.given,
    fields.kinds,
    references.existing,
    references.targets,
    references.suited,
    references.counted,
    cycles.parents,
    cycles.dependencies,
    cycles.contents,
    expressions.readable,
    expressions.named,
    expressions.steering,
    timing.schedule_types,
    timing.scheduled,
    timing.periods,
    timing.ends,
    timing.spans,
    declarations.identities,
    declarations.attributes,
    declarations.values,
    sizes.objects,
    sizes.parameters,
    sizes.expressions,
    sizes.engine,
    timing.cascades,
    advice.deprecated,
    advice.ignored,
    advice.unconnected,
    advice.unscheduled,
    advice.placed,
    models.kept,
    triggers.placed,
    triggers.used,
    triggers.windows,
)
ON_STORING: tuple[Check, ...] = (*ALWAYS, declarations.unset)
ON_ACTIVATION: tuple[Check, ...] = (*ALWAYS, declarations.required, timing.runs)
ON_FIRST_ACTIVATION: tuple[Check, ...] = (*ON_ACTIVATION, timing.guarded)


def validate(definition: Definition, *, limits: Limits, now: UtcTime, previous: Definition | None = None) -> Findings:
    """What is wrong with a definition that is to be stored.

    previous  the active definition, once the pipeline was activated: the edit rules apply
    """
    return _found(Draft(definition, limits, now), ON_STORING, previous)


def activation_findings(
    definition: Definition,
    *,
    limits: Limits,
    now: UtcTime,
    first_activation: UtcTime | None,
    previous: Definition | None = None,
) -> Findings:
    """What is wrong with a definition that is to be activated: all of `validate`, and what only matters now.

    first_activation  None when it never was: the backfill guard holds then, and not for resuming
    previous          the active definition, as for `validate`: a forbidden change may be stored but not activated
    """
    checks = ON_FIRST_ACTIVATION if first_activation is None else ON_ACTIVATION
    return _found(Draft(definition, limits, now), checks, previous)


def _found(draft: Draft, checks: Iterable[Check], previous: Definition | None) -> Findings:
    fatal = collected(structure.fatal(draft.definition, draft.limits))
    if len(draft.definition.objects) > draft.limits.objects:
        return fatal  # the rest would take as long as there are objects
    found = [finding for check in checks for finding in check(draft)]
    if previous is not None:
        found += edits(draft, Draft(previous, draft.limits, draft.now))
    others = collected(found)
    return Findings(fatal.fatal, others.errors, others.warnings)
