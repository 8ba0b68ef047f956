"""Images as Rekognition takes them: which it refuses, and with which words. Must not know what is looked for.

Source: Rekognition developer guide, "Guidelines and quotas"; API reference, the operations' errors
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from botocore.exceptions import ClientError
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Request = Mapping[str, Any]
Reply = dict[str, Any]

_MIB = 1024 * 1024
_LONGEST_BYTES, _LONGEST_OBJECT = 5 * _MIB, 15 * _MIB
_SHORTEST_SIDE = 80
_LONGEST_SIDE = 10_000
_FORMATS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Refused(Exception):
    """An error of the API: its code and sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def picture_of(image: Mapping[str, Any], s3: Callable[[], Any]) -> Picture:
    """The picture that a request's `Image` names. Raises Refused."""
    given = [name for name in ("Bytes", "S3Object") if image.get(name)]
    if len(given) != 1:
        raise Refused("InvalidParameterException", "Request has invalid parameters")
    content = _sent(image["Bytes"]) if given == ["Bytes"] else _stored(image["S3Object"], s3())
    return _decoded(content)


def _sent(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refused("SerializationException", "Bytes is no base64") from error
    if len(content) > _LONGEST_BYTES:
        told = f"failed to satisfy constraint: Member must have length less than or equal to {_LONGEST_BYTES}"
        raise Refused("ValidationException", f"1 validation error detected: Value at 'image.bytes' {told}")
    return content


def _stored(place: Mapping[str, str], s3: Any) -> bytes:
    named = {"Bucket": place.get("Bucket", ""), "Key": place.get("Name", "")}
    if place.get("Version"):
        named["VersionId"] = place["Version"]
    try:
        found = s3.get_object(**named)
    except ClientError as error:
        told = "Unable to get object metadata from S3. Check object key, region and/or access permissions."
        raise Refused("InvalidS3ObjectException", told) from error
    if found["ContentLength"] > _LONGEST_OBJECT:
        raise Refused("ImageTooLargeException", f"Image size is too large, {_LONGEST_OBJECT} bytes at most")
    content: bytes = found["Body"].read()
    return content


def _decoded(content: bytes) -> Picture:
    wrong = Refused("InvalidImageFormatException", "Request has invalid image format")
    if not content.startswith(_FORMATS):
        raise wrong
    try:
        found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise wrong from error
    if found is None:
        raise wrong
    height, width = found.shape[:2]
    if min(height, width) < _SHORTEST_SIDE:
        raise Refused("InvalidParameterException", f"Image is {width}x{height}, {_SHORTEST_SIDE} pixels at least")
    if max(height, width) > _LONGEST_SIDE:
        raise Refused("ImageTooLargeException", f"Image is {width}x{height}, {_LONGEST_SIDE} pixels at most")
    return found.astype(np.uint8, copy=False)
