"""What a topic rule of ours puts on the arrivals queue, made into an arrival.

The query is the user's with our names added (domain/trigger/topic_rule). Without an id of the user's, a message is
told from others by its trace: a queue's redelivery has the same, a device that publishes again has not.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from chalicelib.domain.trigger.arrival import Arrival, IotMessage, iot_message
from chalicelib.domain.trigger.topic_rule import (
    CLIENT,
    DATA,
    GIVEN,
    OURS,
    PIPELINE,
    TIME,
    TOPIC,
    TRACE,
    TRIGGER,
    VALUE,
)
from chalicelib.domain.values import PipelineId

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_MQTT = "n/a"


def is_rule_output(message: Mapping[str, Any]) -> bool:
    """Whether a rule of ours sent it."""
    return PIPELINE in message


def rule_arrival(message: Mapping[str, Any]) -> Arrival:
    """The arrival. Raises KeyError, TypeError or ValueError for what no rule of ours selects."""
    where = PipelineId(message[PIPELINE]), unquote(message[TRIGGER])
    client = message.get(CLIENT, "")
    told = IotMessage(
        topic=message[TOPIC],
        payload=_payload(message),
        client_id="" if client == _NOT_MQTT else client,
        message_id=_identity(message),
    )
    return iot_message(where, told, _EPOCH + timedelta(milliseconds=message[TIME]))


def _identity(message: Mapping[str, Any]) -> str:
    """Of the user's own query where it has a value; else of the service. Empty when neither knows the message."""
    given = message.get(GIVEN)
    if given is not None:
        return given if isinstance(given, str) else json.dumps(given)
    trace = message.get(TRACE)
    return f"trace {trace}" if trace else ""


def _payload(message: Mapping[str, Any]) -> str:
    """As text: the whole payload as it was published, base64 of one that is no text, else what was selected as JSON."""
    if DATA in message:
        return _decoded(message[DATA])
    if VALUE in message:
        return _written(message[VALUE])
    return _written({key: value for key, value in message.items() if key not in OURS})


def _decoded(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except UnicodeDecodeError:
        return encoded


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
