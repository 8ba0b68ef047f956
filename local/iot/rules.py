"""The topic rules there are, read from the IoT API, and which of them a message concerns.

A rule whose SQL the embedded run cannot read is kept with its fault, logged once, and matches nothing.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.iot.sql.faults import SqlFault
from local.iot.sql.message import basic_ingest
from local.iot.sql.nodes import Statement
from local.iot.sql.parser import read
from local.iot.topics import matches

LOG = logging.getLogger(__name__)
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does: `kind` as the API spells it (`sqs`, `lambda`, …), and its fields."""

    kind: str
    fields: Fields

    @property
    def resource(self) -> str:
        """What it acts on, for reports: its first field that names something."""
        return next((str(value) for key, value in self.fields.items() if key != "roleArn"), "")


@dataclass(frozen=True, slots=True)
class Rule:
    """An enabled rule that can be read."""

    name: str
    statement: Statement
    actions: Sequence[Action]
    error_action: Action | None


class RuleBook:
    """All rules, as of the last `load`."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._rules: Mapping[str, Rule] = {}

    def load(self, iot: Any) -> None:
        """Read them anew, and keep them on disk."""
        payloads = dict(_payloads(iot))
        self._kept.write_text(json.dumps(payloads, default=str))
        rules = [_rule(name, payload) for name, payload in payloads.items()]
        self._rules = {rule.name: rule for rule in rules if rule is not None}

    def restore(self, iot: Any) -> None:
        """Create what was kept and is no longer there: the embedded AWS forgets everything when it ends."""
        kept: Mapping[str, Fields] = json.loads(self._kept.read_text()) if self._kept.exists() else {}
        present = {name for name, _ in _payloads(iot)}
        for name, payload in kept.items():
            if name not in present:
                iot.create_topic_rule(ruleName=name, topicRulePayload=dict(payload))
        self.load(iot)

    def concerned(self, topic: str) -> Sequence[tuple[Rule, str]]:
        """Rules for a message, each with the topic that it sees."""
        direct = basic_ingest(topic)
        if direct is None:
            return [(rule, topic) for rule in self._rules.values() if _listens(rule, topic)]
        rule = self._rules.get(direct[0])
        if rule is None:
            LOG.warning("RuleNotFound rule=%s", direct[0])
            return ()
        return ((rule, direct[1]),)


def _listens(rule: Rule, topic: str) -> bool:
    return rule.statement.topics is not None and matches(rule.statement.topics, topic)


def _payloads(iot: Any) -> Iterator[tuple[str, Fields]]:
    """Name and payload of every rule, as CreateTopicRule takes it."""
    for page in iot.get_paginator("list_topic_rules").paginate():
        for listed in page["rules"]:
            rule = iot.get_topic_rule(ruleName=listed["ruleName"])["rule"]
            kept = ("sql", "description", "actions", "ruleDisabled", "awsIotSqlVersion", "errorAction")
            yield listed["ruleName"], {key: rule[key] for key in kept if rule.get(key) not in (None, {})}


def _rule(name: str, payload: Fields) -> Rule | None:
    if payload.get("ruleDisabled"):
        return None
    try:
        statement = read(payload["sql"])
    except SqlFault as fault:
        LOG.warning("rule cannot be read rule=%s reason=%s", name, fault)
        return None
    failing = payload.get("errorAction")
    return Rule(name, statement, [_action(one) for one in payload["actions"]], _action(failing) if failing else None)


def _action(given: Fields) -> Action:
    kind, fields = next(iter(given.items()))
    return Action(kind, fields)
