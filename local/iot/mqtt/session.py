"""What the broker keeps of one client: subscriptions, and messages that it has not acknowledged. No I/O."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from local.iot.mqtt.limits import MOST_IN_FLIGHT, MOST_QUEUED
from local.iot.mqtt.packets import Publish, Wanted
from local.iot.topics import matches


class Session:
    """One client's, which outlives its connections when it asked for that.

    `outbox` gives what may be sent now: QoS 1 within the window the client allows, in order.
    """

    def __init__(self, client: str, expiry_seconds: int) -> None:
        self.client = client
        self.expiry_seconds = expiry_seconds
        self.window = MOST_IN_FLIGHT
        self._subscriptions: dict[str, Wanted] = {}
        self._waiting: deque[Publish] = deque(maxlen=MOST_QUEUED)
        self._in_flight: dict[int, Publish] = {}
        self._last_id = 0

    def subscribe(self, wanted: Wanted) -> bool:
        """Take a subscription, replacing one of the same filter; whether it is new."""
        new = wanted.topic_filter not in self._subscriptions
        self._subscriptions[wanted.topic_filter] = wanted
        return new

    def unsubscribe(self, topic_filter: str) -> bool:
        """Whether there was one."""
        return self._subscriptions.pop(topic_filter, None) is not None

    def wants(self, publish: Publish, sender: str) -> Publish | None:
        """The message as this client gets it, once however many filters match; None when it does not want it."""
        found = [
            one
            for one in self._subscriptions.values()
            if matches(one.topic_filter, publish.topic) and not (one.no_local and sender == self.client)
        ]
        if not found:
            return None
        kept = publish.retain and any(one.as_published for one in found)
        return replace(publish, qos=min(publish.qos, max(one.qos for one in found)), retain=kept, duplicate=False)

    def keep(self, publish: Publish) -> None:
        """Queue a QoS 1 message."""
        self._waiting.append(publish)

    def outbox(self) -> Iterator[Publish]:
        """Messages that may be sent now, each with its packet id; they are in flight from here on."""
        while self._waiting and len(self._in_flight) < self.window:
            packet_id = self._fresh_id()
            message = replace(self._waiting.popleft(), packet_id=packet_id)
            self._in_flight[packet_id] = message
            yield message

    def again(self) -> list[Publish]:
        """Messages in flight when the connection ended, marked as duplicates, to be sent again first."""
        return [replace(message, duplicate=True) for message in self._in_flight.values()]

    def acknowledged(self, packet_id: int) -> None:
        """The client has it. One that is unknown is ignored: it was acknowledged before."""
        self._in_flight.pop(packet_id, None)

    def _fresh_id(self) -> int:
        while True:
            self._last_id = self._last_id % 65_535 + 1
            if self._last_id not in self._in_flight:
                return self._last_id
