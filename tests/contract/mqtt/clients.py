"""A paho client that a test can wait for."""

import queue

import paho.mqtt.client as paho

from local.iot.certificates import Files
from local.iot.mqtt.server import Server

SECONDS = 30


class Client:
    """A paho client whose messages and ends can be waited for."""

    def __init__(self, server: Server, name: str, *, version=paho.MQTTv311, clean=True, tls: Files | None = None):
        callbacks = paho.CallbackAPIVersion.VERSION2
        fresh = {} if version == paho.MQTTv5 else {"clean_session": clean}
        self.paho = paho.Client(callbacks, client_id=name, protocol=version, **fresh)
        self.messages: queue.Queue = queue.Queue()
        self.acknowledged: queue.Queue = queue.Queue()
        self.ended: queue.Queue = queue.Queue()
        self.connected: queue.Queue = queue.Queue()
        self._subscribed: queue.Queue = queue.Queue()
        self.paho.on_message = lambda *given: self.messages.put(given[2])
        self.paho.on_publish = lambda *given: self.acknowledged.put(given[2])
        self.paho.on_disconnect = lambda *given: self.ended.put(given[3])
        self.paho.on_connect = lambda *given: self.connected.put((given[2], given[3]))
        self.paho.on_subscribe = lambda *given: self._subscribed.put([code.value for code in given[3]])
        if tls is not None:
            self.paho.tls_set(str(tls.authority), str(tls.device), str(tls.device_key))
        self._address = ("127.0.0.1", server.port if tls is None else server.tls_port)

    def connect(self, **options) -> "Client":
        self.paho.connect(*self._address, **options)
        self.paho.loop_start()
        self.flags, self.code = self.connected.get(timeout=SECONDS)
        return self

    def subscribe(self, topic_filter: str, qos: int = 1) -> list[int]:
        self.paho.subscribe(topic_filter, qos)
        return self._subscribed.get(timeout=SECONDS)

    def publish(self, topic: str, payload: bytes = b"", qos: int = 1, **options) -> None:
        self.paho.publish(topic, payload, qos, **options).wait_for_publish(SECONDS)

    def next(self) -> tuple[str, bytes, int, bool]:
        message = self.messages.get(timeout=SECONDS)
        return message.topic, message.payload, message.qos, message.retain

    def drop(self) -> None:
        """End without DISCONNECT, as a client does that loses power."""
        self.paho.loop_stop()
        self.paho.socket().close()

    def close(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()
