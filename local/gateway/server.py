"""The gateway's sockets. A thread per connection, so that a long poll holds up nobody."""

import logging
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from local.gateway.exchange import LARGEST_BODY, Answer, Answering, Incoming

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.05
"""How soon a server notices that it is to end."""
LAST_SECONDS = 2
MOST_LET_GO = 256 * 1024 * 1024
"""How long, and how much, is waited for from a client whose body nobody wants: bytes are dropped as they come."""
_QUERY = re.compile(r"\?\S*")


class _Connection(BaseHTTPRequestHandler):
    """Reads requests off one connection. The server carries the gateway."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait for the first's receipt
    server: "HttpServer"

    def _serve(self) -> None:
        address = urlsplit(self.path)
        unread = self._announced() > LARGEST_BODY
        body = b"" if unread else self._body()
        if body is None:
            self.send_error(400, "Bad Content-Length")
            self.close_connection = True
            return
        request = Incoming(
            method=self.command,
            path=unquote(address.path),
            query=tuple(parse_qsl(address.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            target=self.path,
            unread=unread,
        )
        answer = self.server.gateway.answer(request)
        try:
            self._send(answer)
        except ConnectionError:
            # A runner that is ended in the middle of its long poll does not wait for the answer.
            LOG.info("client went away path=%s", request.path)
            self.close_connection = True
        if unread or len(body) > LARGEST_BODY:
            self._hang_up()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 (http.server's names)
    do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = _serve  # noqa: N815

    def _announced(self) -> int:
        size = self.headers.get("Content-Length") or "0"
        return int(size) if size.isdecimal() else 0

    def _hang_up(self) -> None:
        """End the connection in such a way that a client that is still sending reads its answer."""
        self.close_connection = True
        self.connection.settimeout(LAST_SECONDS)
        try:
            self._let_go()
        except OSError as error:
            LOG.info("client went away error=%s", type(error).__name__)

    def _let_go(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        left = MOST_LET_GO
        while left > 0 and (dropped := len(self.rfile.read1(65536))):
            left -= dropped

    def _body(self) -> bytes | None:
        """What follows the headers; None when nothing says where it ends."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        size = self.headers.get("Content-Length") or "0"
        return self.rfile.read(int(size)) if size.isdecimal() else None

    def _chunks(self) -> bytes | None:
        found = bytearray()
        while True:
            size = self.rfile.readline(100).split(b";")[0].strip()
            if not size or size.strip(b"0123456789abcdefABCDEF"):
                return None
            found += self.rfile.read(min(int(size, 16), LARGEST_BODY + 1))
            if len(found) > LARGEST_BODY:  # more than is taken: what follows is not read
                return bytes(found)
            self.rfile.readline(100)
            if int(size, 16) == 0:
                return bytes(found)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is http.server's)
        # Without the query: it may hold a presigned signature or a sign-in's code.
        LOG.info("http %s", _QUERY.sub("?…", format % args))


class HttpServer(ThreadingHTTPServer):
    """Binds at construction, so that its address is known before the application exists; serves after `serve`."""

    daemon_threads = True
    request_queue_size = 128
    gateway: Answering

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Connection)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def serve(self, gateway: Answering) -> None:
        """Answer requests on threads of its own until `shutdown`."""
        self.gateway = gateway
        threading.Thread(target=self.serve_forever, args=(POLL_SECONDS,), name="gateway", daemon=True).start()
