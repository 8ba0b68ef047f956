"""A small client of the broker for the embedded AWS: publishes one message and waits until it is taken in."""

import itertools
import os
import socket
import threading

from local.iot.mqtt.limits import LARGEST_PACKET_BYTES
from local.iot.mqtt.packets import V3, ConnAck, Connect, Packet, PubAck, Publish, Stream, encode

SECONDS = 60.0
_IDS = 65_535


class NotTaken(Exception):
    """The broker is gone, or refused the message."""


class Publisher:
    """One connection, opened when first needed and again when it was lost. Safe to use from several threads."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = threading.Lock()
        self._socket: socket.socket | None = None
        self._stream = Stream(LARGEST_PACKET_BYTES)
        self._numbers = itertools.count()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Return when the broker has acknowledged it, which is after its rules' actions. Raises NotTaken."""
        with self._turn:
            try:
                self._exchange(topic, payload, retain=retain)
            except OSError as error:
                self._drop()
                raise NotTaken(str(error)) from error

    def _exchange(self, topic: str, payload: bytes, *, retain: bool) -> None:
        line = self._connected()
        number = next(self._numbers) % _IDS + 1
        message = Publish(topic, payload, qos=1, retain=retain, packet_id=number)
        line.sendall(encode(message, V3))
        while self._answer(line) != PubAck(number):
            pass

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), SECONDS)
            self._stream = Stream(LARGEST_PACKET_BYTES)
            self._socket.sendall(encode(Connect(f"aws-{os.getpid()}", V3, clean=True, keep_alive=0), V3))
            if self._answer(self._socket) != ConnAck(session_present=False, code=0):
                raise ConnectionRefusedError("the broker refused the embedded AWS")
        return self._socket

    def _answer(self, line: socket.socket) -> Packet:
        while True:
            content = line.recv(4096)
            if not content:
                raise ConnectionResetError("the broker ended the connection")
            for packet in self._stream.feed(content):
                return packet

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
