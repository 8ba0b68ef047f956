"""ports/objects over boto3. Owns S3's names and quirks; must not know what is copied or why.

Source: S3 API reference; multipart copies take bytes only, so everything else of the source is set when one begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from s3transfer.futures import TransferFuture
from s3transfer.manager import TransferManager

from chalicelib.adapters.aws.errors import call, port_error
from chalicelib.adapters.aws.quick_copy import QuickCopies
from chalicelib.ports.errors import Missing, Rejected, Unavailable
from chalicelib.ports.objects import Content, Described, Encryption, Listed, Place, Upload

_PIECE = 1024 * 1024
_TRIES = 4
BROKEN = (ResponseStreamingError, ReadTimeoutError, IncompleteReadError)
"""How botocore says that a body ended before its time."""

_HEADERS = {
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
}
_CONTENT_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "WebsiteRedirectLocation",
)


class S3Objects:
    """One client, thus one set of credentials. Safe for several threads, as boto3 clients are."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._quick = QuickCopies(client)

    def list(self, directory: Place, after: str = "") -> Iterator[Listed]:
        """See ports/objects."""
        request = {"Bucket": directory.bucket, "Prefix": directory.key}
        if after:
            request["StartAfter"] = after
        while True:
            page = call(f"list {directory}", self._client.list_objects_v2, **request)
            for item in page.get("Contents", ()):
                yield Listed(item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"])
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def describe(self, place: Place) -> Described:
        """See ports/objects."""
        found = self._head(place)
        return Described(found["ContentLength"], found["ETag"].strip('"'), found["LastModified"], _encryption(found))

    def copy(self, source: Place, etag: str, target: Place, encryption: Encryption | None) -> str:
        """See ports/objects."""
        quick = self._quick.copy(source, etag, target, _encryption_headers(encryption))
        if quick is not None:
            return quick
        reply = call(
            f"copy {source} to {target}",
            self._client.copy_object,
            CopySource=_source(source),
            CopySourceIfMatch=etag,
            Bucket=target.bucket,
            Key=target.key,
            **_encrypted(encryption),
        )
        return str(reply["CopyObjectResult"]["ETag"]).strip('"')

    def part_size(self, place: Place) -> int:
        """See ports/objects."""
        return int(self._head(place, PartNumber=1)["ContentLength"])

    def begin_parts(self, source: Place, target: Place, encryption: Encryption | None) -> Upload:
        """See ports/objects."""
        found = self._head(source)
        tags = call(f"read tags of {source}", self._client.get_object_tagging, Bucket=source.bucket, Key=source.key)[
            "TagSet"
        ]
        request = {name: found[name] for name in _CONTENT_HEADERS if name in found}
        if "ExpiresString" in found:
            request["Expires"] = found["ExpiresString"]
        if tags:
            request["Tagging"] = urlencode({tag["Key"]: tag["Value"] for tag in tags})
        reply = call(
            f"begin {target}",
            self._client.create_multipart_upload,
            Bucket=target.bucket,
            Key=target.key,
            Metadata=found.get("Metadata", {}),
            **request,
            **_encrypted(encryption or _kept(_encryption(found))),
        )
        return Upload(target, reply["UploadId"])

    def copy_part(self, upload: Upload, source: Place, etag: str, number: int, span: tuple[int, int]) -> str:
        """See ports/objects."""
        reply = call(
            f"copy part {number} of {source} to {upload.target}",
            self._client.upload_part_copy,
            CopySource=_source(source),
            CopySourceIfMatch=etag,
            CopySourceRange=f"bytes={span[0]}-{span[1]}",
            PartNumber=number,
            **_named(upload),
        )
        return str(reply["CopyPartResult"]["ETag"])

    def parts(self, upload: Upload) -> Mapping[int, str]:
        """See ports/objects."""
        found: dict[int, str] = {}
        request: dict[str, Any] = {**_named(upload)}
        while True:
            page = call(f"list parts of {upload.target}", self._client.list_parts, **request)
            found |= {part["PartNumber"]: part["ETag"] for part in page.get("Parts", ())}
            if not page.get("IsTruncated"):
                return found
            request["PartNumberMarker"] = page["NextPartNumberMarker"]

    def begin(self, target: Place, encryption: Encryption | None) -> Upload:
        """See ports/objects."""
        more = _encrypted(encryption)
        reply = call(
            f"begin {target}", self._client.create_multipart_upload, Bucket=target.bucket, Key=target.key, **more
        )
        return Upload(target, reply["UploadId"])

    def put_part(self, upload: Upload, number: int, content: Content) -> str:
        """See ports/objects."""
        what = f"store part {number} of {upload.target}"
        reply = call(what, self._client.upload_part, PartNumber=number, Body=content, **_named(upload))
        return str(reply["ETag"])

    def end_parts(self, upload: Upload, etags: Sequence[str]) -> str:
        """See ports/objects."""
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
        reply = call(
            f"end {upload.target}",
            self._client.complete_multipart_upload,
            MultipartUpload={"Parts": parts},
            **_named(upload),
        )
        return str(reply["ETag"]).strip('"')

    def drop_parts(self, upload: Upload) -> None:
        """See ports/objects."""
        try:
            call(f"drop {upload.target}", self._client.abort_multipart_upload, **_named(upload))
        except Missing:
            return

    def read(self, place: Place) -> bytes:
        """See ports/objects."""
        reply = call(f"read {place}", self._client.get_object, Bucket=place.bucket, Key=place.key)
        return bytes(reply["Body"].read())

    def stream(self, place: Place, etag: str, first: int = 0) -> Iterator[bytes]:
        """See ports/objects."""
        at, failures = first, 0
        while True:
            try:
                for piece in self._pieces(place, etag, at):
                    yield piece
                    at, failures = at + len(piece), 0
            except BROKEN as error:
                failures += 1
                if failures == _TRIES:
                    raise Unavailable(f"read {place}", f"the connection broke at byte {at}: {error}") from error
                continue
            return

    def span(self, place: Place, first: int, last: int) -> bytes:
        """See ports/objects."""
        request = {"Bucket": place.bucket, "Key": place.key, "Range": f"bytes={first}-{last}"}
        try:
            reply = call(f"read {place}", self._client.get_object, **request)
        except Rejected as error:
            if "InvalidRange" in error.reason:
                return b""
            raise
        return bytes(reply["Body"].read())

    def write(self, place: Place, content: Content, encryption: Encryption | None = None) -> None:
        """See ports/objects."""
        more = _encrypted(encryption)
        call(f"write {place}", self._client.put_object, Bucket=place.bucket, Key=place.key, Body=content, **more)

    def delete(self, place: Place) -> None:
        """See ports/objects."""
        call(f"delete {place}", self._client.delete_object, Bucket=place.bucket, Key=place.key)

    def download(self, place: Place, path: Path) -> None:
        """See ports/objects."""
        with TransferManager(self._client) as manager:
            _wait(f"download {place}", manager.download(place.bucket, place.key, str(path)))

    def upload(self, path: Path, place: Place, encryption: Encryption | None = None) -> None:
        """See ports/objects."""
        with TransferManager(self._client) as manager:
            future = manager.upload(str(path), place.bucket, place.key, extra_args=_encrypted(encryption))
            _wait(f"upload {place}", future)

    def _pieces(self, place: Place, etag: str, first: int) -> Iterator[bytes]:
        """From one GET. A range behind the end, as of an empty object, is answered with an error: no bytes are left."""
        request = {"Bucket": place.bucket, "Key": place.key, "IfMatch": f'"{etag}"'}
        if first:
            request["Range"] = f"bytes={first}-"
        try:
            reply = call(f"read {place}", self._client.get_object, **request)
        except Rejected as error:
            if first and "InvalidRange" in error.reason:
                return
            raise
        yield from reply["Body"].iter_chunks(_PIECE)

    def _head(self, place: Place, **conditions: Any) -> dict[str, Any]:
        found: dict[str, Any] = call(
            f"describe {place}", self._client.head_object, Bucket=place.bucket, Key=place.key, **conditions
        )
        return found


def _wait(operation: str, future: "TransferFuture") -> None:
    try:
        future.result()
    except (ClientError, BotoCoreError) as error:
        raise port_error(operation, error) from error


def _source(place: Place) -> dict[str, str]:
    return {"Bucket": place.bucket, "Key": place.key}


def _named(upload: Upload) -> dict[str, str]:
    return {"Bucket": upload.target.bucket, "Key": upload.target.key, "UploadId": upload.id}


def _encryption(found: dict[str, Any]) -> Encryption | None:
    algorithm = found.get("ServerSideEncryption")
    return Encryption(algorithm, found.get("SSEKMSKeyId")) if algorithm else None


def _kept(found: Encryption | None) -> Encryption | None:
    return found if found is not None and found.algorithm != "AES256" else None


def _encryption_headers(encryption: Encryption | None) -> dict[str, str]:
    return {_HEADERS[name]: value for name, value in _encrypted(encryption).items()}


def _encrypted(encryption: Encryption | None) -> dict[str, str]:
    if encryption is None:
        return {}
    key = {} if encryption.key is None else {"SSEKMSKeyId": encryption.key}
    return {"ServerSideEncryption": encryption.algorithm, **key}
