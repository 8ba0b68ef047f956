"""AWS JSON 1.1 itself: whatever arrives, the answer is a reply or a modelled error."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.wire.conftest import raw_call

JSON_TYPE = "application/x-amz-json-1.1"
CODES = {
    "InternalServiceError",
    "InvalidRequestException",
    "PipelineDeletedException",
    "PipelineNotFoundException",
    "TaskNotFoundException",
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def sent(
    body: bytes, target: str = "DataPipeline.ListPipelines", content_type: str = JSON_TYPE
) -> tuple[int, dict[str, object]]:
    answer = raw_call({"content-type": content_type, "x-amz-target": target}, body)
    headers = {name.lower(): value for name, value in answer.headers}
    assert headers["content-type"] == JSON_TYPE
    assert headers["x-amzn-requestid"]
    reply = json.loads(answer.body)
    assert isinstance(reply, dict)
    return answer.status, reply


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"marker": NaN}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"marker": ' + b"1" * 10_000 + b"}", "not JSON"),
    ],
)
def test_a_body_that_is_no_object_is_refused_with_what_to_send(body: bytes, says: str) -> None:
    status, reply = sent(body)
    assert status == 400
    assert reply["__type"] == "InvalidRequestException"
    assert says in str(reply["message"])


def test_an_unknown_operation_is_refused_with_the_known_ones() -> None:
    status, reply = sent(b"{}", target="DataPipeline.Explode")
    assert (status, reply["__type"]) == (400, "InvalidRequestException")
    assert "CreatePipeline" in str(reply["message"])


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/octet-stream"])
def test_another_content_type_is_refused_with_the_right_one(content_type: str) -> None:
    status, reply = sent(b"{}", content_type=content_type)
    assert (status, reply["__type"]) == (400, "InvalidRequestException")
    assert JSON_TYPE in str(reply["message"])


def test_a_charset_and_an_older_target_prefix_are_fine() -> None:
    assert sent(b"{}", "DataPipeline_20121129.ListPipelines", f"{JSON_TYPE}; charset=utf-8")[0] == 200


def test_an_empty_body_is_an_empty_request() -> None:
    assert sent(b"")[0] == 200


def test_the_root_path_answers_too() -> None:
    headers = {"content-type": JSON_TYPE, "x-amz-target": "DataPipeline.ListPipelines"}
    assert raw_call(headers, b"{}", "/").status == 200


def test_all_faults_are_reported_at_once() -> None:
    body = {"name": 1, "description": "d" * 1025, "tags": [{"key": ""}, {"key": "k", "value": "v"}], "unknown": 1}
    status, reply = sent(json.dumps(body).encode(), "DataPipeline.CreatePipeline")
    message = str(reply["message"])
    assert status == 400
    for fault in ("name: expected text", "uniqueId: is required", "description:", "tags[0].key:", "tags[0].value:"):
        assert fault in message
    assert "unknown" not in message


def test_characters_the_service_forbids_are_refused() -> None:
    _, reply = sent(b'{"name": "a\\u0000", "uniqueId": "\\ud800"}', "DataPipeline.CreatePipeline")
    assert "U+0000" in str(reply["message"])
    assert "U+D800" in str(reply["message"])


@given(st.binary(max_size=200), st.text(max_size=30))
def test_any_bytes_get_a_modelled_answer(body: bytes, target: str) -> None:
    status, reply = sent(body, target=target)
    assert status == 200 or reply["__type"] in CODES
