"""Topic rules of tests."""

from chalicelib.domain.trigger.topic_rule import TopicRule
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Rejected


class Rules:
    """Rules by pipeline; the service refuses a query that says so."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}
        self.removed = 0

    def put(self, pipeline_id: PipelineId, rule: TopicRule) -> None:
        if "REFUSE" in rule.sql:
            raise Rejected("CreateTopicRule", "SqlParseException: no")
        self.made[pipeline_id] = rule.sql

    def remove(self, pipeline_id: PipelineId) -> None:
        self.removed += 1
        self.made.pop(pipeline_id, None)
