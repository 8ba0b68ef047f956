"""What EventBridge does with schedule rules: invoke each scheduled function at its rate, soon after the start too."""

import logging
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.invoke import Context

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 0.25
RARE_AT_FIRST = timedelta(minutes=1)
"""What runs less often than each minute first runs after this: a sweep of an AWS that was just made only delays it."""
PATIENCE_SECONDS = 3.0
"""How long the end waits for a function that runs; one that is dropped goes on where it stopped, as everywhere."""
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_UNIT = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
Handler = Callable[[dict[str, Any], Context], Any]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A scheduled function."""

    name: str
    handler: Handler
    every: timedelta


def rate(expression: str) -> timedelta:
    """The period of `rate(…)`; raise ValueError for anything else (cron rules are not imitated)."""
    found = _RATE.fullmatch(expression)
    if not found:
        raise ValueError(f"schedule expression not imitated: {expression}")
    return int(found.group(1)) * _UNIT[found.group(2)]


def first_pause(every: timedelta) -> timedelta:
    """How long after the start a function is first invoked."""
    return timedelta(0) if every <= RARE_AT_FIRST else RARE_AT_FIRST


def schedule_event(now: datetime, name: str) -> dict[str, Any]:
    """The event that a schedule rule sends."""
    return {
        "version": "0",
        "id": f"{name}-{now.timestamp():.6f}",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [f"arn:aws:events:us-east-1:123456789012:rule/{name}"],
        "detail": {},
    }


class Ticker:
    """Fires the scheduled functions."""

    def __init__(self, functions: Sequence[Scheduled]) -> None:
        self._functions = functions
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticks", daemon=True)

    def start(self) -> None:
        """Fire until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Fire no more; a function that runs is given a moment to end."""
        self._stopping.set()
        self._thread.join(PATIENCE_SECONDS)

    def _run(self) -> None:
        began = datetime.now(UTC)
        due = {each.name: began + first_pause(each.every) for each in self._functions}
        while not self._stopping.wait(LOOK_SECONDS):
            now = datetime.now(UTC)
            for function in self._functions:
                if now >= due[function.name] and not self._stopping.is_set():
                    due[function.name] = now + function.every
                    self._fire(function, now)

    def _fire(self, function: Scheduled, now: datetime) -> None:
        try:
            function.handler(schedule_event(now, function.name), Context(function.name))
        except Exception:
            LOG.exception("function failed name=%s", function.name)
