"""The attempt's log under `pipelineLogUri`, in the service's layout. Must not know what is being logged.

Source: developer guide, "Viewing pipeline logs": `<uri>/<pipelineId>/<component>/<instanceId>/<attemptId>/`.
"""

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Lock

from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, PipelineId, UtcTime, render_time
from chalicelib.ports.errors import PortError
from chalicelib.ports.objects import Objects, Place, parse_directory

_MOST_LINES = 10_000
_SOONEST = timedelta(seconds=2)
_PART = 20
FILE_NAME = "Activity.log"
LOG_FIELD = "pipelineLogUri"
"""The field that says where logs go."""


def log_folder(task: Task) -> Place | None:
    """Where the attempt's logs belong; None when its object names no `pipelineLogUri`.

    Raises   Rejected when that is no S3 URI
    """
    uri = task.subject.text(LOG_FIELD)
    if uri is None:
        return None
    return attempt_folder(uri, task.pipeline, task.attempt)


def attempt_folder(uri: str, pipeline: PipelineId, attempt: AttemptId) -> Place:
    """An attempt's folder under a `pipelineLogUri`. Raises Rejected when that is no S3 URI."""
    instance, _ = split_attempt_id(attempt) or (attempt, 1)
    component = instance.removeprefix("@").rpartition("_")[0] or instance
    return parse_directory(uri).child(f"{pipeline}/{component}/{instance}/{attempt}/")


class Journal:
    """Lines now, an object at the end, and meanwhile what there is so far; nothing at all without a folder.

    What is written before the end is for people who watch. S3 cannot append, so it is written whole each time, at most
    every two seconds at first and then ever more rarely, as long as it has lasted, by a twentieth: an hour's work makes
    about a hundred requests. When one fails, nothing more is shown until the end, which tells why.
    """

    def __init__(
        self,
        objects: Objects,
        folder: Place | None,
        now: Callable[[], UtcTime],
        masked: Callable[[str], str] = str,
    ) -> None:
        self._objects = objects
        self._now = now
        self._masked = masked
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._refusal: PortError | None = None
        self._pace = Pace(now)
        self._writing = Lock()
        self.folder = folder

    def now(self) -> UtcTime:
        """The time, as the log has it."""
        return self._now()

    def say(self, text: str) -> None:
        """Add a line. Only the last 10,000 are kept, so that a log can never fill the memory."""
        self._lines.append(f"{render_time(self._now())} {self._masked(text)}\n")
        if self.folder is not None and self._writing.acquire(blocking=False):
            try:
                self._show()
            finally:
                self._writing.release()

    def _show(self) -> None:
        if not self._pace.is_due():
            return
        try:
            self._write()
        except PortError:
            self._pace.stop()

    def keep(self, path: Path, name: str) -> None:
        """Put a local file beside the log. That it cannot be done is told by `close`, when the work itself is over."""
        if self.folder is None:
            return
        try:
            self._objects.upload(path, self.folder.child(name))
        except PortError as error:
            self._refusal = error

    def show(self, path: Path, name: str) -> bool:
        """Put a file that still grows beside the log, as it is now; whether that could be done."""
        if self.folder is None:
            return False
        try:
            self._objects.upload(path, self.folder.child(name))
        except PortError:
            return False
        return True

    def close(self) -> None:
        """Write the log. Raises what storage raises: the work it tells of is done all the same."""
        if self._refusal is not None:
            raise self._refusal
        if self.folder is not None:
            with self._writing:
                self._write()

    def _write(self) -> None:
        if self.folder is not None:
            self._objects.write(self.folder.child(FILE_NAME), "".join(tuple(self._lines)).encode())


class Pace:
    """When what grows is to be shown again: soon at first, and the longer it has lasted, the more rarely."""

    def __init__(self, now: Callable[[], UtcTime]) -> None:
        self._now = now
        self._began = self._shown = now()
        self._stopped = False

    def is_due(self) -> bool:
        """Whether it is time; if so, the next time is counted from now."""
        now = self._now()
        if self._stopped or now - self._shown < max(_SOONEST, (now - self._began) / _PART):
            return False
        self._shown = now
        return True

    def stop(self) -> None:
        """Show nothing any more."""
        self._stopped = True
