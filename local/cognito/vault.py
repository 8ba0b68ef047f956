"""What was given out under a secret name for a while: codes, refresh tokens, sessions of the sign-in page."""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Vault(Generic[_T]):
    """Values by names that nobody guesses. Kept in memory: gone with the process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[_T, datetime]] = {}

    def keep(self, value: _T, lasts: timedelta) -> str:
        """Keep a value; its name."""
        name = secrets.token_urlsafe(32)
        with self._lock:
            now = self._now()
            self._kept = {known: item for known, item in self._kept.items() if item[1] > now}
            self._kept[name] = (value, now + lasts)
        return name

    def find(self, name: str) -> _T | None:
        """The value, unless it is gone."""
        with self._lock:
            return self._good(self._kept.get(name))

    def take(self, name: str) -> _T | None:
        """The value, which is gone then: of several who ask at once one gets it."""
        with self._lock:
            return self._good(self._kept.pop(name, None))

    def _good(self, item: tuple[_T, datetime] | None) -> _T | None:
        return item[0] if item is not None and item[1] > self._now() else None
