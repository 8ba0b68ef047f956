"""The embedded AWS behind a door that refuses a call, or kills whoever made it, before or after it was carried out."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.environment import REPOSITORY

_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
_DROPPED = {"connection", "transfer-encoding", "content-length"}
_XML = "<{0}><Error><Code>AccessDenied</Code><Message>{1}</Message></Error></{0}>"


class Happens(Enum):
    """What becomes of the call."""

    REFUSED = "refused"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """At the call number `at` that `call` matches: `POST /2015-03-31/functions`, `iam CreateRole`.

    permission  what the caller lacks when it is refused
    """

    call: str
    happens: Happens
    permission: str = ""
    at: int = 1

    def __str__(self) -> str:
        return f"{self.happens.value} call {self.at} of {self.call}"


class Door(ThreadingHTTPServer):
    """Passes calls on to `address`; `obstacle` is in the way of one of them."""

    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind = urlsplit(address).netloc
        self.obstacle: Obstacle | None = None
        self.victim: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def met(self, call: str) -> Obstacle | None:
        """The obstacle, if it is in this call's way."""
        with self._lock:
            found = self.obstacle
            if found is None or not re.search(found.call, call):
                return None
            self.obstacle = replace(found, at=found.at - 1) if found.at > 1 else None
            return None if found.at > 1 else found

    def kill(self) -> None:
        """End the victim and what it started, at once."""
        if self.victim is not None:
            os.killpg(self.victim.pid, signal.SIGKILL)

    def deploy(
        self, account: Mapping[str, str], copy: Path, obstacle: Obstacle | None, *words: str
    ) -> "subprocess.CompletedProcess[str]":
        """`python -m deploy` with the given words, on the working copy, through this door."""
        self.obstacle = obstacle
        environment = {**os.environ, **account, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_port}"}
        command = [sys.executable, "-m", "deploy", *words, "--source", str(copy)]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, env=environment, cwd=REPOSITORY, start_new_session=True, **pipes) as started:
            self.victim = started
            said, failed = started.communicate()
        return subprocess.CompletedProcess(command, started.returncode, said, failed)


@contextmanager
def opened(address: str) -> Iterator[Door]:
    """A door that is open while the block runs."""
    with Door(address) as door:
        thread = threading.Thread(target=door.serve_forever)
        thread.start()
        yield door
        door.shutdown()
        thread.join()


class _Passing(BaseHTTPRequestHandler):
    server: Door
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:  # who called is no more
            self.close_connection = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        met = self.server.met(self._call(body))
        match met.happens if met else None:
            case Happens.REFUSED:
                self._refuse(met.permission if met else "")
            case Happens.KILLED_BEFORE:
                self.server.kill()
            case Happens.KILLED_AFTER:
                self._passed(body)
                self.server.kill()
            case None:
                self._answer(*self._passed(body))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET  # noqa: N815  the base class finds them by these names

    def log_request(self, *_: object) -> None:
        """Say nothing."""

    def _call(self, body: bytes) -> str:
        """As obstacles name it: the service and method and path, or the service and operation."""
        service = re.search(r"/(\w[\w-]*)/aws4_request", self.headers.get("Authorization", ""))
        action = _ACTION.search(body)
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        operation = target or (action[1].decode() if action else f"{self.command} {self.path}")
        return f"{service[1] if service else ''} {operation}"

    def _passed(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection(self.server.behind, timeout=120)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content

    def _refuse(self, permission: str) -> None:
        told = f"User: arn:aws:iam::123456789012:user/me is not authorized to perform: {permission} on resource: it"
        if permission.partition(":")[0] in ("lambda", "apigateway", "events", "logs"):
            content = f'{{"__type": "AccessDeniedException", "message": "{told}"}}'
            kind = {"Content-Type": "application/json", "x-amzn-ErrorType": "AccessDeniedException"}
        else:
            content = _XML.format("ErrorResponse", told) if not permission.startswith("s3:") else _bare(told)
            kind = {"Content-Type": "text/xml"}
        self._answer(403, kind, content.encode())

    def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _DROPPED:
                self.send_header(name, value)
        length = len(content) if self.command != "HEAD" else int(headers.get("Content-Length", 0))
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)


def _bare(told: str) -> str:
    return f"<Error><Code>AccessDenied</Code><Message>{told}</Message></Error>"
