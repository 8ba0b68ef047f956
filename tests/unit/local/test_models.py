"""The embedded run's own containers: what they learn, and the contract they serve."""

import http.client
import json
import threading
from collections.abc import Iterator

import pytest

from local.models.catalogue import MODELS
from local.models.container import serve
from local.models.learning import train


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = serve("iris", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def call(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(("name", "least"), [("iris", 0.95), ("weather", 0.65)])
def test_models_learn_their_data(name: str, least: float) -> None:
    table = MODELS[name]()
    model = train(table)
    found = [next(iter(chances)) for chances in model.classify(table.rows)]
    assert sum(a == b for a, b in zip(found, table.labels, strict=True)) / len(found) > least
    assert train(table).classify(table.rows[:3]) == model.classify(table.rows[:3])


def test_ping_is_answered_at_once_and_with_nothing(port: int) -> None:
    assert call(port, "GET", "/ping") == (200, b"")
    assert call(port, "GET", "/else")[0] == call(port, "POST", "/else")[0] == 404


def test_json_lines_and_csv_are_read_and_answered_in_kind(port: int) -> None:
    one = json.loads(call(port, "POST", "/invocations", b"[5.1,3.5,1.4,0.2]")[1])
    assert one["label"] == "setosa"
    assert sum(one["scores"].values()) == pytest.approx(1)
    many = json.loads(
        call(port, "POST", "/invocations", b'{"instances":[[5.1,3.5,1.4,0.2],{"features":[6,3,6,2]}]}')[1]
    )
    assert [found["label"] for found in many["predictions"]] == ["setosa", "virginica"]
    csv = call(port, "POST", "/invocations", b"5.1,3.5,1.4,0.2\n6,3,6,2\n", Content_Type="text/csv")[1]
    assert [line.split(b",")[0] for line in csv.splitlines()] == [b"setosa", b"virginica"]
    lines = call(port, "POST", "/invocations", b"[5.1,3.5,1.4,0.2]\n", Content_Type="application/jsonlines")[1]
    assert json.loads(lines)["label"] == "setosa"


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[1,2]", b'{"a":1}', b'[1,2,3,"x"]', b"17", b"[1,2,3,NaN]", b"[[1,2,3,4]]"]
)
def test_what_the_model_does_not_know_is_refused(port: int, body: bytes) -> None:
    status, answer = call(port, "POST", "/invocations", body)
    assert status == 400
    assert json.loads(answer)["error"]
