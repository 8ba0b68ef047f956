"""Sessions, retained messages and who gets what. One event loop's; knows no sockets and no rules.

Deviations of the service kept here: no retained message for a filter with wildcards; topics of `$aws/rules/` reach
rules only; QoS 2 is not spoken.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from local.iot.mqtt.packets import Connect, Publish, Wanted
from local.iot.mqtt.session import Session
from local.iot.sql.message import BASIC_INGEST


@dataclass(frozen=True, slots=True)
class Sender:
    """Who published: client id, and the thumbprint of its certificate where it has one."""

    client: str
    principal: str | None = None


class Link(Protocol):
    """A client's connection, as the broker needs it."""

    def deliver(self, publish: Publish) -> None:
        """Send a message."""

    def usurp(self) -> None:
        """End: another connection has taken the client id."""


Heard = Callable[[Publish, Sender], Awaitable[None] | None]
"""Given every message; what it returns, if anything, is done when its rules' actions are."""


class Broker:
    """One of them a run."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._sessions: dict[str, Session] = {}
        self._links: dict[str, Link] = {}
        self._retained: dict[str, Publish] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}

    def enter(self, connect: Connect, link: Link, expiry_seconds: int) -> tuple[Session, bool]:
        """Bind a connection to its session, ending an older connection; whether the session was there before."""
        older = self._links.pop(connect.client, None)
        if older is not None:
            older.usurp()
        self._cancel_expiry(connect.client)
        known = None if connect.clean else self._sessions.get(connect.client)
        session = known or Session(connect.client, expiry_seconds)
        session.expiry_seconds = expiry_seconds
        self._sessions[connect.client] = session
        self._links[connect.client] = link
        return session, known is not None

    def resume(self, session: Session, link: Link) -> None:
        """Send what waits for the client, unacknowledged messages first."""
        for message in session.again():
            link.deliver(message)
        self._send(session)

    def leave(self, session: Session, link: Link) -> None:
        """The connection ended; the session goes with it, or later."""
        if self._links.get(session.client) is not link:
            return
        del self._links[session.client]
        if session.expiry_seconds == 0:
            self._sessions.pop(session.client, None)
            return
        loop = asyncio.get_running_loop()
        self._expiries[session.client] = loop.call_later(session.expiry_seconds, self._expire, session.client)

    def _cancel_expiry(self, client: str) -> None:
        timer = self._expiries.pop(client, None)
        if timer is not None:
            timer.cancel()

    def _expire(self, client: str) -> None:
        self._expiries.pop(client, None)
        self._sessions.pop(client, None)

    def acknowledged(self, session: Session, packet_id: int) -> None:
        """The client has a message; the window opens for the next."""
        session.acknowledged(packet_id)
        self._send(session)

    def subscribed(self, session: Session, wanted: Wanted) -> None:
        """Take the subscription and send the message retained for its topic."""
        new = session.subscribe(wanted)
        kept = self._retained.get(wanted.topic_filter)
        if kept is not None and (wanted.handling == 0 or (wanted.handling == 1 and new)):
            self._give(session, replace(kept, qos=min(kept.qos, wanted.qos)))

    def publish(self, publish: Publish, sender: Sender) -> Awaitable[None] | None:
        """Give the message to subscribers and rules; what it returns, if anything, is done when the rules are."""
        if not publish.topic.startswith(BASIC_INGEST):
            self._retain(publish)
            for session in tuple(self._sessions.values()):
                wanted = session.wants(publish, sender.client)
                if wanted is not None:
                    self._give(session, wanted)
        return self._heard(publish, sender)

    def _retain(self, publish: Publish) -> None:
        if not publish.retain:
            return
        if publish.payload:
            self._retained[publish.topic] = replace(publish, packet_id=0, duplicate=False)
        else:
            self._retained.pop(publish.topic, None)

    def _give(self, session: Session, message: Publish) -> None:
        if message.qos:
            session.keep(message)
            self._send(session)
            return
        link = self._links.get(session.client)
        if link is not None:
            link.deliver(replace(message, packet_id=0))

    def _send(self, session: Session) -> None:
        link = self._links.get(session.client)
        if link is not None:
            for message in session.outbox():
                link.deliver(message)
