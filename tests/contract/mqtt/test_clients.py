"""The broker as real clients meet it: paho and aiomqtt, both versions, plain and with mutual TLS."""

import asyncio
import hashlib
import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import paho.mqtt.client as paho
import pytest
from awscrt import mqtt, mqtt5
from awsiot import mqtt5_client_builder, mqtt_connection_builder
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from local.iot.certificates import Files, prepare
from local.iot.mqtt.packets import V3, Connect, encode
from local.iot.mqtt.server import Server
from tests.contract.mqtt.clients import SECONDS, Client


class Heard:
    """What the rules would be given; a message can be held until it is released, or be refused."""

    def __init__(self) -> None:
        self.messages: queue.Queue = queue.Queue()
        self.answer = None

    def __call__(self, publish, sender):
        self.messages.put((publish.topic, publish.payload, sender))
        return self.answer() if self.answer is not None else None


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return prepare(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(heard: Heard, certificates: Files) -> Iterator[Server]:
    running = Server(heard, certificates)
    running.start(0, 0)
    yield running
    running.stop()


@pytest.fixture
def connect(server: Server) -> Iterator:
    opened: list[Client] = []

    def act(name: str, *, options: dict | None = None, **how) -> Client:
        opened.append(Client(server, name, **how))
        return opened[-1].connect(**(options or {}))

    yield act
    for client in opened:
        client.close()


@pytest.mark.parametrize("version", [paho.MQTTv311, paho.MQTTv5], ids=["3.1.1", "5"])
@pytest.mark.parametrize("qos", [0, 1])
def test_a_message_reaches_who_subscribed(connect, heard, version, qos):
    listener, talker = connect("listener", version=version), connect("talker", version=version)
    assert listener.subscribe("sensors/+/t", qos) == [qos]
    talker.publish("sensors/7/t", b"21.5", qos)
    assert listener.next() == ("sensors/7/t", b"21.5", qos, False)
    assert heard.messages.get(timeout=SECONDS)[:2] == ("sensors/7/t", b"21.5")


def test_versions_meet(connect):
    listener, talker = connect("old"), connect("new", version=paho.MQTTv5)
    listener.subscribe("#")
    properties = Properties(PacketTypes.PUBLISH)
    properties.UserProperty = ("unit", "C")
    talker.publish("t", b"1", properties=properties)
    assert listener.next() == ("t", b"1", 1, False)


def test_version_5_hands_properties_on(connect):
    listener, talker = connect("listener", version=paho.MQTTv5), connect("talker", version=paho.MQTTv5)
    listener.subscribe("#")
    properties = Properties(PacketTypes.PUBLISH)
    properties.UserProperty = ("unit", "C")
    properties.CorrelationData = b"\0\1"
    talker.publish("t", b"1", properties=properties)
    got = listener.messages.get(timeout=SECONDS).properties
    assert (got.UserProperty, got.CorrelationData) == ([("unit", "C")], b"\0\1")


def test_a_qos_2_subscription_is_granted_1(connect):
    assert connect("listener").subscribe("a", 2) == [1]


@pytest.mark.parametrize("topic_filter", ["$share/group/a", "$aws/rules/name/a", "a/b/c/d/e/f/g/h/i"])
def test_a_filter_that_may_not_be_subscribed_is_refused(connect, topic_filter):
    granted = connect("listener", version=paho.MQTTv5).subscribe(topic_filter)
    assert granted[0] >= 0x80


def test_the_client_has_its_certificates_thumbprint(connect, heard, certificates):
    connect("secure", tls=certificates).publish("a", b"1")
    principal = heard.messages.get(timeout=SECONDS)[2].principal
    certificate = ssl.PEM_cert_to_DER_cert(certificates.device.read_text())
    assert principal == hashlib.sha256(certificate).hexdigest()


def test_a_client_without_a_certificate_is_not_let_in(server, certificates):
    context = ssl.create_default_context(cafile=str(certificates.authority))
    with socket.create_connection(("127.0.0.1", server.tls_port), SECONDS) as raw:
        assert answer_to_connect(context, raw) == b""


def answer_to_connect(context: ssl.SSLContext, raw: socket.socket) -> bytes:
    """What the broker says to CONNECT; nothing when it ends the connection, in whatever way."""
    try:
        with context.wrap_socket(raw, server_hostname="localhost") as secure:
            secure.sendall(encode(Connect("bare", V3, clean=True), V3))
            return secure.recv(100)
    except (ssl.SSLError, ConnectionError):
        return b""


def test_128_kb_go_through_and_more_ends_the_connection(connect):
    listener, talker = connect("listener"), connect("talker")
    listener.subscribe("big")
    talker.publish("big", bytes(128 * 1024))
    assert listener.next()[1] == bytes(128 * 1024)
    talker.paho.publish("big", bytes(128 * 1024 + 1), 1)
    assert talker.ended.get(timeout=SECONDS) is not None


def test_version_5_is_told_that_a_payload_is_too_large(connect):
    talker = connect("talker", version=paho.MQTTv5)
    talker.paho.publish("big", bytes(128 * 1024 + 1), 1)
    assert talker.ended.get(timeout=SECONDS).value == 0x95


def test_a_retained_message_greets_who_names_its_topic_exactly(connect):
    connect("talker").publish("state", b"on", retain=True)
    exact, wild = connect("exact"), connect("wild")
    exact.subscribe("state")
    assert exact.next() == ("state", b"on", 1, True)
    wild.subscribe("#")
    connect("other").publish("mark", b"")
    assert wild.next()[0] == "mark"


def test_an_empty_retained_message_forgets(connect):
    talker, late = connect("talker"), connect("late")
    talker.publish("state", b"on", retain=True)
    talker.publish("state", b"", retain=True)
    late.subscribe("state")
    talker.publish("state", b"new")
    assert late.next() == ("state", b"new", 1, False)


def test_a_multi_level_wildcard_does_not_match_its_parent(connect):
    listener, talker = connect("listener"), connect("talker")
    listener.subscribe("sensor/#")
    talker.publish("sensor", b"parent")
    talker.publish("sensor/", b"child")
    assert listener.next()[:2] == ("sensor/", b"child")


def test_messages_wait_for_a_client_that_is_away(connect):
    sleeper = connect("sleeper", clean=False)
    sleeper.subscribe("a")
    sleeper.close()
    talker = connect("talker")
    for number in range(5):
        talker.publish("a", str(number).encode())
    back = connect("sleeper", clean=False)
    assert back.flags.session_present
    assert [back.next()[1] for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]


def test_a_clean_session_forgets(connect):
    first = connect("sleeper", clean=False)
    first.subscribe("a")
    first.close()
    second = connect("sleeper")
    assert not second.flags.session_present
    second.close()
    assert not connect("sleeper", clean=False).flags.session_present


def test_the_last_will_is_published_once_when_a_client_is_lost(connect, server, heard):
    listener = connect("listener")
    listener.subscribe("lost")
    talker = Client(server, "talker")
    talker.paho.will_set("lost", b"talker", 1)
    talker.connect().drop()
    assert listener.next()[:2] == ("lost", b"talker")
    connect("other").publish("lost", b"mark")
    assert listener.next()[1] == b"mark"


def test_an_orderly_end_publishes_no_last_will(connect, server):
    listener = connect("listener")
    listener.subscribe("lost")
    talker = Client(server, "talker")
    talker.paho.will_set("lost", b"talker", 1)
    talker.connect().close()
    connect("other").publish("lost", b"mark")
    assert listener.next()[1] == b"mark"


def test_a_client_id_is_taken_over(connect, server):
    first = connect("same", version=paho.MQTTv5)
    connect("same", version=paho.MQTTv5)
    assert first.ended.get(timeout=SECONDS).value == 0x8E
    first.paho.loop_stop()


def test_a_message_is_acknowledged_when_its_rules_are_done(connect, server, heard):
    gate = asyncio.run_coroutine_threadsafe(_event(), server.loop).result()
    heard.answer = gate.wait
    talker = connect("talker")
    for number in range(3):
        talker.paho.publish("a", str(number), 1)
        heard.messages.get(timeout=SECONDS)
    assert talker.acknowledged.empty()
    server.call(gate.set)
    assert [talker.acknowledged.get(timeout=SECONDS) for _ in range(3)] == [1, 2, 3]


async def _event() -> asyncio.Event:
    return asyncio.Event()


def test_a_message_that_is_not_taken_in_is_sent_again(connect, heard):
    async def fail() -> None:
        heard.answer = None
        raise RuntimeError("the engine died")

    heard.answer = fail
    talker = connect("talker")
    talker.paho.publish("a", b"1", 1).wait_for_publish(SECONDS)
    assert [heard.messages.get(timeout=SECONDS)[1] for _ in range(2)] == [b"1", b"1"]


def test_many_clients_at_once_lose_nothing(connect, server, heard):
    listener = connect("listener")
    listener.subscribe("load/#")
    talkers = [connect(f"talker-{number}") for number in range(4)]

    def talk(client: Client, name: int) -> None:
        sent = [client.paho.publish(f"load/{name}", str(number), 1) for number in range(250)]
        for one in sent:
            one.wait_for_publish(SECONDS)

    threads = [threading.Thread(target=talk, args=(client, name)) for name, client in enumerate(talkers)]
    for thread in threads:
        thread.start()
    got = [listener.next()[:2] for _ in range(1000)]
    for thread in threads:
        thread.join()
    assert len(set(got)) == 1000
    for name in range(4):
        assert [body for topic, body in got if topic == f"load/{name}"] == [str(n).encode() for n in range(250)]


@pytest.mark.parametrize("version", [aiomqtt.ProtocolVersion.V311, aiomqtt.ProtocolVersion.V5], ids=["3.1.1", "5"])
def test_aiomqtt_talks_over_mutual_tls(server, certificates, version):
    context = ssl.create_default_context(cafile=str(certificates.authority))
    context.load_cert_chain(certificates.device, certificates.device_key)

    async def exchange() -> list[bytes]:
        async with aiomqtt.Client(
            "localhost", server.tls_port, identifier="aio", protocol=version, tls_context=context
        ) as client:
            await client.subscribe("a/#", qos=1)
            for number in range(10):
                await client.publish("a/b", str(number), qos=1)
            return [(await anext(client.messages)).payload for _ in range(10)]

    assert asyncio.run(exchange()) == [str(number).encode() for number in range(10)]


def sdk_5(server: Server, certificates: Files, seen: queue.Queue) -> None:
    """The AWS IoT Device SDK, version 5 of the protocol: subscribe, publish, stop."""
    ready: queue.Queue = queue.Queue()
    client = mqtt5_client_builder.mtls_from_path(
        endpoint="localhost",
        port=server.tls_port,
        cert_filepath=str(certificates.device),
        pri_key_filepath=str(certificates.device_key),
        ca_filepath=str(certificates.authority),
        client_id="sdk-5",
        on_publish_received=lambda data: seen.put(data.publish_packet.payload),
        on_lifecycle_connection_success=ready.put,
        on_lifecycle_stopped=ready.put,
    )
    client.start()
    ready.get(timeout=SECONDS)
    subscribe = mqtt5.SubscribePacket([mqtt5.Subscription("sdk/#", mqtt5.QoS.AT_LEAST_ONCE)])
    assert client.subscribe(subscribe).result(SECONDS).reason_codes == [mqtt5.SubackReasonCode.GRANTED_QOS_1]
    publish = mqtt5.PublishPacket(b"five", mqtt5.QoS.AT_LEAST_ONCE, topic="sdk/5")
    assert client.publish(publish).result(SECONDS).puback.reason_code == mqtt5.PubackReasonCode.SUCCESS
    assert seen.get(timeout=SECONDS) == b"five"
    client.stop()
    ready.get(timeout=SECONDS)


def sdk_3(server: Server, certificates: Files, seen: queue.Queue) -> None:
    """The same with version 3.1.1."""
    connection = mqtt_connection_builder.mtls_from_path(
        endpoint="localhost",
        port=server.tls_port,
        cert_filepath=str(certificates.device),
        pri_key_filepath=str(certificates.device_key),
        ca_filepath=str(certificates.authority),
        client_id="sdk-3",
        clean_session=True,
    )
    connection.connect().result(SECONDS)
    done, _ = connection.subscribe("sdk/#", mqtt.QoS.AT_LEAST_ONCE, lambda topic, payload, **_: seen.put(payload))
    done.result(SECONDS)
    connection.publish("sdk/3", b"three", mqtt.QoS.AT_LEAST_ONCE)[0].result(SECONDS)
    assert seen.get(timeout=SECONDS) == b"three"
    connection.disconnect().result(SECONDS)


@pytest.mark.parametrize("talk", [sdk_3, sdk_5])
def test_the_aws_iot_device_sdk_talks_over_mutual_tls(server, certificates, talk):
    talk(server, certificates, queue.Queue())


def test_certificates_are_kept(tmp_path: Path):
    first = prepare(tmp_path).device.read_bytes()
    assert prepare(tmp_path).device.read_bytes() == first


def test_nonsense_ends_the_connection_and_nothing_else(connect, server):
    for content in (b"GET / HTTP/1.1\r\n\r\n", b"\x30\x05\x00\x01aXX", b"\x10\xff\xff\xff\xff\x7f", b""):
        with socket.create_connection(("127.0.0.1", server.port), SECONDS) as raw:
            raw.sendall(content)
            raw.shutdown(1)
            while raw.recv(1000):
                pass
    connect("after").publish("a", b"1")
