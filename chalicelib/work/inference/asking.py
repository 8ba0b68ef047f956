"""Asking about one item until there is an answer or a verdict: rate, pauses, and who is to blame. Must not know models.

1. Throttling is nobody's fault: the item waits, each time up to twice as long, with jitter, and is asked about again.
2. A model that fails on an item is asked `tries` times; then the item is set aside with the model's last error.
3. A model that does not answer is asked again, too. When it did answer for other items meanwhile, the item is to blame
   after its tries; when it answered for none, the model is, and everybody waits for it.
4. Ten minutes without an answer for any item end the work: it is done as far as it came, and may be taken up again.
5. What the model will never accept is set aside at once. That it is gone, or denied, ends the work at once.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from chalicelib.domain.inference.results import Fault
from chalicelib.ports.errors import Conflict, PortError, Rejected, Throttled, Unavailable
from chalicelib.ports.inference import Answer, ItemRefused, ModelFailed
from chalicelib.transfer.rate import Timer, TokenBucket
from chalicelib.work.inference.items import Item

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 20.0
_PATIENCE = 600.0
_LONGEST_NAP = 1.0
_AGAIN = (Throttled, Unavailable, ModelFailed, Conflict)


@dataclass(slots=True)
class Calls:
    """How often models were asked, and how often they had no time. What is paid for."""

    asked: int = 0
    throttled: int = 0


class Asker:
    """Asks on behalf of several threads.

    ask      the answer; None when it is not there yet
    rate     items asked about per second, of all of them; None is no bound
    stopped  when it becomes true, whoever waits gives up
    """

    def __init__(
        self,
        ask: Callable[[Item], Answer | None],
        rate: float | None,
        tries: int,
        timer: Timer,
        stopped: Callable[[], bool],
    ) -> None:
        self._ask = ask
        self._tries = tries
        self._timer = timer
        self._stopped = stopped
        self._bucket = TokenBucket(rate, timer)
        self._lock = Lock()
        self._answers = 0
        self._last_answer = timer.seconds()
        self.calls = Calls()

    def answer(self, item: Item) -> Answer | Fault | None:
        """The answer, or why there is none; None when it was stopped first, or the answer is not there yet.

        Raises   Missing, Denied for the model; Throttled, Unavailable, ModelFailed when it answered nobody for long
        """
        if item.fault is not None:
            return item.fault
        answers, failures, tries = self._answers, 0, 0
        while self._bucket.wait(self._stopped):
            self._bucket.take(1)
            try:
                found = self._asked(item)
            except (ItemRefused, Rejected) as error:
                return fault_of(error)
            except _AGAIN as error:
                failures += not isinstance(error, Throttled)
                if self._is_to_blame(error, failures, answers):
                    return fault_of(error)
                self._wait(item, tries, error)
                tries += 1
            else:
                self._note_answer()
                return found
        return None

    def _asked(self, item: Item) -> Answer | None:
        with self._lock:
            self.calls.asked += 1
        return self._ask(item)

    def _note_answer(self) -> None:
        with self._lock:
            self._answers += 1
            self._last_answer = self._timer.seconds()

    def _is_to_blame(self, error: PortError, failures: int, answers: int) -> bool:
        if isinstance(error, Throttled) or failures < self._tries:
            return False
        return isinstance(error, ModelFailed | Conflict) or self._answers > answers

    def _wait(self, item: Item, tries: int, error: PortError) -> None:
        """Pause for a share of the bound that differs from item to item, so that they do not come back together."""
        if isinstance(error, Throttled):
            with self._lock:
                self.calls.throttled += 1
        if self._timer.seconds() - self._last_answer > _PATIENCE:
            raise error
        bound = min(_FIRST_PAUSE * 2 ** min(tries, 20), _LONGEST_PAUSE)
        left = bound * (0.1 + 0.9 * _share(f"{item.id}/{tries}"))
        while left > 0 and not self._stopped():
            nap = min(left, _LONGEST_NAP)
            self._timer.pause(nap)
            left -= nap


def fault_of(error: PortError) -> Fault:
    """What a result says of an error."""
    code, mark, message = error.reason.partition(": ")
    named = mark and code.replace("-", "").isalnum()
    return Fault(code, message) if named else Fault(type(error).__name__, error.reason)


def _share(text: str) -> float:
    """A number from 0 to 1 that looks random, and is the same for the same text."""
    return zlib.crc32(text.encode()) / 0xFFFFFFFF
