"""Secrets out of what a worker says: its messages, traces, logs and reported fields. Must not know who reads them.

Programs and drivers echo what they are given, as it is, as JSON or as part of an address. What has fewer than three
characters stays: masking every `a` would hide nothing, and spoil everything else.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, quote_plus

from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Address, Databases, Endpoint, Session
from chalicelib.work.outcome import Failed, FannedOut, Finished, NotSatisfied, Outcome, Unfinished
from chalicelib.work.sql.addresses import is_secret_arn

MASK = "*****"
_SHORTEST = 3
_CHUNK = 1024 * 1024


def secrets_of(task: Task) -> Iterator[str]:
    """The values of all `*` fields that the task reaches, secrets open; `*secrets` holds those inside other fields."""
    for item in task.objects.values():
        for field in item.fields:
            if field.key.startswith("*") and isinstance(field.value, str) and not is_secret_arn(field.value):
                yield field.value


class Masker:
    """Knows a task's secrets, and those that are learnt while it runs. For several threads."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[bytes] | None = None
        self._longest = 0
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Mask these, too."""
        known = self._known.union(*map(_spellings, secrets))
        if known != self._known:
            words = sorted((word.encode() for word in known), key=len, reverse=True)
            self._known, self._longest = known, len(words[0])
            self._pattern = re.compile(b"|".join(map(re.escape, words)))

    @property
    def unsure_bytes(self) -> int:
        """How much of the end of what is still being written may be part of a secret of several lines."""
        return max((len(word.encode()) for word in self._known if "\n" in word), default=0)

    def text(self, text: str) -> str:
        """The text with the mask for each secret."""
        if self._pattern is None:
            return text
        return self._pattern.sub(MASK.encode(), text.encode(errors="surrogateescape")).decode(errors="surrogateescape")

    def fields(self, fields: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Reported fields, values masked."""
        return tuple((key, self.text(value)) for key, value in fields)

    def outcome(self, outcome: Outcome) -> Outcome:
        """What is told of work, masked."""
        match outcome:
            case Finished(fields):
                return Finished(self.fields(fields))
            case Failed(error_id, message, trace):
                return Failed(error_id, self.text(message), self.text(trace))
            case NotSatisfied(message):
                return NotSatisfied(self.text(message))
            case Unfinished(progress=progress) if progress is not None:
                return replace(outcome, progress=self.fields(progress))
            case Unfinished() | FannedOut():
                return outcome

    def file(self, path: Path) -> None:
        """Mask a file in place, in bounded memory. It is rewritten only when it holds a secret."""
        if self._pattern is None:
            return
        masked = path.with_name(path.name + ".masked")
        found = False
        with path.open("rb") as source, masked.open("wb") as sink:
            for piece, is_mask in self._pieces(iter(lambda: source.read(_CHUNK), b""), self._pattern):
                sink.write(piece)
                found = found or is_mask
        if found:
            masked.replace(path)
        else:
            masked.unlink()

    def _pieces(self, chunks: Iterator[bytes], pattern: re.Pattern[bytes]) -> Iterator[tuple[bytes, bool]]:
        """The content, and which pieces of it are masks; a secret that two chunks share is seen whole."""
        rest = b""
        for chunk in chunks:
            held, at = rest + chunk, 0
            safe = max(0, len(held) - self._longest + 1)  # a match that begins before cannot go on behind the end
            for match in pattern.finditer(held):
                if match.start() >= safe:
                    break
                yield held[at : match.start()], False
                yield MASK.encode(), True
                at = match.end()
            safe = max(safe, at)
            yield held[at:safe], False
            rest = held[safe:]
        masked, count = pattern.subn(MASK.encode(), rest)
        yield masked, count > 0


@dataclass(frozen=True, slots=True)
class Overheard:
    """ports/databases.Databases whose passwords the masker learns."""

    databases: Databases
    masker: Masker

    def open(self, address: Address) -> Session:
        """See ports/databases."""
        self.masker.learn(address.password)
        return self.databases.open(address)

    def find(self, instance: str, region: str | None) -> Endpoint:
        """See ports/databases."""
        return self.databases.find(instance, region)

    def secret(self, arn: str) -> str:
        """See ports/databases."""
        password = self.databases.secret(arn)
        self.masker.learn(password)
        return password


def _spellings(secret: str) -> frozenset[str]:
    if len(secret.strip()) < _SHORTEST:
        return frozenset()
    inner = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    return frozenset({secret, secret.strip(), quote(secret, safe=""), quote_plus(secret), *inner})
