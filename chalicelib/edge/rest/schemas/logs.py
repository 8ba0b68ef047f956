"""Shapes of an attempt's logs."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.times import TIME
from chalicelib.service.attempt_logs import MOST_FILES

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_FILE = {"name": "StdOutput", "sizeBytes": 1312, "modifiedAt": "2026-02-01T00:03:11Z"}
FILES_EXAMPLE: Mapping[str, Any] = {
    "folder": "s3://logs/df-0A1B2C3D4E5F6G7H8I9J/CopyOrders/@CopyOrders_2026-01-31T00:00:00/…_Attempt=1/",
    "items": [_FILE],
}
LOG_EXAMPLE: Mapping[str, Any] = {
    "text": "2026-02-01T00:00:02 CopyActivity @CopyOrders_2026-01-31T00:00:00_Attempt=1 turn 1 begins\n",
    "cursor": "kJx2fXvYwq1bWyIxMjgiLCI0ZjFkN2UiXQ",
    "more": False,
    "skipped": False,
    "restarted": False,
    "there": True,
    "growing": True,
}

SCHEMAS: Mapping[str, Schema] = {
    "LogFiles": {
        "type": "object",
        "description": "What an attempt's work has logged so far.",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {
            "folder": {"type": "string", "description": "Where; absent when the definition gives no pipelineLogUri."},
            "items": {"type": "array", "maxItems": MOST_FILES, "items": ref("LogFile")},
        },
        "examples": [FILES_EXAMPLE],
    },
    "LogFile": {
        "type": "object",
        "required": list(_FILE),
        "additionalProperties": False,
        "properties": {"name": _TEXT, "sizeBytes": {"type": "integer", "minimum": 0}, "modifiedAt": TIME},
        "examples": [_FILE],
    },
    "LogPart": {
        "type": "object",
        "description": "Some of a log.",
        "required": list(LOG_EXAMPLE),
        "additionalProperties": False,
        "properties": {
            "text": {"type": "string", "description": "At most 256 KiB. Secrets of the task show as `*****`."},
            "cursor": {"type": "string", "description": "Of the next part, also when there is none yet."},
            "more": {**_FLAG, "description": "Whether there is more by now."},
            "skipped": {**_FLAG, "description": "Whether there is something before, since it was read from its end."},
            "restarted": {**_FLAG, "description": "Whether it was written anew since the look before: this is new."},
            "there": {**_FLAG, "description": "Whether it has been written at all."},
            "growing": {**_FLAG, "description": "Whether the attempt goes on, so that more may come."},
        },
        "examples": [LOG_EXAMPLE],
    },
}
