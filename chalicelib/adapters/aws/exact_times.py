"""Requests of a boto3 client with their times to the millisecond, where boto3 would send whole seconds.

A sampling grid that begins at a fraction of a second would otherwise be moved, and pieces of one range overlap.
"""

import json
from datetime import UTC, datetime
from typing import Any

_KEPT = "penstock-times"


def send_milliseconds(client: Any) -> Any:
    """`client`, whose JSON requests tell times exactly; may be done to it any number of times."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-parameter-build.{service}", _keep, unique_id="penstock-keep")
    client.meta.events.register(f"before-call.{service}", _write, unique_id="penstock-write")
    return client


def _keep(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[_KEPT] = params


def _write(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    body = json.loads(params["body"])
    params["body"] = json.dumps(_exact(body, context[_KEPT])).encode()


def _exact(written: Any, given: Any) -> Any:
    if isinstance(given, datetime):
        return given.astimezone(UTC).timestamp()
    if isinstance(given, dict):
        return {key: _exact(value, given.get(key)) for key, value in written.items()}
    return written
