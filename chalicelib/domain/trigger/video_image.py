"""Keys of the images that Kinesis Video makes of tagged fragments and puts into S3. Pure.

Source: Kinesis Video Streams developer guide, image generation: `[prefix_]account_stream_timecode_guid.jpg`
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_KEY = re.compile(
    r"(?:.*?_)?[0-9]{12}_(?P<stream>[A-Za-z0-9_.-]{1,256})_(?P<millis>[0-9]{13})_"
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\.(?:jpg|png)"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def image_fields(key: str) -> Mapping[str, str]:
    """Runtime fields of an object that such an image is, by its key alone; none of any other object.

    A stream's name may have underscores itself, so what comes last is read first.
    """
    found = _KEY.fullmatch(key)
    if found is None:
        return {}
    shown = _EPOCH + timedelta(milliseconds=int(found["millis"]))
    return {"@imageStream": found["stream"], "@imageTimestamp": shown.isoformat(timespec="milliseconds")}
