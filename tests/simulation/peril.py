"""What goes wrong between the control plane and its ports: at any call, before it took effect or after.

killed      the process ends there: nothing after the call happens
failed      the port answers Unavailable, though the call may have taken effect
overtaken   the writer is held up until its batch is visible again, another writer does it all, then the first goes on
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from chalicelib.ports.errors import Unavailable

Heard = Callable[[str, tuple[Any, ...], object], None]

RISKED = 3
"""Deliveries of one message that may be hit; the queue gives a message up after five."""


class Killed(BaseException):
    """The process ended. Not an Exception: nothing in the control plane may catch it."""


class Peril:
    """Decides, call by call. Only calls made inside `exposed` are at risk."""

    def __init__(self, rng: Random, chance: float, tell: Callable[[str], None]) -> None:
        self._rng = rng
        self._chance = chance
        self._tell = tell
        self._exposed: list[Callable[[], None] | None] = []
        self.struck = 0

    @contextmanager
    def exposed(self, overtake: Callable[[], None] | None) -> Iterator[None]:
        """Calls in here may be hit; `overtake` lets another writer by, None where there is none."""
        self._exposed.append(overtake)
        try:
            yield
        finally:
            self._exposed.pop()

    @contextmanager
    def sheltered(self) -> Iterator[None]:
        """Calls in here always succeed."""
        kept, self._exposed = self._exposed, []
        try:
            yield
        finally:
            self._exposed = kept

    def before(self, call: str) -> None:
        """About to be called."""
        if self._exposed and self._rng.random() < self._chance / 2:
            self._strike(f"before {call}", self._exposed[-1])

    def after(self, call: str) -> None:
        """It took effect; whether the caller learns of it is another matter."""
        if self._exposed and self._rng.random() < self._chance / 2:
            self._strike(f"after {call}", self._exposed[-1])

    def _strike(self, place: str, overtake: Callable[[], None] | None) -> None:
        self.struck += 1
        kind = self._rng.choice(("killed", "killed", "failed", "failed", "overtaken"))
        if kind == "overtaken" and overtake is not None:
            self._tell(f"! held up {place}")
            overtake()
            self._tell(f"! goes on {place}")
            return
        self._tell(f"! {kind} {place}")
        if kind == "failed":
            raise Unavailable(place, "simulated")
        raise Killed(place)


class Perilous:
    """Any port, with every call at risk and heard by whoever watches."""

    def __init__(self, port: object, peril: Peril, heard: Heard) -> None:
        self._port = port
        self._peril = peril
        self._heard = heard

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real = getattr(self._port, name)

        def call(*values: Any) -> Any:
            self._peril.before(name)
            answer = real(*values)
            self._heard(name, values, answer)
            self._peril.after(name)
            return answer

        self.__dict__[name] = call
        return call
