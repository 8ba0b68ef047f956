"""Lines about attempts, put where deployed functions' lines are: into CloudWatch Logs, here the embedded one.

Only lines that name an attempt, since only those are read from there; all of them are in the log of the run as well.
They are sent by a thread of its own, some at a time; when the embedded AWS does not take them, they are dropped.
"""

import logging
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.log_lines import JsonLines
from chalicelib.ports import trail

_EVERY_SECONDS = 0.5
_AT_ONCE = 1000
_STREAM = "embedded"


class FunctionLogs(logging.Handler):
    """Sends records to one log group; `start` adds it to the process's logging, `stop` takes it off."""

    def __init__(self, client: Any, group: str, stage: str) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(JsonLines(stage))
        self._client = client
        self._group = group
        self._lines: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._ended = Event()
        self._thread = Thread(target=self._send_until_ended, name="function logs", daemon=True)

    def start(self) -> None:
        """Send from now on; the group is one of the stage's foundation."""
        self._client.create_log_stream(logGroupName=self._group, logStreamName=_STREAM)
        self._thread.start()
        logging.getLogger().addHandler(self)

    def stop(self) -> None:
        """Send no more."""
        logging.getLogger().removeHandler(self)
        self._ended.set()
        self._thread.join()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record in, if it is about an attempt."""
        if "attempt" in trail.current().ids or hasattr(record, "attempt"):
            self._lines.put({"timestamp": int(record.created * 1000), "message": self.format(record)})

    def _send_until_ended(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            taken = self._taken()
            if taken:
                self._send(taken)

    def _taken(self) -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = []
        while len(taken) < _AT_ONCE:
            try:
                taken.append(self._lines.get_nowait())
            except Empty:
                break
        return sorted(taken, key=lambda line: int(line["timestamp"]))

    def _send(self, lines: list[dict[str, Any]]) -> None:
        try:
            self._client.put_log_events(logGroupName=self._group, logStreamName=_STREAM, logEvents=lines)
        except (BotoCoreError, ClientError):
            return  # they are in the run's own log
