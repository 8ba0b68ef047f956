"""The access log's line of one request, with what this gateway knows of API Gateway's variables."""

import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.gateway.access_log import line
from local.gateway.exchange import Answer, Incoming


@dataclass(frozen=True, slots=True)
class Handled:
    """How a request went; `refusal` is the type of the gateway's own answer, `-` when the application answered."""

    request_id: str
    resource: str
    began: datetime
    ended: datetime
    refusal: str


def line_of(request: Incoming, answer: Answer, handled: Handled) -> str:
    """One line."""
    return line(
        {
            "$context.requestId": handled.request_id,
            "$context.requestTimeEpoch": str(int(handled.began.timestamp() * 1000)),
            "$context.httpMethod": request.method,
            "$context.path": request.path,
            "$context.resourcePath": handled.resource,
            "$context.status": str(answer.status),
            "$context.responseLength": str(len(answer.body)),
            "$context.responseLatency": str(int((handled.ended - handled.began).total_seconds() * 1000)),
            "$context.identity.sourceIp": "127.0.0.1",
            "$context.identity.userAgent": request.headers.get("user-agent", "-"),
            "$context.error.responseType": handled.refusal,
        }
    )


class LineFile:
    """A file that threads write lines to."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        """Add one line."""
        with self._lock:
            if not self._file.closed:  # a long poll outlasts the house
                self._file.write(f"{line}\n")

    def close(self) -> None:
        """Write no more."""
        with self._lock:
            self._file.close()
