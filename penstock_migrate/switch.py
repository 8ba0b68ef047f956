"""The switch-over of one pipeline, step by step, each step done once and found done after a kill.

    source   SCHEDULED ── stop ── DEACTIVATING ── drain ── INACTIVE
    target   PENDING ─────────────────────────────────────────────── prepare ── activate ── SCHEDULED

1. The source is read for good only when nothing of it can change any more. What it was like before does not matter.
2. What is done is asked of the two sides rather than believed of the checkpoint, wherever they can tell: a definition
   that is put already, a pipeline that is active already.
3. The checkpoint holds what nobody can tell afterwards: which instances lived when the source was stopped, and so
   which cancellations were deactivation's doing.
4. A target that is active is never activated again, so a kill between an activation and its checkpoint repeats nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.values import UtcTime, render_time
from penstock_migrate.account import Account, Described
from penstock_migrate.checkpoint import Checkpoint, Checkpoints, Step, whole_seconds
from penstock_migrate.continuation import Continuation, continuation_of, still_needed
from penstock_migrate.errors import NotYet, Unusable
from penstock_migrate.observe import CANCELED, FAILED, Seen
from penstock_migrate.origin import STOPPED, Origin, origin_of
from penstock_migrate.progress import Standing, Stop, progress_of, standing_of
from penstock_migrate.recreate import PAUSED, Made, Outcome, Workshop, made_before, recreate, unique_id
from penstock_migrate.report import stop_of
from penstock_migrate.secret_values import filled

MOST_AT_ONCE = 100
"""Instances that one command cancels."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who switches wants.

    cancel          cancel what runs at the source, to be run here, instead of waiting for it
    rerun_failed    run here once more what failed at the source
    without_failed  go on although something still to run depends on what failed
    patience        how long to wait for the source
    pause           between two looks at the source
    """

    cancel: bool = False
    rerun_failed: bool = False
    without_failed: bool = False
    patience: timedelta = timedelta(minutes=60)
    pause: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything a switch works with. `wait` lets time pass; `say` tells the person what was done."""

    source: Account
    shop: Workshop
    checkpoints: Checkpoints
    limits: Limits
    now: Callable[[], UtcTime]
    wait: Callable[[timedelta], None]
    say: Callable[[str], None]


