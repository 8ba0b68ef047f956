"""ports/notify over SNS."""

from collections.abc import Callable
from typing import Any

from chalicelib.adapters.aws.errors import call

_LONGEST_SUBJECT = 100
_LARGEST_MESSAGE = 262_144


class SnsNotifier:
    """`clients` gives the SNS client that acts under a role (None: the service's own credentials)."""

    def __init__(self, clients: Callable[[str | None], Any]) -> None:
        self._clients = clients

    def publish(self, topic_arn: str, subject: str, message: str, role: str | None) -> None:
        """See ports/notify. SNS takes subjects of 1 to 100 printable ASCII characters: others are made to fit."""
        fitting = "".join(letter if " " <= letter <= "~" else " " for letter in subject)[:_LONGEST_SUBJECT].strip()
        text = message.encode()[:_LARGEST_MESSAGE].decode(errors="ignore")
        arguments = {"TopicArn": topic_arn, "Message": text or " ", **({"Subject": fitting} if fitting else {})}
        call("Publish", self._clients(role).publish, **arguments)
