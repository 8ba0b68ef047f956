"""The control operations of Kinesis Video Streams: streams, where their data is asked for, what they notify of."""

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.video.archive import Archive
from local.video.refusal import Refused

Request = dict[str, Any]
Reply = dict[str, Any]
ACCOUNT, REGION = "123456789012", "us-east-1"
APIS = frozenset(("PUT_MEDIA", "GET_MEDIA", "LIST_FRAGMENTS", "GET_MEDIA_FOR_FRAGMENT_LIST", "GET_CLIP", "GET_IMAGES"))


class Streams:
    """Streams by name. `endpoint` is where this server is reached; `directory` is for media, and emptied."""

    def __init__(self, endpoint: str, directory: Path) -> None:
        self._endpoint = endpoint
        self._directory = directory
        self._lock = threading.Lock()
        self._streams: dict[str, Archive] = {}
        shutil.rmtree(directory, ignore_errors=True)
        self.operations: Mapping[str, Callable[[Request], Reply]] = {
            "createStream": self._create,
            "describeStream": lambda request: {"StreamInfo": self.found(request).info},
            "listStreams": self._list,
            "deleteStream": self._delete,
            "getDataEndpoint": self._data_endpoint,
            "updateDataRetention": self._retain,
            "updateNotificationConfiguration": self._notify,
            "describeNotificationConfiguration": lambda request: _given(
                "NotificationConfiguration", self.found(request).notification
            ),
            "updateImageGenerationConfiguration": self._make_images,
            "describeImageGenerationConfiguration": lambda request: _given(
                "ImageGenerationConfiguration", self.found(request).images
            ),
        }

    def found(self, request: Request) -> Archive:
        """The stream that a request names by name or ARN. Raises Refused."""
        arn = request.get("StreamARN") or ""
        name = request.get("StreamName") or (arn.split("/")[1] if arn.count("/") >= 1 else "")
        if not name:
            raise Refused("InvalidArgumentException", "StreamName or StreamARN is required")
        if name not in self._streams:
            raise Refused("ResourceNotFoundException", f"The requested stream is not found or not active: {name}")
        return self._streams[name]

    def retained(self, request: Request) -> Archive:
        """The same, of a stream that keeps data."""
        archive = self.found(request)
        if not archive.info["DataRetentionInHours"]:
            raise Refused("NoDataRetentionException", f"The stream {archive.name} does not retain data")
        return archive

    def _create(self, request: Request) -> Reply:
        name = request["StreamName"]
        with self._lock:
            if name in self._streams:
                raise Refused("ResourceInUseException", f"The stream {name} already exists")
            created = time.time()
            arn = f"arn:aws:kinesisvideo:{REGION}:{ACCOUNT}:stream/{name}/{int(created * 1000)}"
            info = {
                "StreamName": name,
                "StreamARN": arn,
                "MediaType": request.get("MediaType", ""),
                "KmsKeyId": request.get("KmsKeyId", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/kinesisvideo"),
                "Version": "1",
                "Status": "ACTIVE",
                "CreationTime": created,
                "DataRetentionInHours": request.get("DataRetentionInHours", 0),
            }
            directory = self._directory / name
            directory.mkdir(parents=True, exist_ok=True)
            self._streams[name] = Archive(info, directory)
        return {"StreamARN": arn}

    def _list(self, request: Request) -> Reply:
        condition = request.get("StreamNameCondition") or {}
        prefix = condition.get("ComparisonValue", "")
        names = [name for name in sorted(self._streams) if name.startswith(prefix)]
        first = int(request.get("NextToken") or 0)
        end = first + int(request.get("MaxResults") or 10_000)
        more = {"NextToken": str(end)} if end < len(names) else {}
        return {"StreamInfoList": [self._streams[name].info for name in names[first:end]], **more}

    def _delete(self, request: Request) -> Reply:
        archive = self.found(request)
        self._streams.pop(archive.name, None)
        shutil.rmtree(archive.directory, ignore_errors=True)
        return {}

    def _data_endpoint(self, request: Request) -> Reply:
        self.found(request)
        if request.get("APIName") not in APIS:
            raise Refused("InvalidArgumentException", f"the embedded Kinesis Video has no {request.get('APIName')}")
        return {"DataEndpoint": self._endpoint}

    def _retain(self, request: Request) -> Reply:
        archive = self.found(request)
        if request["CurrentVersion"] != archive.info["Version"]:
            raise Refused("VersionMismatchException", f"The version of {archive.name} is {archive.info['Version']}")
        change = request["DataRetentionChangeInHours"]
        delta = change if request["Operation"] == "INCREASE_DATA_RETENTION" else -change
        hours = archive.info["DataRetentionInHours"] + delta
        if not 0 <= hours <= 87_600:
            raise Refused("InvalidArgumentException", f"{hours} hours of retention, 0 to 87600 expected")
        archive.info |= {"DataRetentionInHours": hours, "Version": str(int(archive.info["Version"]) + 1)}
        return {}

    def _notify(self, request: Request) -> Reply:
        self.retained(request).notification = request.get("NotificationConfiguration")
        return {}

    def _make_images(self, request: Request) -> Reply:
        self.retained(request).images = request.get("ImageGenerationConfiguration")
        return {}


def _given(name: str, value: object) -> Reply:
    return {} if value is None else {name: value}
