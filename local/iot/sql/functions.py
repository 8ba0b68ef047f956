"""Every function by its name in lower case, those of the message included.

A call with too few or too many arguments gives Undefined, as one with arguments of the wrong type does.
Source  "Functions"
"""

from collections.abc import Callable
from decimal import Decimal

from local.iot.sql import numbers, texts, times
from local.iot.sql.message import Message
from local.iot.sql.values import UNDEFINED, Value, to_int

VERSION = "2016-03-23"
Function = Callable[..., Value]


def _topic(message: Message, level: Value = UNDEFINED) -> Value:
    """The whole topic, or its level counted from 1."""
    if level is UNDEFINED:
        return message.topic
    levels, at = message.topic.split("/"), to_int(level)
    return levels[at - 1] if at is not None and 1 <= at <= len(levels) else UNDEFINED


def _or_undefined(value: str | None) -> Value:
    return UNDEFINED if value is None else value


OF_MESSAGE: dict[str, tuple[range, Function]] = {
    "accountid": (range(1), lambda message: message.account),
    "clientid": (range(1), lambda message: message.client or "n/a"),
    "newuuid": (range(1), lambda message: message.uuid),
    "principal": (range(1), lambda message: _or_undefined(message.principal)),
    "rand": (range(1), lambda message: Decimal(repr(message.chance))),
    "sql_version": (range(1), lambda _: VERSION),
    "timestamp": (range(1), lambda message: message.timestamp),
    "topic": (range(2), _topic),
    "traceid": (range(1), lambda message: _or_undefined(message.trace)),
}
FUNCTIONS: dict[str, tuple[range, Function]] = {
    **numbers.FUNCTIONS,
    **texts.FUNCTIONS,
    "parse_time": (range(2, 4), times.parse_time),
    "time_to_epoch": (range(2, 3), times.time_to_epoch),
    **OF_MESSAGE,
}
ELSEWHERE = frozenset(
    (
        "aws_lambda",
        "get_dynamodb",
        "get_mqtt_property",
        "get_registry_data",
        "get_secret",
        "get_thing_shadow",
        "get_user_properties",
        "machinelearning_predict",
        "md2",
    )
)
"""Functions of the service that the embedded rules refuse by name: they ask other services, or are forgotten (MD2)."""


def call(name: str, arguments: list[Value], message: Message) -> Value:
    """What the function gives."""
    counts, function = FUNCTIONS[name]
    if len(arguments) not in counts:
        return UNDEFINED
    return function(message, *arguments) if name in OF_MESSAGE else function(*arguments)
