"""From a trigger's query to its rule, and by the embedded rules and the arrivals handler to what a run sees."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.definition.catalog.triggers import IotRuleTrigger
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.trigger.topic_rule import TopicRule, topic_rule
from chalicelib.domain.values import PipelineId
from chalicelib.edge.arrivals import arrivals_of
from local.iot.sql.evaluate import select
from local.iot.sql.message import Message
from local.iot.sql.parser import read

ADDED = (
    "'df-1' AS penstockPipeline, 'T' AS penstockTrigger, topic() AS penstockTopic, clientid() AS penstockClient, "
    "timestamp() AS penstockTime, traceid() AS penstockTrace"
)


def rule(sql: str, trigger: str = "T", **fields: str) -> TopicRule:
    written = tuple(Field(key, text) for key, text in {"sql": sql, **fields}.items())
    item = PipelineObject(trigger, trigger, (Field("type", "IotRuleTrigger"), *written))
    return topic_rule(PipelineId("df-1"), trigger, IotRuleTrigger.read(item))


def seen(made: TopicRule, payload: bytes, topic: str = "plant/7") -> dict[str, str] | None:
    """The fields of the run that a message starts; None when it starts none."""
    message = Message(topic, payload, 1481825251155, client="me", trace="trace")
    selected = select(read(made.sql), message)
    if selected is None:
        return None
    (arrival,) = arrivals_of(selected.payload().decode())
    return dict(arrival.fields)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM 'a/b'", f"SELECT encode(*, 'base64') AS penstockData, {ADDED} FROM 'a/b'"),
        ("select a, b.c AS d from 'a' where a > 1", f"SELECT a, b.c AS d, {ADDED} from 'a' where a > 1"),
        ("SELECT VALUE a.b FROM 'a'", f"SELECT a.b AS penstockValue, {ADDED} FROM 'a'"),
        ("SELECT value FROM 'a'", f"SELECT value, {ADDED} FROM 'a'"),
        ("SELECT value AS v FROM 'a'", f"SELECT value AS v, {ADDED} FROM 'a'"),
        ("SELECT (SELECT VALUE n FROM e) AS n FROM 'a'", f"SELECT (SELECT VALUE n FROM e) AS n, {ADDED} FROM 'a'"),
        ("SELECT ' FROM ' AS x FROM 'a'", f"SELECT ' FROM ' AS x, {ADDED} FROM 'a'"),
        ("SELECT *", f"SELECT encode(*, 'base64') AS penstockData, {ADDED}"),
        ("SELECT *, 1 AS n FROM 'a'", f"SELECT *, 1 AS n, {ADDED} FROM 'a'"),
    ],
)
def test_a_query_is_kept_with_what_tells_messages_apart(sql: str, expected: str) -> None:
    assert rule(sql).sql == expected


@pytest.mark.parametrize("sql", ["", "SELECT", "SELECT FROM 'a'", "DELETE FROM 'a'", "plant/+/temperature"])
def test_what_is_no_query_is_refused(sql: str) -> None:
    with pytest.raises(ValueError, match="SELECT"):
        rule(sql)


def test_the_older_version_has_no_encoding() -> None:
    assert rule("SELECT * FROM 'a'", sqlVersion="2015-10-08").sql.startswith("SELECT *, 'df-1'")


def test_a_trigger_may_be_called_anything() -> None:
    made = rule("SELECT * FROM '#'", trigger='It\'s "a" Rule/1')
    message = Message("a", b"1", 1, trace="t")
    selected = select(read(made.sql), message)
    assert selected is not None
    assert arrivals_of(selected.payload().decode())[0].source == 'iot#df-1/It\'s "a" Rule/1'


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_payload_starts_a_run_that_sees_it(payload: bytes) -> None:
    fields = seen(rule("SELECT * FROM 'plant/+'"), payload)
    assert fields is not None
    assert fields["@topic"] == "plant/7"


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.integers(-(10**9), 10**9) | st.text() | st.booleans() | st.none(), max_size=5))
def test_a_json_payload_is_seen_as_it_was_published(content: dict) -> None:
    payload = json.dumps(content)
    fields = seen(rule("SELECT * FROM 'plant/+'"), payload.encode())
    assert fields is not None
    assert fields["@payload"] == payload


def test_a_condition_lets_through_what_meets_it() -> None:
    made = rule("SELECT t AS temperature FROM 'plant/+' WHERE t > 30", messageId="concat(topic(2), '-', t)")
    assert seen(made, b'{"t": 30}') is None
    assert seen(made, b"no json") is None
    fields = seen(made, b'{"t": 31}')
    assert fields is not None
    assert fields["@payload"] == '{"temperature":31}'
