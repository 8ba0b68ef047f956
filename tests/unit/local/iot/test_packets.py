"""Packets to bytes and back, whole or in pieces; bytes that are none are refused and never break the reader."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.iot.mqtt.packets import (
    V3,
    V5,
    ConnAck,
    Connect,
    Disconnect,
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
from local.iot.mqtt.wire import CONTENT_TYPE, CORRELATION, MESSAGE_EXPIRY, USER, Malformed

PROPERTIES = {CONTENT_TYPE: "text/plain", CORRELATION: b"\0\1", MESSAGE_EXPIRY: 60, USER: (("a", "b"), ("a", "c"))}
COMMON = [
    Connect("me", V3, clean=True),
    ConnAck(session_present=True, code=0),
    Publish("a/b", b"\0payload", qos=1, retain=True, duplicate=True, packet_id=7),
    Publish("a", b""),
    PubAck(65_535),
    Subscribe(1, (Wanted("a/#", 1), Wanted("+"))),
    SubAck(1, (1, 0x80)),
    Unsubscribe(2, ("a/#", "é")),
    Ping(answer=False),
    Ping(answer=True),
    Disconnect(),
]


@pytest.mark.parametrize("packet", COMMON, ids=lambda packet: type(packet).__name__)
def test_a_packet_of_3_1_1_survives_its_bytes(packet):
    assert list(Stream(10_000, V3).feed(encode(packet, V3))) == [packet]


@pytest.mark.parametrize(
    "packet",
    [
        *COMMON[3:-1],
        Connect("me", V5, clean=False, keep_alive=0, properties={0x11: 30}),
        ConnAck(session_present=False, code=0x87, properties={0x21: 10, 0x24: 1, 0x12: "given"}),
        Publish("a/b", b"x" * 70_000, qos=1, packet_id=1, properties=PROPERTIES),
        UnsubAck(3, (0, 0x11)),
    ],
    ids=lambda packet: type(packet).__name__,
)
def test_a_packet_of_5_survives_its_bytes(packet):
    assert list(Stream(100_000, V5).feed(encode(packet, V5))) == [packet]


@settings(deadline=None)
@given(st.lists(st.sampled_from(COMMON[1:]), max_size=8), st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_packets_arrive_whole_however_the_stream_is_cut(packets, cuts):
    content, stream, found, at = b"".join(encode(packet, V3) for packet in packets), Stream(10_000, V3), [], 0
    while at < len(content):
        size = cuts[at % len(cuts)]
        found += stream.feed(content[at : at + size])
        at += size
    assert found == packets


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([V3, V5]))
def test_any_bytes_are_packets_or_refused(content, version):
    with contextlib.suppress(Malformed):
        list(Stream(1_000, version).feed(content))


def test_a_packet_that_is_too_large_is_refused_from_its_header():
    with pytest.raises(Malformed) as caught:
        list(Stream(100).feed(b"\x30\xff\x7f"))
    assert caught.value.code == 0x95


def test_a_version_that_is_not_spoken_is_refused():
    with pytest.raises(Malformed) as caught:
        list(Stream(100).feed(b"\x10\x0e\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x00"))
    assert caught.value.code == 0x84


def test_a_length_of_five_bytes_is_refused():
    with pytest.raises(Malformed, match="four bytes"):
        list(Stream(100).feed(b"\x30\xff\xff\xff\xff\x01"))
