"""Events as the engine sees them: keys that wait, and keys that a run took."""

from dataclasses import dataclass

from chalicelib.domain.run.state import Claim
from chalicelib.domain.values import UtcTime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that waits for a run: its record's key, when it was taken in, and the bytes of its record."""

    key: str
    arrived: UtcTime
    size: int = 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """The first events that wait, in order; `more` says whether there may be others behind them."""

    events: tuple[Waiting, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that was created, the claim that names its events, and their keys."""

    claim: Claim
    keys: tuple[str, ...]
