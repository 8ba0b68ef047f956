"""A client that hangs up before its answer is there is no fault of the gateway's."""

import socket
import struct
import threading

import pytest

from local.gateway.exchange import Answer, Incoming
from local.gateway.server import HttpServer


class Slow:
    """Answers when it is told to, with more than a socket buffers."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go_on = threading.Event()

    def answer(self, _: Incoming) -> Answer:
        self.asked.set()
        self.go_on.wait(10)
        return Answer(200, (), b"x" * 50_000_000)


def test_a_client_that_hangs_up_leaves_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    server, slow = HttpServer(0), Slow()
    server.serve(slow)  # type: ignore[arg-type]
    client = socket.create_connection(server.server_address)
    client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n")
    assert slow.asked.wait(10)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    slow.go_on.set()
    server.shutdown()
    server.block_on_close = True
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(10)
    server.server_close()
    assert "Traceback" not in capfd.readouterr().err