class Switch:
    """One run of it; start another one after a kill."""

    def __init__(self, pipeline: str, wishes: Wishes, around: Surroundings) -> None:
        self._wishes = wishes
        self._around = around
        self._pipeline = pipeline
        self._checkpoint = around.checkpoints.load(pipeline)

    def run(self) -> Checkpoint:
        """Do what is left to do.

        Raises   NotYet when the source takes longer than the patience; Unusable when something has to be decided first
        """
        with self._around.checkpoints.alone(self._pipeline):
            for step, act in (
                (Step.CREATE, self._create),
                (Step.NOTE, self._note),
                (Step.STOP, self._stop),
                (Step.DRAIN, self._drain),
                (Step.PREPARE, self._prepare),
                (Step.ACTIVATE, self._activate),
                (Step.DRAFT, self._draft),
            ):
                if step not in self._checkpoint.done:
                    act()
                    self._keep(self._checkpoint.after(step))
                    self._around.say(f"{self._pipeline}: {step.value}")
        return self._checkpoint

    def _keep(self, checkpoint: Checkpoint) -> None:
        self._around.checkpoints.save(checkpoint)
        self._checkpoint = checkpoint

    def _origin(self) -> Origin:
        found = self._around.source.described([self._pipeline])
        if not found:
            raise Unusable(f"{self._pipeline}: the source has no such pipeline")
        return origin_of(self._around.source, found[0], self._around.limits, self._around.now())

    def _target(self) -> Described | None:
        return made_before(self._around.shop.target).get(unique_id(self._around.shop.region, self._pipeline))

    def _create(self) -> None:
        """A definition that cannot be activated here is not worth stopping the source for."""
        origin = self._origin()
        made = recreate(origin, self._around.shop, self._target())
        if made.outcome is Outcome.ACTIVE:
            raise Unusable(f"{self._pipeline}: {made.target} is active here already; there is nothing to switch")
        _refuse_remarks(made)
        if origin.gaps:
            raise Unusable(f"{self._pipeline}: {origin.gaps[0]}")
        self._keep(replace(self._checkpoint, target=made.target))

    def _note(self) -> None:
        """Only a source that runs is noted as running; one that stands still says itself since when."""
        origin = self._origin()
        _refuse_failures(origin, stop_of(origin), self._wishes)
        if origin.described.state in STOPPED or origin.described.state == "DEACTIVATING":
            self._keep(replace(self._checkpoint, stop=stop_of(origin)))
            return
        unfinished = origin.observation.unfinished if origin.observation is not None else ()
        alive = frozenset(item.id for item in unfinished if item.status not in (*FAILED, *CANCELED))
        self._keep(replace(self._checkpoint, stop=Stop(whole_seconds(self._around.now()), alive)))

    def _stop(self) -> None:
        state = self._state()
        if state not in STOPPED and state != "DEACTIVATING":
            self._around.source.deactivate(self._pipeline, cancel=self._wishes.cancel)

    def _drain(self) -> None:
        """Wait until the source stands still."""
        deadline = self._around.now() + self._wishes.patience
        while True:
            origin = self._origin()
            state, running = origin.described.state, standing_at(origin, self._checkpoint.stop).running
            if state in STOPPED and not running:
                return
            if self._around.now() >= deadline:
                raise NotYet(self._pipeline, f"the source is {state}{_named(running)}")
            if self._wishes.cancel and running:
                self._around.source.cancel(self._pipeline, [item.id for item in running[:MOST_AT_ONCE]])
            self._around.wait(self._wishes.pause)

    def _prepare(self) -> None:
        """The last reading of the source."""
        origin = self._origin()
        _refuse_failures(origin, self._checkpoint.stop, self._wishes)
        made = recreate(origin, self._around.shop, self._target(), self._continuation(origin))
        _refuse_remarks(made)

    def _activate(self) -> None:
        origin, target = self._origin(), self._target()
        continuation = self._continuation(origin)
        if target is None or target.state != PAUSED:
            return
        if origin.never_ran or origin.on_demand or continuation.over:
            why = "every interval has run" if continuation.over else "the source did not run by itself either"
            self._around.say(f"{self._pipeline}: {target.id} is not activated: {why}")
            return
        self._around.shop.target.activate(target.id, continuation.start)

    def _draft(self) -> None:
        """What was saved at the source and never activated is saved here the same way."""
        origin, target = self._origin(), self._target()
        if origin.draft is not None and target is not None:
            draft, _ = filled(origin.draft, origin.id, self._around.shop.secrets)
            self._around.shop.target.put(target.id, draft)

    def _continuation(self, origin: Origin) -> Continuation:
        return continuation_for(origin, self._checkpoint.stop, rerun=self._wishes.rerun_failed)

    def _state(self) -> str:
        found = self._around.source.described([self._pipeline])
        return found[0].state if found else "deleted"


def continuation_for(origin: Origin, stop: Stop, *, rerun: bool) -> Continuation:
    """Where a source pipeline goes on here. Raises Unusable when the source cannot say what ran."""
    plan, observation = origin.verdict.plan, origin.observation
    if origin.never_ran or origin.on_demand:
        return Continuation()
    if plan is None or observation is None:
        raise Unusable(f"{origin.id}: what ran is not known: {'; '.join(origin.gaps) or 'the definition is not valid'}")
    return continuation_of(plan, progress_of(plan, observation, stop), rerun=rerun)


def standing_at(origin: Origin, stop: Stop) -> Standing:
    plan, observation = origin.verdict.plan, origin.observation
    return standing_of(plan, observation, stop) if plan is not None and observation is not None else Standing()


def _named(running: Sequence[Seen]) -> str:
    if not running:
        return ""
    shown = ", ".join(f"{item.id} ({item.status})" for item in running[:3])
    more = f" and {len(running) - 3} more" if len(running) > 3 else ""
    return f" and has {shown}{more}. --cancel-running ends them there and runs them here"


def failures(origin: Origin, stop: Stop) -> Sequence[Seen]:
    """What failed, or waits behind what did."""
    standing = standing_at(origin, stop)
    return (*standing.failed, *standing.held)


def _refuse_failures(origin: Origin, stop: Stop, wishes: Wishes) -> None:
    """A failure that something still to run depends on is somebody's decision."""
    plan, observation = origin.verdict.plan, origin.observation
    if wishes.rerun_failed or wishes.without_failed or plan is None or observation is None:
        return
    for name, start, consumer in still_needed(plan, progress_of(plan, observation, stop)):
        raise Unusable(
            f"{origin.id}: {consumer} has still to run and depends on {name} of {render_time(start)}, which failed: "
            "rerun it at the source, or say --rerun-failed to run it here, or --without-failed to go on without it"
        )


def _refuse_remarks(made: Made) -> None:
    serious = [remark for remark in made.remarks if not remark.startswith("tag ")]
    if serious:
        raise Unusable(f"{made.source}: cannot be activated here: {'; '.join(serious)}")
