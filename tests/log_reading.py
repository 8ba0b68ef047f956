"""What the application logs, as the lines that a function writes."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.adapters.log_lines import JsonLines

STAGE = "test"


class Heard:
    """Everything logged since it was made."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """As written."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """As read."""
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of one event."""
        return [line for line in self.lines if line["event"] == event]


@contextmanager
def listening() -> Iterator[Heard]:
    """Hear what is logged inside, from INFO upwards."""
    heard, root = Heard(), logging.getLogger()
    lines = logging.StreamHandler(heard.stream)
    lines.setFormatter(JsonLines(STAGE))
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.INFO)
    try:
        yield heard
    finally:
        root.setLevel(level)
        root.removeHandler(lines)
