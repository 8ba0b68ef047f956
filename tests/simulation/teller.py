"""Simulated senders of events: late, twice, in any order, and again until somebody took them in."""

from collections.abc import Callable, Sequence
from random import Random

from chalicelib.domain.trigger.arrival import Arrival, S3Object, event_key, s3_object
from tests.simulation.machines import MINUTE
from tests.simulation.timeline import Timeline

BUCKET = "landing"


class Teller:
    """Tells of `count` objects in the first four hours, in bursts.

    tell  takes some in; whether it got through
    """

    def __init__(self, timeline: Timeline, rng: Random, tell: Callable[[Sequence[Arrival]], bool]) -> None:
        self._timeline = timeline
        self._rng = rng
        self._tell = tell
        self.told: list[str] = []

    def plan(self, count: int) -> None:
        """Decide when to tell of what."""
        number = 0
        while number < count:
            burst = min(count - number, self._rng.choice((1, 1, 2, 5)))
            arrivals = [self._arrival(number + place) for place in range(burst)]
            self.told += [event_key(arrival.identity) for arrival in arrivals]
            number += burst
            moment = self._rng.random() * 240 * MINUTE
            for _ in range(self._rng.choice((1, 1, 2, 3))):
                self._timeline.after(moment, lambda arrivals=arrivals: self._until_taken(arrivals))
                moment += self._rng.random() * self._rng.choice((0.001, 5, 90)) * MINUTE

    def _arrival(self, number: int) -> Arrival:
        return s3_object(S3Object(BUCKET, f"in/{number}", 1, "e", sequencer=f"{number:04X}"), self._timeline.now())

    def _until_taken(self, arrivals: Sequence[Arrival]) -> None:
        if not self._tell(arrivals):
            self._timeline.after(6 * MINUTE, lambda: self._until_taken(arrivals))


class Staged:
    """A staging bucket."""

    def put(self, key: str, content: bytes) -> str:
        return f"s3://staging/{key}?{len(content)}"
