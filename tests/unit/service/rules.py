"""Topic rules of tests."""

from collections.abc import Iterable
from datetime import UTC, datetime

from chalicelib.domain.trigger.topic_rule import TopicRule
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Rejected
from chalicelib.ports.rules import OwnedRule


class Rules:
    """Rules by pipeline; the service refuses a query that says so."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}
        self.removed = 0
        self.made_at = datetime(2026, 1, 1, tzinfo=UTC)

    def put(self, pipeline_id: PipelineId, rule: TopicRule) -> None:
        if "REFUSE" in rule.sql:
            raise Rejected("CreateTopicRule", "SqlParseException: no")
        self.made[pipeline_id] = rule.sql

    def remove(self, pipeline_id: PipelineId) -> None:
        self.removed += 1
        self.made.pop(pipeline_id, None)

    def ours(self) -> Iterable[OwnedRule]:
        return [OwnedRule(pipeline, self.made_at) for pipeline in self.made]
