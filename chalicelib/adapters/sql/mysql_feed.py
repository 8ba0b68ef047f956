"""Content as the local file that LOAD DATA LOCAL asks for. Must not know what it holds."""

import os
import threading
from collections.abc import Iterable


class Feed:
    """A pipe that LOAD DATA LOCAL reads as a file, filled by a thread.

    The error that stopped the filling is raised at the end: to the server a broken feed looks like the file's end.
    """

    def __init__(self, content: Iterable[bytes]) -> None:
        self._content = content
        self._source, self._sink = os.pipe()
        self._thread = threading.Thread(target=self._fill, daemon=True)
        self._error: BaseException | None = None
        self.path = f"/dev/fd/{self._source}"

    def __enter__(self) -> "Feed":
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        os.close(self._source)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _fill(self) -> None:
        try:
            self._pour()
        except BrokenPipeError:
            return  # the reader stopped early, and says why
        except Exception as error:  # noqa: BLE001  # carried to the thread that asked for the load
            self._error = error

    def _pour(self) -> None:
        with open(self._sink, "wb", buffering=0) as sink:
            for block in self._content:
                waiting = memoryview(block)
                while waiting:
                    waiting = waiting[sink.write(waiting) :]
