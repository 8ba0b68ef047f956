"""Messages to topics: SNS's, and those of the MQTT broker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TopicMessage:
    """One message. `id` is the same whenever it is sent again: a FIFO topic then lets it through once in five minutes.

    attributes  texts by name, at most ten
    """

    id: str
    body: str
    subject: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


class Topics(Protocol):
    """Every method raises Missing, Denied, Rejected, Throttled or Unavailable. May be called from several threads."""

    def publish(self, topic_arn: str, messages: Sequence[TopicMessage]) -> Sequence[TopicMessage]:
        """Publish up to ten messages of 256 KB in all; returns those that were not taken, to be sent again."""

    def publish_mqtt(self, topic: str, content: bytes, region: str | None) -> None:
        """Publish up to 128 KB to a topic of AWS IoT, with quality of service 1."""
