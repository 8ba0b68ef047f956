"""The attempt's log under `pipelineLogUri`, in the service's layout. Must not know what is being logged.

Source: developer guide, "Viewing pipeline logs": `<uri>/<pipelineId>/<component>/<instanceId>/<attemptId>/`.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path

from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, PipelineId, UtcTime, render_time
from chalicelib.ports.errors import PortError
from chalicelib.ports.objects import Objects, Place, parse_directory

_MOST_LINES = 10_000
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
    """Lines now, one object at the end; nothing at all without a folder."""

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
        self.folder = folder

    def now(self) -> UtcTime:
        """The time, as the log has it."""
        return self._now()

    def say(self, text: str) -> None:
        """Add a line. Only the last 10,000 are kept, so that a log can never fill the memory."""
        self._lines.append(f"{render_time(self._now())} {self._masked(text)}\n")

    def keep(self, path: Path, name: str) -> None:
        """Put a local file beside the log. That it cannot be done is told by `close`, when the work itself is over."""
        if self.folder is None:
            return
        try:
            self._objects.upload(path, self.folder.child(name))
        except PortError as error:
            self._refusal = error

    def close(self) -> None:
        """Write the log. Raises what storage raises: the work it tells of is done all the same."""
        if self._refusal is not None:
            raise self._refusal
        if self.folder is not None:
            self._objects.write(self.folder.child(FILE_NAME), "".join(self._lines).encode())
