"""One model as a container serves it: `GET /ping`, `POST /invocations`.

Run as `python -m local.models.container NAME [PORT]`; prints the port once it can answer.
Source: SageMaker developer guide, "Use your own inference code with hosting services"
"""

import json
import sys
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.leash import end_with_parent
from local.models.catalogue import MODELS
from local.models.learning import Classifier, train

JSON, LINES, CSV = "application/json", "application/jsonlines", "text/csv"


class Unreadable(Exception):
    """What was sent is nothing that the model knows."""


def predict(model: Classifier, content: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
    """The answer, and its media type. Raises Unreadable."""
    kind = content_type.partition(";")[0].strip().lower() or JSON
    if kind == CSV:
        return _answer(_classified(model, _csv_rows(content)), accept if accept == LINES else CSV)
    if kind == LINES:
        return _answer(_classified(model, [_row(model, _loaded(line)) for line in content.splitlines() if line]), LINES)
    if kind != JSON:
        raise Unreadable(f"{content_type} was sent; {JSON}, {LINES} or {CSV} is expected")
    found = _loaded(content)
    if isinstance(found, dict) and "instances" in found:
        rows = [_row(model, instance) for instance in _listed(found["instances"])]
        return json.dumps({"predictions": _classified(model, rows)}).encode(), JSON
    return json.dumps(_classified(model, [_row(model, found)])[0]).encode(), JSON


def _classified(model: Classifier, rows: Sequence[Sequence[float]]) -> list[Mapping[str, object]]:
    try:
        found = model.classify(rows)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    return [{"label": next(iter(one)), "score": next(iter(one.values())), "scores": one} for one in found]


def _answer(found: Sequence[Mapping[str, object]], kind: str) -> tuple[bytes, str]:
    if kind == LINES:
        return "".join(json.dumps(one) + "\n" for one in found).encode(), LINES
    return "".join(f"{one['label']},{one['score']}\n" for one in found).encode(), CSV


def _row(model: Classifier, found: object) -> Sequence[float]:
    if isinstance(found, dict) and "features" in found:
        found = found["features"]
    if isinstance(found, dict):
        missing = [name for name in model.features if name not in found]
        if missing:
            raise Unreadable(f"{', '.join(missing)} missing")
        found = [found[name] for name in model.features]
    return [_number(value) for value in _listed(found)]


def _listed(found: object) -> Sequence[object]:
    if not isinstance(found, list):
        raise Unreadable("a list, or an object with the model's features, is expected")
    return found


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(f"{value!r} is no number")
    try:
        return float(value)
    except ValueError as error:
        raise Unreadable(f"{value!r} is no number") from error


def _csv_rows(content: bytes) -> list[Sequence[float]]:
    lines = content.decode(errors="replace").split("\n")
    return [[_number(cell.strip()) for cell in line.split(",")] for line in lines if line.strip()]


def _loaded(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"no JSON: {error}") from error


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    """Many ask at once; five, the default, would be refused at the first burst."""


def serve(name: str, port: int) -> ThreadingHTTPServer:
    """A server of the model on loopback, not yet serving."""
    model = train(MODELS[name]())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(200 if self.path == "/ping" else 404, b"", JSON)

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path != "/invocations":
                self._send(404, b"", JSON)
                return
            kind, accept = self.headers.get("Content-Type", JSON), self.headers.get("Accept", JSON)
            try:
                answer, kind = predict(model, content, kind, accept)
            except Unreadable as error:
                self._send(400, json.dumps({"error": str(error)}).encode(), JSON)
            else:
                self._send(200, answer, kind)

        def _send(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Say nothing: there is a line for every item otherwise."""

    return _Server(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    server = serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    if len(sys.argv) == 2:
        end_with_parent()
    print(server.server_port, flush=True)
    server.serve_forever()
