"""ports/topics over SNS and the data plane of AWS IoT. Owns their limits and names."""

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.ports.errors import Rejected
from chalicelib.ports.topics import TopicMessage

_LONGEST_SUBJECT = 100
_FIFO = ".fifo"
_GROUP = "penstock"


class AwsTopics:
    """One set of credentials. `clients` gives the client of a service in a region; None is the credentials' own."""

    def __init__(self, clients: Callable[[str, str | None], Any]) -> None:
        self._clients = clients

    def publish(self, topic_arn: str, messages: Sequence[TopicMessage]) -> Sequence[TopicMessage]:
        """See ports/topics."""
        client = self._clients("sns", _region(topic_arn))
        entries = [_entry(str(at), message, topic_arn) for at, message in enumerate(messages)]
        reply = call(
            f"publish to {topic_arn}", client.publish_batch, TopicArn=topic_arn, PublishBatchRequestEntries=entries
        )
        failed = reply.get("Failed", [])
        wrong = next((item for item in failed if item.get("SenderFault")), None)
        if wrong is not None:
            raise Rejected(f"publish to {topic_arn}", f"{wrong.get('Code')}: {wrong.get('Message', '')}")
        return [messages[int(item["Id"])] for item in failed]

    def publish_mqtt(self, topic: str, content: bytes, region: str | None) -> None:
        """See ports/topics."""
        client = self._clients("iot-data", region)
        call(f"publish to {topic}", client.publish, topic=topic, qos=1, payload=content)


def _entry(number: str, message: TopicMessage, topic_arn: str) -> dict[str, Any]:
    """SNS takes subjects of 1 to 100 printable ASCII characters: others are made to fit."""
    subject = "".join(letter if " " <= letter <= "~" else " " for letter in message.subject)[:_LONGEST_SUBJECT].strip()
    entry: dict[str, Any] = {"Id": number, "Message": message.body or " "}
    if subject:
        entry["Subject"] = subject
    if message.attributes:
        entry["MessageAttributes"] = {
            name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items() if value
        }
    if topic_arn.endswith(_FIFO):
        entry |= {"MessageGroupId": _GROUP, "MessageDeduplicationId": message.id}
    return entry


def _region(arn: str) -> str | None:
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[3] else None
