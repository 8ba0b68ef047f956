"""How far a switch has come, in one small file per pipeline. Holds no secret.

Written to a file beside it and renamed over it, so that a kill leaves the old one or the new one. A lock that ends with
its process keeps two switches of one pipeline apart.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from chalicelib.domain.values import UtcTime, parse_time, render_time
from penstock_migrate.errors import Unusable
from penstock_migrate.progress import Stop


class Step(Enum):
    """The steps of a switch, in order; each says what holds once it is done."""

    CREATE = "the pipeline is here, not activated"
    NOTE = "what lived at the source is written down"
    STOP = "the source creates no more instances"
    DRAIN = "what ran at the source has ended"
    PREPARE = "the definition here says where to go on"
    ACTIVATE = "the pipeline runs here"
    DRAFT = "a draft, if the source has one, is saved here too"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a switch has done, and what it must not forget."""

    source: str
    target: str = ""
    done: frozenset[Step] = frozenset()
    stop: Stop = field(default_factory=Stop)

    def after(self, step: Step) -> "Checkpoint":
        """The same with one more step done."""
        return replace(self, done=self.done | {step})


class Checkpoints:
    """A directory of them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, source: str) -> Checkpoint:
        """The last one; a fresh one for a pipeline of which there is none. Raises Unusable for a damaged file."""
        path = self._path(source)
        if not path.exists():
            return Checkpoint(source)
        try:
            return _read(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError) as error:
            raise Unusable(
                f"{path} is not a checkpoint of a switch: {error!r}; look at both sides, then remove it"
            ) from error

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep it over a power cut."""
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._path(checkpoint.source)
        beside = path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(_written(checkpoint), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    def forget(self, source: str) -> None:
        """After a roll-back."""
        self._path(source).unlink(missing_ok=True)

    @contextmanager
    def alone(self, source: str) -> Iterator[None]:
        """Keep other processes from switching the same pipeline meanwhile. Raises Unusable when one does."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._path(source).with_suffix(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unusable(f"{source} is being switched by another process") from error
            yield

    def _path(self, source: str) -> Path:
        return self._directory / f"{source}.json"


def _written(checkpoint: Checkpoint) -> dict[str, object]:
    stop = checkpoint.stop
    return {
        "source": checkpoint.source,
        "target": checkpoint.target,
        "done": [step.name for step in Step if step in checkpoint.done],
        "stoppedAt": render_time(stop.at) if stop.at is not None else None,
        "alive": sorted(stop.alive),
    }


def _read(plain: dict[str, object]) -> Checkpoint:
    done, alive, at = plain["done"], plain["alive"], plain["stoppedAt"]
    if not isinstance(done, list) or not isinstance(alive, list):
        raise TypeError("done and alive are lists")
    stop = Stop(parse_time(str(at)) if at is not None else None, frozenset(map(str, alive)))
    return Checkpoint(str(plain["source"]), str(plain["target"]), frozenset(Step[str(name)] for name in done), stop)


def whole_seconds(moment: UtcTime) -> datetime:
    """As the service writes times, for comparing with them."""
    return moment.astimezone(UTC).replace(microsecond=0)
