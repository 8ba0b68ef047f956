"""What a rule sees of one message besides its payload."""

from dataclasses import dataclass, field
from functools import cached_property

from local.iot.sql.values import NotJson, Value, parse

BASIC_INGEST = "$aws/rules/"


@dataclass(frozen=True)
class Message:
    """One published message, as the rule engine took it up.

    topic      as published, without a Basic Ingest prefix
    timestamp  milliseconds since 1970 at which the engine saw it
    trace      id of the message, also what `traceid()` says
    chance     [0, 1), what `rand()` says; `uuid` is what `newuuid()` says
    """

    topic: str
    payload: bytes
    timestamp: int
    client: str | None = None
    principal: str | None = None
    account: str = "123456789012"
    trace: str | None = None
    uuid: str = ""
    chance: float = 0.0
    mqtt5: dict[str, str] = field(default_factory=dict)

    @cached_property
    def content(self) -> Value:
        """The payload read as JSON; the bytes themselves when they are none."""
        try:
            return parse(self.payload)
        except NotJson:
            return self.payload


def basic_ingest(topic: str) -> tuple[str, str] | None:
    """Rule and remaining topic of `$aws/rules/RULE/…`; None for any other topic."""
    if not topic.startswith(BASIC_INGEST):
        return None
    rule, _, rest = topic.removeprefix(BASIC_INGEST).partition("/")
    return rule, rest
