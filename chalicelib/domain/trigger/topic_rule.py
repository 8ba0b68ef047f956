"""The topic rule behind an IotRuleTrigger: the user's query with what tells its messages apart added to it.

What the query selects keeps its names; ours begin with `penstock`. `SELECT *` alone is sent encoded, so that a payload
arrives as it was published, whether it is JSON, other text or binary. Must not know how rules are made, or queues.
Source  AWS IoT Core developer guide, "AWS IoT SQL reference" and "Working with binary payloads"
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from chalicelib.domain.definition.catalog.triggers import IotRuleTrigger
from chalicelib.domain.values import PipelineId

DATA, VALUE, PIPELINE, TRIGGER = "penstockData", "penstockValue", "penstockPipeline", "penstockTrigger"
TOPIC, CLIENT, TIME, TRACE, GIVEN = "penstockTopic", "penstockClient", "penstockTime", "penstockTrace", "penstockId"
OURS = frozenset((DATA, VALUE, PIPELINE, TRIGGER, TOPIC, CLIENT, TIME, TRACE, GIVEN))
_ENCODING = "2016-03-23"
_TOKEN = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|\w+|[^\s\w]", re.DOTALL)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_ENDS_ITEMS = frozenset(("FROM", "WHERE"))
_NO_KEYWORD_BEFORE = frozenset((*_ENDS_ITEMS, "AS", "", ",", ".", "+", "-", "/", "%", "=", "<", ">", ")"))


@dataclass(frozen=True, slots=True)
class TopicRule:
    """What a rule says; where it sends is the adapter's business."""

    sql: str
    version: str
    description: str


@dataclass(frozen=True, slots=True)
class _Query:
    """A query cut before its first top-level FROM or WHERE. `bare` for SELECT VALUE."""

    items: str
    rest: str
    bare: bool


def topic_rule(pipeline: PipelineId, trigger: str, given: IotRuleTrigger) -> TopicRule:
    """The rule of a pipeline's trigger, `trigger` being the object's id. Raises ValueError when it is no query."""
    query = _cut(given.sql)
    selected = ", ".join((_selected(query, given.sql_version), *_added(pipeline, trigger, given.message_id)))
    return TopicRule(
        f"SELECT {selected} {query.rest}".rstrip(), given.sql_version, f"Penstock {pipeline} {trigger}"[:256]
    )


def _selected(query: _Query, version: str) -> str:
    if query.items == "*" and version == _ENCODING:
        return f"encode(*, 'base64') AS {DATA}"
    return f"{query.items} AS {VALUE}" if query.bare else query.items


def _added(pipeline: PipelineId, trigger: str, message_id: str | None) -> Iterator[str]:
    yield f"'{pipeline}' AS {PIPELINE}"
    yield f"'{quote(trigger, safe='')}' AS {TRIGGER}"  # an id may hold quotes
    yield f"topic() AS {TOPIC}"
    yield f"clientid() AS {CLIENT}"
    yield f"timestamp() AS {TIME}"
    yield f"traceid() AS {TRACE}"
    if message_id:
        yield f"({message_id}) AS {GIVEN}"


def _cut(sql: str) -> _Query:
    found = list(_TOKEN.finditer(sql))
    words = [token[0].upper() for token in found] + ["", ""]
    if words[0] != "SELECT" or not words[1] or words[1] in _ENDS_ITEMS:
        raise ValueError("a rule's sql is SELECT … FROM 'topic filter', with WHERE … where it has a condition")
    bare = words[1] == "VALUE" and words[2] not in _NO_KEYWORD_BEFORE
    start = found[1 if bare else 0].end()
    end = next((token.start() for token in _top_level(found) if token[0].upper() in _ENDS_ITEMS), len(sql))
    return _Query(sql[start:end].strip(), sql[end:].strip(), bare)


def _top_level(found: list[re.Match[str]]) -> Iterator[re.Match[str]]:
    depth = 0
    for token in found:
        depth += (token[0] in _OPEN) - (token[0] in _CLOSE)
        if depth == 0:
            yield token
