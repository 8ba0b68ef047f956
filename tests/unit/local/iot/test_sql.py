"""The SQL of topic rules as data: every case of tests/cases/iot names the page of the guide it comes from."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.iot.sql.evaluate import evaluate, select
from local.iot.sql.faults import SqlFault
from local.iot.sql.functions import FUNCTIONS
from local.iot.sql.message import Message, basic_ingest
from local.iot.sql.parser import read, read_expression
from local.iot.sql.values import UNDEFINED, render
from local.iot.templates import fill
from local.iot.topics import is_filter, is_topic, matches

CASES = Path(__file__).parents[3] / "cases" / "iot"


def message(payload: bytes = b"{}", topic: str = "things/myThings/thingOne") -> Message:
    return Message(
        topic,
        payload,
        1481825251155,
        client="sensor-7",
        principal="ba67293af50bf2506f5f93469686da660c7c844e7b3950bfb16813e0d31e9373",
        trace="12345678-1234-1234-1234-123456789012",
        uuid="123a4567-b89c-12d3-e456-789012345000",
        chance=0.8231909191640703,
    )


def cases(name: str, key: str) -> list:
    found = json.loads((CASES / f"{name}.json").read_text())
    return [pytest.param(case, id=f"{number}-{case[key][:60]}") for number, case in enumerate(found)]


def payload_of(case: dict) -> bytes:
    return base64.b64decode(case["base64"]) if "base64" in case else json.dumps(case.get("payload", {})).encode()


@pytest.mark.parametrize("case", cases("functions", "expression") + cases("operators", "expression"))
def test_an_expression_gives_its_documented_value(case):
    value = evaluate(read_expression(case["expression"]), message(payload_of(case)))
    if case.get("undefined"):
        assert value is UNDEFINED
    else:
        assert json.loads(render(value)) == case["result"]


@pytest.mark.parametrize("case", cases("statements", "sql"))
def test_a_statement_selects_what_is_documented(case):
    content = payload_of(case)
    found = select(read(case["sql"]), message(content, case.get("topic", "things/myThings/thingOne")))
    if case.get("raw"):
        assert found is not None
        assert found.payload() == content
    elif "matches" in case:
        assert found is None
    else:
        assert found is not None
        assert json.loads(found.payload()) == case["result"]


@pytest.mark.parametrize("case", cases("errors", "sql"))
def test_a_faulty_statement_is_refused_with_its_place(case):
    with pytest.raises(SqlFault) as caught:
        read(case["sql"])
    assert case["error"] in caught.value.reason
    assert caught.value.column == case.get("column", caught.value.column)


@pytest.mark.parametrize("case", cases("topics", "filter"))
def test_a_filter_matches_as_the_service_matches(case):
    assert matches(case["filter"], case["topic"]) is case["matches"]


def test_every_function_has_a_case():
    written = " ".join(case.values[0]["expression"].lower() for case in cases("functions", "expression"))
    assert [name for name in FUNCTIONS if f"{name}(" not in written] == []


def test_every_case_names_its_source():
    for path in CASES.glob("*.json"):
        for case in json.loads(path.read_text()):
            assert case["source"], case


def test_a_value_that_is_undefined_alone_is_an_empty_payload():
    found = select(read("SELECT VALUE missing FROM 'a'"), message())
    assert found is not None
    assert found.payload() == b""


def test_whole_numbers_keep_their_digits():
    found = select(read("SELECT * FROM 'a'"), message(b'{"n": 12345678901234567890123, "d": 0.1}'))
    assert found is not None
    assert found.payload() == b'{"n":12345678901234567890123,"d":0.1}'


def test_a_statement_without_from_has_no_filter():
    assert read("SELECT *").topics is None
    assert read("SELECT * FROM 'a/#'").topics == "a/#"


def test_basic_ingest_hides_its_prefix():
    assert basic_ingest("$aws/rules/Building/Floor2/Room201") == ("Building", "Floor2/Room201")
    assert basic_ingest("$aws/rules/Building") == ("Building", "")
    assert basic_ingest("sensors/1") is None


def test_a_template_sees_the_payload_as_it_came():
    seen = message(b'{"device": "d1", "n": 2, "o": {"a": "}"}}')
    assert fill("${topic()}/republish", seen) == "things/myThings/thingOne/republish"
    assert fill("${device}-${n + 1}/${missing}x ${get({'a': '}'}, 'a')}", seen) == "d1-3/x }"
    with pytest.raises(SqlFault, match="no end"):
        fill("${device", seen)


@pytest.mark.parametrize(
    ("topic", "good"),
    [
        ("a/b", True),
        ("", False),
        ("a/+", False),
        ("a/#", False),
        ("a\0", False),
        ("a/b/c/d/e/f/g/h", True),
        ("a/b/c/d/e/f/g/h/i", False),
        ("x" * 256, True),
        ("é" * 129, False),
        ("$aws/rules/name/a/b/c/d/e/f/g/h", True),
    ],
)
def test_a_topic_has_bounds(topic, good):
    assert is_topic(topic) is good


@pytest.mark.parametrize(("topic_filter", "good"), [("#", True), ("a/#", True), ("a/#/b", False), ("a+", False)])
def test_a_filter_has_whole_wildcards(topic_filter, good):
    assert is_filter(topic_filter) is good


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OPERANDS = st.sampled_from(
    ["a", "b", "a.x", "1", "2.5", "'t'", "'3'", "true", "null", "undefined", "[a, b]", "{'k': a}", "topic()", "*"]
)
SIGNS = st.sampled_from(["+", "-", "*", "/", "%", "=", "<>", "<", ">=", "AND", "OR"])
CALLS = st.sampled_from(sorted(FUNCTIONS))


@settings(deadline=None)
@given(content=JSON, left=OPERANDS.filter(lambda operand: operand != "*"), sign=SIGNS, right=OPERANDS, name=CALLS)
def test_evaluation_is_total(content, left, sign, right, name):
    seen = message(json.dumps({"a": content, "b": [content]}).encode())
    if right != "*":
        render(evaluate(read_expression(f"{left} {sign} {right}"), seen))
    for call in (f"{name}({right})", f"{name}({left}, {right})", f"{name}({left}, {right}, {left})"):
        render(evaluate(read_expression(call), seen))


@settings(deadline=None)
@given(content=st.binary(max_size=64))
def test_any_payload_goes_through(content):
    found = select(read("SELECT * FROM 'a'"), message(content))
    assert found is not None
    assert select(read("SELECT encode(*, 'base64') AS d FROM 'a'"), message(content)) is not None


@settings(deadline=None)
@given(content=JSON)
def test_json_goes_through_unchanged(content):
    found = select(read("SELECT VALUE a FROM 'a'"), message(json.dumps({"a": content}).encode()))
    assert found is not None
    assert json.loads(found.payload()) == content
