"""What was used last, kept in memory: for what is expensive to make and never changes once it is made."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class Recent(Generic[K, V]):
    """At most `most` values, those asked for last; safe to use from several threads."""

    most: int = 256
    _kept: "OrderedDict[K, V]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of the key, made now if it is not kept. Two threads may make it twice; neither waits for the other.

        Raises   what `make` raises; nothing is kept then
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return made
