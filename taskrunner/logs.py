"""The runner's own log: a file an hour, packed after eight, pushed to S3 when its hour is over and at the end.

Source: developer guide, "Task Runner": `output/logs/Task Runner.log.YYYY-MM-DD-HH`, UTC.
"""

import gzip
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import PortError
from chalicelib.ports.objects import Objects, Place

_STEM = "Task Runner.log."
_HOUR = "%Y-%m-%d-%H"
_PACK_AFTER = timedelta(hours=8)
_LOG = logging.getLogger(__name__)


class HourlyLog(logging.Handler):
    """Writes each record to the file of its hour."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def emit(self, record: logging.LogRecord) -> None:
        """Append the record; opening the file each time makes the change of the hour no event at all."""
        hour = datetime.fromtimestamp(record.created, UTC)
        with (self._folder / file_name(hour)).open("a") as file:
            file.write(self.format(record) + "\n")


class LogKeeper:
    """Packs and pushes the files of a folder.

    place  S3 directory of this runner; None keeps logs on this machine
    """

    def __init__(self, folder: Path, objects: Objects, place: Place | None, now: Callable[[], UtcTime]) -> None:
        self._folder = folder
        self._objects = objects
        self._place = place
        self._now = now
        self._pushed: set[str] = set()

    def tidy(self) -> None:
        """Push the files of hours that are over, then pack those of eight hours ago."""
        current = file_name(self._now())
        for path in self._files():
            if path.name != current and path.name not in self._pushed:
                self._push(path)
        for path in self._files():
            if _hour_of(path) < self._now() - _PACK_AFTER:
                _pack(path)

    def close(self) -> None:
        """Push everything that was not, the current hour's file too."""
        for path in self._files():
            if path.name not in self._pushed:
                self._push(path)

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.glob(f"{_STEM}*") if path.suffix != ".gz")

    def _push(self, path: Path) -> None:
        if self._place is None:
            return
        try:
            self._objects.upload(path, self._place.child(path.name))
        except PortError as error:
            _LOG.warning("%s stays on this machine for now: %s", path.name, error)
        else:
            self._pushed.add(path.name)


def file_name(moment: UtcTime) -> str:
    """The name of the log file of an hour."""
    return _STEM + moment.strftime(_HOUR)


def _hour_of(path: Path) -> UtcTime:
    return datetime.strptime(path.name.removeprefix(_STEM), _HOUR).replace(tzinfo=UTC)


def _pack(path: Path) -> None:
    with path.open("rb") as plain, gzip.open(f"{path}.gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    path.unlink()
