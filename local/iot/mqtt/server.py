"""The broker's event loop in a thread of its own, with a plain port and one with mutual TLS, both on loopback."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TypeVar

from local.iot.certificates import Files
from local.iot.mqtt.broker import Broker, Heard
from local.iot.mqtt.connection import Connection

HOST = "127.0.0.1"
T = TypeVar("T")


class Server:
    """`start`, then `port` and `tls_port` are bound; `stop` ends every connection."""

    def __init__(self, heard: Heard, certificates: Files) -> None:
        self.broker = Broker(heard)
        self._certificates = certificates
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mqtt", daemon=True)
        self._serving: set[asyncio.Task[None]] = set()
        self.port = self.tls_port = 0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Where `heard` is called."""
        return self._loop

    def start(self, port: int, tls_port: int) -> None:
        """Listen on the ports, or on free ones where these are taken."""
        self._thread.start()
        self.port = self._wait(self._listen(port, None))
        self.tls_port = self._wait(self._listen(tls_port, _mutual(self._certificates)))

    def _wait(self, work: Coroutine[object, object, T]) -> T:
        waiting: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return waiting.result()

    async def _listen(self, port: int, encryption: ssl.SSLContext | None) -> int:
        try:
            server = await self._bind(port, encryption)
        except OSError:
            server = await self._bind(0, encryption)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    async def _bind(self, port: int, encryption: ssl.SSLContext | None) -> asyncio.Server:
        return await asyncio.start_server(self._serve, HOST, port, ssl=encryption)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # a coroutine runs in one
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with contextlib.suppress(asyncio.CancelledError):
            await Connection(self.broker, reader, writer).serve()

    def call(self, act: Callable[[], None]) -> None:
        """Do it in the loop, without waiting."""
        self._loop.call_soon_threadsafe(act)

    def stop(self) -> None:
        """End every connection, without last wills of clients that are served still, and the loop."""
        self._wait(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        for task in tuple(self._serving):
            task.cancel()
        if self._serving:
            await asyncio.wait(self._serving)


def _mutual(certificates: Files) -> ssl.SSLContext:
    """Clients must show a certificate that the run's authority signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificates.server, certificates.server_key)
    context.load_verify_locations(certificates.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["x-amzn-mqtt-ca", "mqtt"])
    return context
