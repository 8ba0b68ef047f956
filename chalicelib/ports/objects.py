"""Objects in buckets, in the vocabulary of bytes and keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Rejected

_SCHEMES = ("s3://", "s3n://", "s3a://")


Content = bytes | bytearray


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A key of a bucket; with an empty key, or one that ends in `/`, a directory."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def child(self, name: str) -> "Place":
        """The key `name` under this directory."""
        return Place(self.bucket, self.key + name)


def is_place(uri: str) -> bool:
    """Whether the text is an S3 URI at all."""
    return uri.startswith(_SCHEMES)


def parse_place(uri: str) -> Place:
    """Read `s3://bucket/key`. Nothing is decoded: `%20` and `+` in it are those very characters of the key.

    Raises   Rejected for anything else
    """
    scheme, mark, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if not mark or f"{scheme}://" not in _SCHEMES or not bucket:
        raise Rejected("read S3 URI", f"'{uri}' given, s3://bucket/key expected")
    return Place(bucket, key)


def parse_directory(uri: str) -> Place:
    """Read a directory: `s3://b/d` and `s3://b/d/` are the same, `s3://b` and `s3://b/` the whole bucket."""
    place = parse_place(uri)
    return place if not place.key or place.key.endswith("/") else Place(place.bucket, place.key + "/")


@dataclass(frozen=True, slots=True)
class Encryption:
    """Server-side encryption.

    algorithm  AES256, aws:kms or aws:kms:dsse
    key        KMS key id or ARN; None is the account's default key
    """

    algorithm: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of a listing. `etag` has no quotes; `size` is in bytes."""

    key: str
    size: int
    etag: str
    modified: UtcTime


@dataclass(frozen=True, slots=True)
class Described:
    """What one request tells of one object. `encryption` is None when the storage names none."""

    size: int
    etag: str
    modified: UtcTime
    encryption: Encryption | None


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that was begun and is not yet an object."""

    target: Place
    id: str


class Objects(Protocol):
    """Every method raises Missing, Denied, Rejected, Throttled or Unavailable; copies also Conflict.

    Methods may be called from several threads.
    """

    def list(self, directory: Place, after: str = "") -> Iterator[Listed]:
        """Every object whose key starts with `directory.key`, in order of their UTF-8 bytes; one request per 1,000.

        after   only keys that sort behind this one
        """

    def describe(self, place: Place) -> Described:
        """One object; Missing when there is none."""

    def copy(self, source: Place, etag: str, target: Place, encryption: Encryption | None) -> str:
        """Copy up to 5 GB inside the storage, with metadata, content headers and tags; returns the new ETag.

        etag         the source's: Conflict when it has changed
        encryption   None is the target bucket's default
        """

    def part_size(self, place: Place) -> int:
        """Size of the first part that the object was uploaded in; its whole size when in one."""

    def begin_parts(self, source: Place, target: Place, encryption: Encryption | None) -> Upload:
        """Begin an upload that will have the source's metadata, content headers, tags, and KMS key unless one is given.

        Whoever begins one must end it or drop it: unfinished parts are stored, and paid for, until then.
        """

    def copy_part(self, upload: Upload, source: Place, etag: str, number: int, span: tuple[int, int]) -> str:
        """Copy bytes `span` (first and last, both included) as part `number` (from 1) and return the part's ETag.

        Raises   Conflict when the source's ETag is not `etag`
        """

    def parts(self, upload: Upload) -> Mapping[int, str]:
        """The ETags of the parts that are there, by number; Missing when the upload is gone."""

    def begin(self, target: Place, encryption: Encryption | None) -> Upload:
        """Begin an upload of bytes; the same duty as `begin_parts`."""

    def put_part(self, upload: Upload, number: int, content: Content) -> str:
        """Store part `number` (from 1), at least 5 MiB unless it is the last, and return its ETag."""

    def end_parts(self, upload: Upload, etags: Sequence[str]) -> str:
        """Make the object of its parts, in order, and return its ETag."""

    def drop_parts(self, upload: Upload) -> None:
        """Forget the upload and its parts; no error when it is gone."""

    def read(self, place: Place) -> bytes:
        """The whole of a small object."""

    def stream(self, place: Place, etag: str, first: int = 0) -> Iterator[bytes]:
        """An object's bytes from offset `first` on, in pieces; a connection that breaks is taken up again.

        Raises   Conflict when the object's ETag is not `etag`
        """

    def span(self, place: Place, first: int, last: int) -> bytes:
        """Bytes `first` to `last`, both included, by one request; fewer at the object's end, none behind it."""

    def write(self, place: Place, content: Content, encryption: Encryption | None = None) -> None:
        """Store a small object, replacing any."""

    def delete(self, place: Place) -> None:
        """Remove an object; no error when there is none."""

    def download(self, place: Place, path: Path) -> None:
        """Write the object to a new local file, in bounded memory."""

    def upload(self, path: Path, place: Place, encryption: Encryption | None = None) -> None:
        """Store a local file of any size, in bounded memory."""
