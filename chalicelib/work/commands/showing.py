"""What a command has said so far, beside its log while it runs. Must not know what is run.

Only whole lines are shown, with secrets masked: a secret that was written in part could not be known as one. Of much
output the beginning is shown until the command ends: a program that says megabytes is no matter for watching.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from chalicelib.work.journal import Pace
from chalicelib.work.tools import Tools

MOST_BYTES = 1024 * 1024
_PIECE = 64 * 1024


class Showing:
    """Shows files that grow; `named` gives their names beside the log."""

    def __init__(self, named: Sequence[tuple[Path, str]], tools: Tools) -> None:
        self._named = named
        self._tools = tools
        self._pace = Pace(tools.journal.now)
        self._shown: dict[str, int] = {}

    def watched(self) -> Callable[[], bool]:
        """`tools.cancelled` that, when it is asked, shows what there is if it is time."""

        def cancelled() -> bool:
            if self._pace.is_due():
                self._show()
            return self._tools.cancelled()

        return cancelled

    def _show(self) -> None:
        for path, name in self._named:
            size = min(path.stat().st_size, MOST_BYTES) if path.exists() else 0
            if size > self._shown.get(name, 0) and not self._put(path, name, size):
                self._pace.stop()
                return

    def _put(self, path: Path, name: str, size: int) -> bool:
        copy = path.with_name(f"{path.name}.shown")
        length = _copied(path, copy, max(0, size - self._tools.masker.unsure_bytes))
        self._shown[name] = size
        if not length:
            return True
        self._tools.masker.file(copy)
        done = self._tools.journal.show(copy, name)
        copy.unlink()
        return done


def _copied(path: Path, copy: Path, size: int) -> int:
    """Copy the first `size` bytes as far as they are whole lines; how many bytes those are."""
    with path.open("rb") as source, copy.open("wb") as sink:
        left = size
        while left and (piece := source.read(min(left, _PIECE))):
            sink.write(piece)
            left -= len(piece)
    length = _whole_lines(copy)
    with copy.open("r+b") as sink:
        sink.truncate(length)
    return length


def _whole_lines(path: Path) -> int:
    with path.open("rb") as content:
        end = content.seek(0, 2)
        while end > 0:
            start = max(0, end - _PIECE)
            content.seek(start)
            place = content.read(end - start).rfind(b"\n")
            if place >= 0:
                return start + place + 1
            end = start
    return 0
