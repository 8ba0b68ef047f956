"""Telling people and programs."""

from typing import Protocol


class Notifier(Protocol):
    """Topics."""

    def publish(self, topic_arn: str, subject: str, message: str, role: str | None) -> None:
        """Publish once. `role` is the definition's role to act under; None is the service's own.

        Raises   Missing, Denied, Rejected, Throttled, Unavailable
        """
