"""Back to the source: stop the pipeline here, and let the source go on where it stopped here."""

from chalicelib.domain.values import UtcTime, render_time
from penstock_migrate.account import Account, Described
from penstock_migrate.continuation import Continuation
from penstock_migrate.errors import NotYet, Unusable
from penstock_migrate.origin import NEVER_RAN, STOPPED, Origin, origin_of
from penstock_migrate.progress import Stop
from penstock_migrate.recreate import made_before, unique_id
from penstock_migrate.switch import Surroundings, continuation_for, standing_at


def roll_back(pipeline: str, around: Surroundings) -> UtcTime | None:
    """Do it, again from wherever a kill left it; answers from when on the source goes on, None when by itself.

    Raises   NotYet when work here takes longer than a look; Unusable when one start timestamp, which is all that the
             source takes, would run something twice
    """
    with around.checkpoints.alone(pipeline):
        source, target = _both(pipeline, around)
        start = _stopped_here(target, around) if target is not None and target.state not in NEVER_RAN else None
        if source.state in STOPPED - NEVER_RAN - {"FINISHED"}:
            around.source.activate(pipeline, start)
        around.checkpoints.forget(pipeline)
        return start


def _both(pipeline: str, around: Surroundings) -> tuple[Described, Described | None]:
    found = around.source.described([pipeline])
    if not found:
        raise Unusable(f"{pipeline}: the source has no such pipeline")
    return found[0], made_before(around.shop.target).get(unique_id(around.shop.region, pipeline))


def _stopped_here(target: Described, around: Surroundings) -> UtcTime | None:
    account = around.shop.target
    if target.state not in STOPPED:
        if target.state != "DEACTIVATING":
            account.deactivate(target.id, cancel=False)
        target = _again(account, target)
    origin = origin_of(account, target, around.limits, around.now())
    stop = Stop(target.time("@lastDeactivationTime"))
    if target.state not in STOPPED or standing_at(origin, stop).running:
        raise NotYet(target.id, f"it is {target.state} here")
    return _one_start(origin, continuation_for(origin, stop, rerun=False))


def _again(account: Account, target: Described) -> Described:
    found = account.described([target.id])
    return found[0] if found else target


def _one_start(origin: Origin, continuation: Continuation) -> UtcTime | None:
    if continuation.components:
        told = "; ".join(
            f"{name} {render_time(starts[-1])}" for name, starts in sorted(continuation.components.items())
        )
        raise Unusable(
            f"{origin.id}: its components stopped here at different intervals ({told}), and the source takes one start "
            "timestamp for all. Activate it here, let it catch up, and roll back then"
        )
    return continuation.start
