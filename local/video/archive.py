"""One stream and the fragments that were put into it. Must not know requests, nor what is in a fragment.

Media lies in files, since hours of it would not fit into memory; what is known of it is in memory, as streams are.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.ports.video import Timestamps

_NUMBER_BASE = 9 * 10**46


@dataclass(frozen=True, slots=True)
class Kept:
    """A fragment. Times are milliseconds since 1970."""

    number: str
    producer_ms: float
    server_ms: float
    length_ms: float
    size: int
    tags: Mapping[str, str]
    file: Path

    def at(self, by: Timestamps) -> float:
        """When it begins, by one of the clocks."""
        return self.producer_ms if by is Timestamps.PRODUCER else self.server_ms

    def content(self) -> bytes:
        """Its Matroska file, without tags."""
        return self.file.read_bytes()


@dataclass(slots=True)
class Archive:
    """A stream.

    info           as DescribeStream shows it
    notification   NotificationConfiguration, images: ImageGenerationConfiguration; None when there is none
    """

    info: dict[str, Any]
    directory: Path
    notification: dict[str, Any] | None = None
    images: dict[str, Any] | None = None
    kept: list[Kept] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.info["StreamName"])

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.info["StreamARN"])

    def put(self, content: bytes, times: tuple[float, float, float], tags: Mapping[str, str]) -> Kept:
        """Keep a fragment.

        times  producer's and server's, and length, in milliseconds
        """
        producer, server, length = times
        with self.arrived:
            last = int(self.kept[-1].number) if self.kept else 0
            number = str(max(_NUMBER_BASE + int(server) * 10**6, last + 1))
            file = self.directory / f"{number}.mkv"
            file.write_bytes(content)
            self.kept.append(Kept(number, producer, server, length, len(content), tags, file))
            self.arrived.notify_all()
            return self.kept[-1]

    def between(self, first_ms: float, end_ms: float, by: Timestamps) -> Sequence[Kept]:
        """Fragments that begin in a range, both ends included, in the order they came."""
        return [item for item in self.held() if first_ms <= item.at(by) <= end_ms]

    def held(self) -> Sequence[Kept]:
        """All fragments, in the order they came."""
        with self.arrived:
            return tuple(self.kept)

    def after(self, number: int, patience: float) -> Kept | None:
        """The next fragment behind `number`; None when none has come in `patience` seconds."""
        with self.arrived:
            self.arrived.wait_for(lambda: bool(self.kept) and int(self.kept[-1].number) > number, patience)
            return next((item for item in self.kept if int(item.number) > number), None)
