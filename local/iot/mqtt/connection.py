"""One client's connection: reads packets, answers them, ends it by the rules of its version.

A QoS 1 message is acknowledged when the broker has done with it, in the order of arrival. When that fails the
connection ends without the acknowledgement, so that the client sends the message again.
"""

import asyncio
import hashlib
import itertools
import logging
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass, replace

from local.iot.mqtt.broker import Broker, Sender
from local.iot.mqtt.limits import (
    LARGEST_PACKET_BYTES,
    LARGEST_PAYLOAD_BYTES,
    LONGEST_KEEP_ALIVE_SECONDS,
    MOST_FILTERS,
    MOST_IN_FLIGHT,
    MOST_TOPIC_ALIASES,
    SESSION_SECONDS,
)
from local.iot.mqtt.packets import (
    V5,
    ConnAck,
    Connect,
    Disconnect,
    Packet,
    Ping,
    PubAck,
    Publish,
    Stream,
    SubAck,
    Subscribe,
    UnsubAck,
    Unsubscribe,
    Wanted,
    encode,
)
from local.iot.mqtt.session import Session
from local.iot.mqtt.wire import (
    ASSIGNED_CLIENT,
    MAXIMUM_PACKET,
    MAXIMUM_QOS,
    RECEIVE_MAXIMUM,
    SERVER_KEEP_ALIVE,
    SESSION_EXPIRY,
    SHARED_SUBSCRIPTIONS,
    SUBSCRIPTION_IDS_AVAILABLE,
    TOPIC_ALIAS,
    TOPIC_ALIAS_MAXIMUM,
    Malformed,
    Properties,
    PropertyValue,
)
from local.iot.sql.message import BASIC_INGEST
from local.iot.topics import is_filter, is_topic

