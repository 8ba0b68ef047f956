"""How fast a table may be read or written: a share of its capacity, kept by everyone who works on it in this process.

Must not know tables or time's source: a clock and a pause are handed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from chalicelib.ports.errors import PortError, Throttled, Unavailable

_BURST = 1.0
"""Seconds' worth of capacity that may be saved up. DynamoDB saves five minutes' worth; we leave that to others."""

_LONGEST_NAP = 1.0
"""Seconds, so that whoever waits notices soon that it should stop."""

_FIRST_PAUSE, _LONGEST_PAUSE, _PATIENCE = 0.05, 10.0, 600.0


@dataclass(frozen=True, slots=True)
class Timer:
    """A clock in seconds, and a way to wait."""

    seconds: Callable[[], float]
    pause: Callable[[float], None]


class TokenBucket:
    """Units per second. What is taken is known only afterwards, so the bucket may owe: then everybody waits.

    rate   units per second; None is no bound
    """

    def __init__(self, rate: float | None, timer: Timer) -> None:
        self.rate = rate
        self._timer = timer
        self._lock = Lock()
        self._level = (rate or 0.0) * _BURST
        self._seen = timer.seconds()

    def wait(self, stopped: Callable[[], bool]) -> bool:
        """Wait until nothing is owed. False when `stopped()` became true first."""
        while not stopped():
            short = self._short_by()
            if short <= 0:
                return True
            self._timer.pause(min(short, _LONGEST_NAP))
        return False

    def take(self, units: float) -> None:
        """Note that so many units were used."""
        with self._lock:
            self._level -= units

    def _short_by(self) -> float:
        """Seconds until the level is above zero."""
        if self.rate is None:
            return 0.0
        with self._lock:
            now = self._timer.seconds()
            self._level = min(self._level + (now - self._seen) * self.rate, self.rate * _BURST)
            self._seen = now
            return 0.0 if self._level > 0 else (1e-6 - self._level) / self.rate


class Patience:
    """Pauses between tries, each twice as long as the one before, ten minutes in all.

    tell   called before each pause, with why
    """

    def __init__(self, timer: Timer, stopped: Callable[[], bool], tell: Callable[[str], None]) -> None:
        self._timer = timer
        self._stopped = stopped
        self._tell = tell
        self._next = _FIRST_PAUSE
        self._left = _PATIENCE

    def goes_on(self, error: PortError) -> bool:
        """Pause, then say whether to try again; False when it is time to stop instead.

        Raises   `error` itself when trying again cannot help, or when it has not helped for ten minutes
        """
        if not isinstance(error, Throttled | Unavailable) or self._left <= 0:
            raise error
        if self._stopped():
            return False
        self._tell(f"waiting {self._next:.2f} s: {error}")
        self._timer.pause(self._next)
        self._left -= self._next
        self._next = min(self._next * 2, _LONGEST_PAUSE)
        return True


def share_of(units: float | None, ratio: float, sharers: int, otherwise: float) -> float:
    """Units per second for one of `sharers` who work side by side.

    units      of the table; None when it is on demand and has no maximum: `otherwise` is taken for it
    Source     awslabs/emr-dynamodb-connector: the share of what is there, never below one unit per second
    """
    return max((units if units is not None else otherwise) * ratio, 1.0) / sharers
