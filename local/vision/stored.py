"""Rekognition's operations for stored video: begun by one request, asked for by another, told of by SNS.

Must not know how a video is decoded, nor how anything is seen in it.
Source: Rekognition API reference, StartLabelDetection, StartFaceDetection, StartTextDetection and their Get…;
developer guide, "Getting the analysis results of a Rekognition Video operation"
"""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import takewhile
from typing import IO, Any

from botocore.exceptions import ClientError

from local.vision.answers import face_details, labels
from local.vision.constraints import check
from local.vision.detectors import Detectors, Pool
from local.vision.films import Film, Unwatchable, film
from local.vision.images import Picture, Refused, Reply, Request
from local.vision.jobs import Job, Jobs, Outcome
from local.vision.results import Sighting, answer
from local.vision.texts import text_detections

EVERY = timedelta(milliseconds=500)
"""Between two pictures that are looked at."""

_LARGEST = 10 * 1024**3
_LABEL_LEAST = 50.0
_NOT_READ = "Unable to get object metadata from S3. Check object key, region and/or access permissions."
_BROKEN_OFF = Outcome("The embedded run ended")
Look = Callable[[Picture, Request, Detectors], list[Reply]]


def _labels(picture: Picture, request: Request, detectors: Detectors) -> list[Reply]:
    return labels(picture, request, detectors, float(request.get("MinConfidence", _LABEL_LEAST)))


def _faces(picture: Picture, _: Request, detectors: Detectors) -> list[Reply]:
    return face_details(picture, detectors)


def _texts(picture: Picture, request: Request, _: Detectors) -> list[Reply]:
    return text_detections(picture, request.get("Filters", {}))


_LOOKS: Mapping[str, Look] = {
    "StartLabelDetection": _labels,
    "StartFaceDetection": _faces,
    "StartTextDetection": _texts,
}
_ASKED = {
    "GetLabelDetection": "StartLabelDetection",
    "GetFaceDetection": "StartFaceDetection",
    "GetTextDetection": "StartTextDetection",
}
OPERATIONS = (*_LOOKS, *_ASKED)


class StoredVideo:
    """The operations, over videos in the storage and topics that `clients` reach."""

    def __init__(self, clients: Callable[[str], Any], pool: Pool) -> None:
        self._clients = clients
        self._pool = pool
        self._jobs = Jobs(self._analysed, self._tell)

    def answer(self, operation: str, request: Request) -> Reply:
        """One of OPERATIONS. Raises Refused."""
        check(operation, request)
        if operation in _LOOKS:
            self._check_object(_place(request))
            return {"JobId": self._jobs.started(operation, request)}
        job, outcome = self._jobs.found(_ASKED[operation], request["JobId"])
        return answer(job, outcome, request)

    def stop(self) -> None:
        """Break off what is being looked at."""
        self._jobs.stop()

    def _check_object(self, place: Mapping[str, str]) -> None:
        try:
            found = self._clients("s3").head_object(**place)
        except ClientError as error:
            raise Refused("InvalidS3ObjectException", _NOT_READ) from error
        if found["ContentLength"] > _LARGEST:
            raise Refused("VideoTooLargeException", f"The video has more than {_LARGEST} bytes")

    def _analysed(self, job: Job, stopped: threading.Event) -> Outcome:
        if stopped.is_set():
            return _BROKEN_OFF
        with tempfile.TemporaryFile() as file:
            try:
                self._fetch(_place(job.request), file)
            except ClientError:
                return Outcome(_NOT_READ)
            return self._watched(job, file, stopped)

    def _fetch(self, place: Mapping[str, str], file: IO[bytes]) -> None:
        shutil.copyfileobj(self._clients("s3").get_object(**place)["Body"], file)
        file.seek(0)

    def _watched(self, job: Job, file: IO[bytes], stopped: threading.Event) -> Outcome:
        try:
            with film(file) as opened, self._pool.one() as detectors:
                return _outcome(job, opened, detectors, stopped)
        except Unwatchable as error:
            return Outcome(str(error))

    def _tell(self, job: Job, outcome: Outcome) -> None:
        channel = job.request.get("NotificationChannel")
        if channel is not None and outcome != _BROKEN_OFF:
            message = json.dumps(_notice(job, outcome))
            self._clients("sns").publish(TopicArn=channel["SNSTopicArn"], Message=message)


def _outcome(job: Job, opened: Film, detectors: Detectors, stopped: threading.Event) -> Outcome:
    look = _LOOKS[job.operation]
    found = [
        Sighting(glimpse.number, glimpse.at_ms, what)
        for glimpse in takewhile(lambda _: not stopped.is_set(), opened.glimpses(EVERY))
        for what in look(glimpse.picture, job.request, detectors)
    ]
    return _BROKEN_OFF if stopped.is_set() else Outcome(metadata=opened.metadata, found=found)


def _place(request: Request) -> dict[str, str]:
    stored = request["Video"].get("S3Object", {})
    if not {"Bucket", "Name"} <= stored.keys():
        raise Refused("InvalidParameterException", "Request has invalid parameters")
    version = {"VersionId": stored["Version"]} if "Version" in stored else {}
    return {"Bucket": stored["Bucket"], "Key": stored["Name"], **version}


def _notice(job: Job, outcome: Outcome) -> Reply:
    stored = job.request["Video"]["S3Object"]
    tag = {"JobTag": job.request["JobTag"]} if "JobTag" in job.request else {}
    return {
        "JobId": job.id,
        "Status": "FAILED" if outcome.failure else "SUCCEEDED",
        "API": job.operation,
        **tag,
        "Timestamp": round(time.time() * 1000),
        "Video": {"S3ObjectName": stored["Name"], "S3Bucket": stored["Bucket"]},
    }
