"""Exports of tables to S3 in DynamoDB's own format. Must not know how they are asked for.

Source: Amazon DynamoDB developer guide, "DynamoDB table export output format"
"""

import gzip
import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from local.tables.recorder import Image, Net

FILE_ITEMS = 1000
"""Items of a data file: few, so that exports here have several."""

Client = Callable[[str], Any]


@dataclass(slots=True)
class Export:
    """One export. `lines` are taken when it is asked for; the files are written afterwards."""

    arn: str
    table: str
    request: dict[str, Any]
    lines: Sequence[Image]
    times: dict[str, str]
    started: float
    status: str = "IN_PROGRESS"
    failure: tuple[str, str] | None = None
    billed: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def manifest(self) -> str:
        """Key of the file that tells of the export."""
        return f"{self.folder}manifest-summary.json"

    @property
    def folder(self) -> str:
        """Key prefix of the export's own files."""
        return f"{self.root}{self.arn.rpartition('/')[2]}/"

    @property
    def root(self) -> str:
        """Key prefix of all exports with the same S3Prefix."""
        prefix = str(self.request.get("S3Prefix") or "").rstrip("/")
        return f"{prefix}/AWSDynamoDB/" if prefix else "AWSDynamoDB/"

    @property
    def is_incremental(self) -> bool:
        """Whether it holds changes, not items."""
        return self.request.get("ExportType") == "INCREMENTAL_EXPORT"


def full_line(image: Image) -> Image:
    """A line of a full export."""
    return {"Item": image}


def change_line(net: Net, view: str) -> Image:
    """A line of an incremental export."""
    line: Image = {"Metadata": {"WriteTimestampMicros": {"N": str(int(net.at * 1_000_000))}}, "Keys": net.key}
    if net.new is not None:
        line["NewImage"] = net.new
    if net.old is not None and view == "NEW_AND_OLD_IMAGES":
        line["OldImage"] = net.old
    return line


def carry_out(export: Export, client: Client) -> None:
    """Write the export's files, its manifests last, and note what came of it."""
    try:
        _write(export, client("s3"))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        export.failure = ("S3NoSuchBucket" if code == "NoSuchBucket" else code, str(error))
        export.status = "FAILED"
    else:
        export.status = "COMPLETED"
    export.done.set()


def _write(export: Export, s3: Any) -> None:
    data = export.root + "data/" if export.is_incremental else export.folder + "data/"
    files = []
    for first in range(0, max(len(export.lines), 1), FILE_ITEMS):
        lines = export.lines[first : first + FILE_ITEMS]
        plain = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
        export.billed += len(plain)
        key, content = f"{data}{uuid.uuid4().hex[:26]}.json.gz", gzip.compress(plain, mtime=0)
        etag = _put(export, s3, key, content)
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        files.append({"itemCount": len(lines), "md5Checksum": digest, "etag": etag, "dataFileS3Key": key})
    _put(export, s3, f"{export.folder}_started", b"")
    listing = "".join(json.dumps(each) + "\n" for each in files).encode()
    _put(export, s3, f"{export.folder}manifest-files.json", listing)
    _put(export, s3, export.manifest, json.dumps(_summary(export)).encode())


def _put(export: Export, s3: Any, key: str, content: bytes) -> str:
    algorithm = export.request.get("S3SseAlgorithm")
    sealed = {"ServerSideEncryption": "aws:kms" if algorithm == "KMS" else algorithm} if algorithm else {}
    if "S3SseKmsKeyId" in export.request:
        sealed["SSEKMSKeyId"] = export.request["S3SseKmsKeyId"]
    found = s3.put_object(Bucket=export.request["S3Bucket"], Key=key, Body=content, **sealed)
    return str(found["ETag"]).strip('"')


def _summary(export: Export) -> dict[str, Any]:
    return {
        "version": "2023-08-01" if export.is_incremental else "2020-06-30",
        "exportArn": export.arn,
        "startTime": _iso(export.started),
        "tableArn": export.table,
        **export.times,
        "s3Bucket": export.request["S3Bucket"],
        "s3Prefix": export.request.get("S3Prefix"),
        "s3SseAlgorithm": export.request.get("S3SseAlgorithm", "AES256"),
        "manifestFilesS3Key": f"{export.folder}manifest-files.json",
        "billedSizeBytes": export.billed,
        "itemCount": len(export.lines),
        "outputFormat": "DYNAMODB_JSON",
        "exportType": export.request.get("ExportType", "FULL_EXPORT"),
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def window_times(first: float, behind: float, view: str) -> dict[str, str]:
    """The summary's members that tell which changes are in it."""
    return {"exportFromTime": _iso(first), "exportToTime": _iso(behind), "outputView": view}


def moment_time(at: float) -> dict[str, str]:
    """The summary's member that tells which moment it shows."""
    return {"exportTime": _iso(at)}