LOG = logging.getLogger(__name__)
CHUNK_BYTES = 64 * 1024
CONNECT_SECONDS = 10.0
MOST_UNSENT_BYTES = 16 * 1024 * 1024
"""Of a client that does not read; QoS 0 messages beyond it are dropped, as they may be."""
_REFUSED, _NOT_AUTHORIZED, _BAD_FILTER, _BAD_TOPIC = 0x80, 0x87, 0x8F, 0x90
_TAKEN_OVER, _TOO_LARGE, _NO_QOS_2, _NOT_SHARED, _BAD_ALIAS = 0x8E, 0x95, 0x9B, 0x9E, 0x94
_WITH_WILL = 0x04
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A message that came and is not done with; `packet_id` is 0 when it wants no answer."""

    packet_id: int
    done: "asyncio.Future[None]"


class Connection:
    """Serves one client until it ends."""

    def __init__(self, broker: Broker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._broker = broker
        self._reader = reader
        self._writer = writer
        self._stream = Stream(LARGEST_PACKET_BYTES)
        self._pending: deque[_Pending] = deque()
        self._aliases: dict[int, str] = {}
        self._will: Publish | None = None
        self._session: Session | None = None
        self._sender = Sender("")
        self._keep_alive: float | None = CONNECT_SECONDS

    async def serve(self) -> None:
        """Until either side ends it. Raises nothing: what a client does wrong ends its connection only."""
        try:
            await self._converse()
        except Malformed as fault:
            LOG.info("mqtt client refused client=%s reason=%s", self._sender.client, fault)
            self._refuse(fault.code)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            LOG.info("mqtt connection lost client=%s reason=%r", self._sender.client, error)
        finally:
            self._end()

    async def _converse(self) -> None:
        while True:
            async with asyncio.timeout(self._keep_alive):
                content = await self._reader.read(CHUNK_BYTES)
            if not content:
                return
            for packet in self._stream.feed(content):
                if isinstance(packet, Disconnect):
                    self._disconnected(packet)
                    return
                self._handle(packet)
            await self._breathe()

    async def _breathe(self) -> None:
        """Read no further while too many messages wait for their rules, or the client does not read."""
        while len(self._pending) >= MOST_IN_FLIGHT:
            await asyncio.wait([self._pending[0].done])
        await self._writer.drain()

    def _handle(self, packet: Packet) -> None:
        if isinstance(packet, Connect):
            self._connect(packet)
            return
        session = self._session
        if session is None:
            raise Malformed("the first packet is not CONNECT", 0x82)
        match packet:
            case Publish():
                self._published(packet)
            case PubAck(packet_id, _):
                self._broker.acknowledged(session, packet_id)
            case Subscribe():
                self._subscribe(packet, session)
            case Unsubscribe(packet_id, filters):
                self._send(UnsubAck(packet_id, tuple(0 if session.unsubscribe(one) else 0x11 for one in filters)))
            case Ping(answer=False):
                self._send(Ping(answer=True))
            case _:
                raise Malformed(f"a client does not send {type(packet).__name__}", 0x82)

    def _connect(self, packet: Connect) -> None:
        if self._session is not None:
            raise Malformed("CONNECT came twice", 0x82)
        self._check_will(packet.will)
        assigned = "" if packet.client else f"auto-{next(_numbers)}"
        named = replace(packet, client=packet.client or assigned)
        expiry = _expiry_seconds(packet)
        self._sender = Sender(named.client, self._thumbprint())
        self._will = packet.will
        seconds = packet.keep_alive or LONGEST_KEEP_ALIVE_SECONDS
        self._keep_alive = 1.5 * min(seconds, LONGEST_KEEP_ALIVE_SECONDS)
        session, present = self._broker.enter(named, self, expiry)
        wanted = packet.properties.get(RECEIVE_MAXIMUM, MOST_IN_FLIGHT)
        session.window = min(wanted, MOST_IN_FLIGHT) if isinstance(wanted, int) else MOST_IN_FLIGHT
        self._session = session
        self._send(ConnAck(present, 0, _capabilities(packet, assigned, expiry)))
        self._broker.resume(session, self)

    def _check_will(self, will: Publish | None) -> None:
        if will is not None:
            self._check(will)

    def _check(self, publish: Publish) -> None:
        if publish.qos > 1:
            raise Malformed("QoS 2 is not spoken", _NO_QOS_2)
        if len(publish.payload) > LARGEST_PAYLOAD_BYTES:
            raise Malformed(f"a payload of {len(publish.payload)} bytes", _TOO_LARGE)
        if not is_topic(publish.topic):
            raise Malformed(f"{publish.topic[:80]!r} is no topic", _BAD_TOPIC)

    def _published(self, packet: Publish) -> None:
        message = self._unaliased(packet)
        self._check(message)
        waiting = self._broker.publish(message, self._sender)
        if waiting is None and not self._pending:
            self._acknowledge(packet.packet_id)
            return
        done = asyncio.ensure_future(_done(waiting))
        self._pending.append(_Pending(packet.packet_id, done))
        done.add_done_callback(self._settle)

    def _unaliased(self, packet: Publish) -> Publish:
        alias = packet.properties.get(TOPIC_ALIAS)
        if not isinstance(alias, int):
            return packet
        if not 1 <= alias <= MOST_TOPIC_ALIASES or not (packet.topic or alias in self._aliases):
            raise Malformed(f"there is no topic alias {alias}", _BAD_ALIAS)
        topic = self._aliases[alias] = packet.topic or self._aliases[alias]
        kept = {key: value for key, value in packet.properties.items() if key != TOPIC_ALIAS}
        return replace(packet, topic=topic, properties=kept)

    def _settle(self, _: "asyncio.Future[None]") -> None:
        """Acknowledge, in the order of arrival, what is done."""
        while self._pending and self._pending[0].done.done():
            ended = self._pending.popleft()
            if ended.done.cancelled() or ended.done.exception() is not None:
                LOG.warning("mqtt message not taken client=%s reason=%r", self._sender.client, ended.done)
                self._pending.clear()
                self._writer.close()
                return
            self._acknowledge(ended.packet_id)

    def _acknowledge(self, packet_id: int) -> None:
        if packet_id:
            self._send(PubAck(packet_id))

    def _subscribe(self, packet: Subscribe, session: Session) -> None:
        if len(packet.wanted) > MOST_FILTERS:
            raise Malformed(f"{len(packet.wanted)} filters in one SUBSCRIBE, at most {MOST_FILTERS}", 0x97)
        granted = [self._granted(one) for one in packet.wanted]
        codes = tuple(code if code < _REFUSED or self._stream.version == V5 else _REFUSED for code in granted)
        self._send(SubAck(packet.packet_id, codes))
        for one, code in zip(packet.wanted, granted, strict=True):
            if code < _REFUSED:
                self._broker.subscribed(session, replace(one, qos=code))

    def _granted(self, wanted: Wanted) -> int:
        if wanted.topic_filter.startswith("$share/"):
            return _NOT_SHARED
        if wanted.topic_filter.startswith(BASIC_INGEST):
            return _NOT_AUTHORIZED
        return min(wanted.qos, 1) if is_filter(wanted.topic_filter) else _BAD_FILTER

    def _disconnected(self, packet: Disconnect) -> None:
        if packet.code != _WITH_WILL:
            self._will = None
        expiry = packet.properties.get(SESSION_EXPIRY)
        if self._session is not None and isinstance(expiry, int):
            self._session.expiry_seconds = min(expiry, SESSION_SECONDS)

    def deliver(self, publish: Publish) -> None:
        """Send a message; one of QoS 0 is dropped when the client has not read far too much."""
        if publish.qos == 0 and self._writer.transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            return
        self._send(publish)

    def usurp(self) -> None:
        """End it: another connection has taken the client id."""
        self._refuse(_TAKEN_OVER)
        self._writer.close()

    def _refuse(self, code: int) -> None:
        """Version 5 says why; 3.1.1 can only end, unless it is the answer to CONNECT."""
        if self._session is None:
            self._send(ConnAck(session_present=False, code=code if self._stream.version == V5 else 1))
        elif self._stream.version == V5:
            self._send(Disconnect(code))

    def _send(self, packet: Packet) -> None:
        if not self._writer.is_closing():
            self._writer.write(encode(packet, self._stream.version))

    def _end(self) -> None:
        if self._session is not None:
            self._broker.leave(self._session, self)
        will, self._will = self._will, None
        if will is not None:
            waiting = self._broker.publish(will, self._sender)
            if waiting is not None:
                asyncio.ensure_future(_done(waiting)).add_done_callback(_log_fault)
        self._writer.close()

    def _thumbprint(self) -> str | None:
        encryption = self._writer.get_extra_info("ssl_object")
        certificate = encryption.getpeercert(binary_form=True) if encryption is not None else None
        return hashlib.sha256(certificate).hexdigest() if certificate else None


async def _done(waiting: Awaitable[None] | None) -> None:
    if waiting is not None:
        await waiting


def _log_fault(done: "asyncio.Future[None]") -> None:
    if not done.cancelled() and done.exception() is not None:
        LOG.warning("last will not taken reason=%r", done.exception())


def _expiry_seconds(packet: Connect) -> int:
    if packet.version != V5:
        return 0 if packet.clean else SESSION_SECONDS
    wanted = packet.properties.get(SESSION_EXPIRY, 0)
    return min(wanted, SESSION_SECONDS) if isinstance(wanted, int) else 0


def _capabilities(packet: Connect, assigned: str, expiry_seconds: int) -> Properties:
    """What version 5 is told of the broker."""
    if packet.version != V5:
        return {}
    told: dict[int, PropertyValue] = {
        RECEIVE_MAXIMUM: MOST_IN_FLIGHT,
        MAXIMUM_QOS: 1,
        MAXIMUM_PACKET: LARGEST_PACKET_BYTES,
        TOPIC_ALIAS_MAXIMUM: MOST_TOPIC_ALIASES,
        SUBSCRIPTION_IDS_AVAILABLE: 0,
        SHARED_SUBSCRIPTIONS: 0,
    }
    if assigned:
        told[ASSIGNED_CLIENT] = assigned
    if packet.properties.get(SESSION_EXPIRY, 0) != expiry_seconds:
        told[SESSION_EXPIRY] = expiry_seconds
    if not 0 < packet.keep_alive <= LONGEST_KEEP_ALIVE_SECONDS:
        told[SERVER_KEEP_ALIVE] = LONGEST_KEEP_ALIVE_SECONDS
    return told
