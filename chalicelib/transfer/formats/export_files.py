"""The files of an export in a folder: their names, and the manifest that lists them. Pure.

The EMR tools name files by random UUIDs. Ours look the same and tell where they belong, so that work that is repeated
writes the same files again, and work that was cut off finds out how far it came.
Source: awslabs/emr-dynamodb-connector, the manifest's record writer and the import's input format
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.transfer.formats.faults import BadFile

MANIFEST = "manifest"
MOST_SEGMENTS = 0xFFFF
_VERSION = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a segment. `number` counts from 0, `items` are those of the segment up to the file's end."""

    segment: int
    number: int
    items: int


@dataclass(frozen=True, slots=True)
class PartNames:
    """Names of one execution's files: `<owner>-<run>-<segment>-<number, items>`, all in hexadecimal digits.

    owner   eight digits, the same for every attempt of one export
    run     eight digits, another for each attempt and each way to cut the table
    """

    owner: str
    run: str

    @classmethod
    def of(cls, owner: Sequence[str], run: Sequence[str]) -> "PartNames":
        """The names for an export and an execution of it, each told by some texts."""
        return cls(_digits(owner), _digits(run))

    @property
    def prefix(self) -> str:
        """How every file of the execution begins."""
        return f"{self.owner}-{self.run[:4]}-{self.run[4:]}-"

    def segment_prefix(self, segment: int) -> str:
        """How every file of a segment begins."""
        return f"{self.prefix}{segment:04x}-"

    def name(self, part: Part) -> str:
        """The file's name. In order of names the parts of a segment are in order of their numbers."""
        return f"{self.segment_prefix(part.segment)}{part.number:04x}{part.items:08x}"

    def part(self, name: str) -> Part:
        """The part that has the name."""
        segment, _, last = name.removeprefix(self.prefix).partition("-")
        return Part(int(segment, 16), int(last[:4], 16), int(last[4:], 16))


def _digits(texts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest()[:8]


def encode_manifest(addresses: Sequence[str]) -> bytes:
    """The manifest of these files, byte for byte as the tools write it."""
    entries = ",\n".join(_compact({"url": address, "mandatory": True}) for address in addresses)
    return f'{{"name":"DynamoDB-export","version":{_VERSION},\n"entries": [\n{entries}\n]}}'.encode()


def decode_manifest(content: bytes, file: str) -> tuple[str, ...]:
    """The addresses of the files that a manifest lists, in order.

    Raises   BadFile when it is no manifest, or one of another version
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadFile(file, f"the manifest is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadFile(file, "the manifest is no JSON object")
    if found.get("version") != _VERSION:
        raise BadFile(file, f"the manifest's version is {found.get('version')}, {_VERSION} was expected")
    entries = found.get("entries", [])
    addresses = [entry.get("url") if isinstance(entry, dict) else None for entry in entries]
    if not all(isinstance(address, str) for address in addresses):
        raise BadFile(file, "the manifest has an entry without url")
    return tuple(map(str, addresses))


def _compact(entry: object) -> str:
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)
