"""ports/rules over AWS IoT Core. Owns rules' names and what they do; must not know what queries say.

A rule sends to the arrivals queue and not to a function: the queue keeps what a function could not take in, hands it
over in batches, and its dead letters are in one place with those of other triggers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.domain.trigger.topic_rule import TopicRule
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Conflict, Denied, Missing
from chalicelib.ports.rules import OwnedRule


@dataclass(frozen=True, slots=True)
class Destination:
    """Addresses of the arrivals queue and its dead letters' queue, and the role under which rules send there."""

    live_url: str
    dead_url: str
    role_arn: str


class IotRules:
    """`destination` is asked for when the first rule is made."""

    def __init__(self, client: Any, stage: str, destination: Callable[[], Destination]) -> None:
        self._client = client
        self._stage = stage
        self._destination = destination

    def put(self, pipeline_id: PipelineId, rule: TopicRule) -> None:
        """See ports/rules. Another caller may make or remove the rule at the same time."""
        arguments = {"ruleName": self._name(pipeline_id), "topicRulePayload": self._payload(rule)}
        try:
            call("CreateTopicRule", self._client.create_topic_rule, **arguments)
        except Conflict:
            call("ReplaceTopicRule", self._client.replace_topic_rule, **arguments)

    def remove(self, pipeline_id: PipelineId) -> None:
        """See ports/rules. The service denies access to a rule that does not exist."""
        name = self._name(pipeline_id)
        try:
            call("DeleteTopicRule", self._client.delete_topic_rule, ruleName=name)
        except Missing:
            return
        except Denied:
            if name in self._names():
                raise

    def ours(self) -> Iterator[OwnedRule]:
        """See ports/rules. Ids of pipelines have one dash and no underscore."""
        beginning = self._name(PipelineId(""))
        for rule in self._rules():
            if rule["ruleName"].startswith(beginning):
                pipeline = PipelineId(rule["ruleName"].removeprefix(beginning).replace("_", "-"))
                yield OwnedRule(pipeline, rule["createdAt"].astimezone(UTC))

    def _name(self, pipeline_id: PipelineId) -> str:
        return f"penstock_{self._stage}_{pipeline_id.replace('-', '_')}"

    def _names(self) -> Iterator[str]:
        return (rule["ruleName"] for rule in self._rules())

    def _rules(self) -> Iterator[Any]:
        marker: dict[str, str] = {}
        while True:
            page = call("ListTopicRules", self._client.list_topic_rules, **marker)
            yield from page["rules"]
            if not page.get("nextToken"):
                return
            marker = {"nextToken": page["nextToken"]}

    def _payload(self, rule: TopicRule) -> dict[str, Any]:
        to = self._destination()

        def sending(url: str) -> dict[str, Any]:
            return {"sqs": {"roleArn": to.role_arn, "queueUrl": url, "useBase64": False}}

        return {
            "sql": rule.sql,
            "awsIotSqlVersion": rule.version,
            "description": rule.description,
            "ruleDisabled": False,
            "actions": [sending(to.live_url)],
            "errorAction": sending(to.dead_url),
        }
