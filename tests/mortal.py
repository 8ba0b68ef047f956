"""A process that can be killed at every call it makes."""

from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A port whose process is killed at its n-th writing call, before or after the call is carried out."""

    def __init__(self, port: object, life: "Life") -> None:
        self._port = port
        self._life = life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._life.risking(found) if callable(found) else found


class Life:
    """Calls until the end; none when it is never."""

    def __init__(self, calls: int | None, *, after: bool) -> None:
        self.left = calls
        self.after = after

    def risking(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            if self.left is None:
                return act(*given, **named)
            self.left -= 1
            if self.left < 0 and not self.after:
                self.left = None
                raise Killed
            answer = act(*given, **named)
            if self.left is not None and self.left < 0:
                self.left = None
                raise Killed
            return answer

        return called
