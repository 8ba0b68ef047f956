"""A simulated user, who gives commands at bad moments and always undoes what would stop the pipeline for good."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from chalicelib.domain.run.events import (
    Activated,
    BackfillOrdered,
    BackfillStopped,
    Deactivated,
    Deleted,
    Event,
    StatusSet,
)
from chalicelib.domain.run.status import Command, PipelineStatus
from chalicelib.domain.values import UtcTime
from tests.simulation.machines import MINUTE
from tests.simulation.timeline import Timeline
from tests.simulation.watch import Watch

Order = Activated | Deactivated | Deleted | StatusSet | BackfillOrdered | BackfillStopped
_ON_INSTANCES = (Command.TRY_CANCEL, Command.RERUN, Command.RERUN, Command.MARK_FINISHED)

_USUAL = (56, 12, 15, 3, 14)
_WITH_BACKFILLS = (26, 10, 12, 2, 50)
"""How often a command sets a status, pauses, deactivates, deletes, orders a backfill."""


class User:
    """Gives `commands` commands in the first four hours.

    newest     the definition version that the next activation names
    backfills  whether most of the commands order backfills
    """

    def __init__(
        self,
        timeline: Timeline,
        rng: Random,
        publish: Callable[[str, Event], None],
        watch: Watch,
        newest: int,
        *,
        backfills: bool = False,
    ) -> None:
        self._timeline = timeline
        self._rng = rng
        self._publish = publish
        self._watch = watch
        self._newest = newest
        self._weights = _WITH_BACKFILLS if backfills else _USUAL
        self._starts_elsewhere = 0.5 if backfills else 0.2
        self.deleted = False

    def plan(self, commands: int) -> None:
        """Decide when to give them; what, is decided then."""
        for _ in range(commands):
            self._timeline.after(self._rng.random() * 240 * MINUTE, self._act)

    def activate(self, version: int, start: UtcTime | None = None) -> None:
        """ActivatePipeline."""
        self._send(Activated(self._timeline.fresh(), self._timeline.now(), version, start))

    def _send(self, event: Order) -> None:
        if not self.deleted:
            self._publish(event.id, event)
            if self._rng.random() < 0.1:
                again = 6 * MINUTE + self._rng.random() * MINUTE
                self._timeline.after(again, lambda: self._publish(event.id, event))

    def _act(self) -> None:
        state = self._watch.state
        if state is None or self.deleted or state.status is not PipelineStatus.SCHEDULED:
            return
        actions = (self._set, self._pause, self._stop, self._delete, self._backfill)
        action = self._rng.choices(actions, self._weights)[0]
        action()

    def _set(self) -> None:
        known = sorted(name for name, item in self._watch.instances.items() if item.owner is None)
        if known:
            names = self._rng.sample(known, min(len(known), self._rng.choice((1, 1, 2))))
            self._status(self._rng.choice(_ON_INSTANCES), *names)

    def _status(self, command: Command, *names: str) -> None:
        self._send(StatusSet(self._timeline.fresh(), self._timeline.now(), command, names))

    def _pause(self) -> None:
        names = sorted(self._watch.state.components) if self._watch.state else []
        if names:
            name = self._rng.choice(names)
            self._status(Command.PAUSE, name)
            pause = self._rng.random() * 60 * MINUTE
            self._timeline.after(pause, lambda: self._status(Command.RESUME, name))

    def _backfill(self) -> None:
        """Of some or all components, now and then from before anything ran; seldom stopped again."""
        known = sorted(self._watch.state.components) if self._watch.state else []
        if not known:
            return
        names = known if self._rng.random() < 0.5 else self._rng.sample(known, self._rng.randrange(1, len(known) + 1))
        low = self._timeline.now() - self._rng.randrange(1, 600) * MINUTE
        high = low + self._rng.randrange(1, 400) * MINUTE
        now = self._timeline.now()
        self._send(BackfillOrdered(self._timeline.fresh(), now, low, high, tuple(names)))
        if self._rng.random() < 0.2:
            stopped = BackfillStopped(self._timeline.fresh(), now)
            self._timeline.after(self._rng.random() * 60 * MINUTE, lambda: self._send(stopped))

    def _stop(self) -> None:
        self._send(Deactivated(self._timeline.fresh(), self._timeline.now(), self._rng.random() < 0.6))
        if self._rng.random() < 0.9:
            self._timeline.after(self._rng.random() * 90 * MINUTE, self._start_again)

    def _start_again(self) -> None:
        start = None
        if self._rng.random() < self._starts_elsewhere:
            start = self._timeline.now() - timedelta(minutes=self._rng.randrange(120))
        self.activate(self._newest, start)

    def _delete(self) -> None:
        self._send(Deleted(self._timeline.fresh(), self._timeline.now()))
        self.deleted = True
