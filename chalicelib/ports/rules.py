"""Topic rules of the MQTT service: what sends messages to the arrivals queue."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.trigger.topic_rule import TopicRule
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.errors import Rejected


@dataclass(frozen=True, slots=True)
class OwnedRule:
    """A rule that was made for a pipeline, and when."""

    pipeline: PipelineId
    made: UtcTime


class TopicRules(Protocol):
    """At most one rule a pipeline. Both operations may be repeated, and are when whoever called them died."""

    def put(self, pipeline_id: PipelineId, rule: TopicRule) -> None:
        """Make the pipeline's rule, or replace it. Messages that it lets through go to the arrivals queue.

        What cannot be sent there goes to that queue's dead letters.
        Raises   Rejected when the service cannot read the query; Denied, Throttled, Unavailable
        """

    def remove(self, pipeline_id: PipelineId) -> None:
        """Remove the pipeline's rule if it has one. Raises Denied, Throttled, Unavailable."""

    def ours(self) -> Iterable[OwnedRule]:
        """Every rule of this stage. Raises Denied, Throttled, Unavailable."""


class NoTopicRules:
    """Where there is no MQTT service: the simulation, and tests of other things."""

    def put(self, pipeline_id: PipelineId, rule: TopicRule) -> None:
        """See TopicRules."""
        raise Rejected("put a topic rule", f"pipeline {pipeline_id}: there is no MQTT service here for {rule.sql}")

    def remove(self, pipeline_id: PipelineId) -> None:
        """See TopicRules."""

    def ours(self) -> Iterable[OwnedRule]:
        """See TopicRules."""
        return ()
