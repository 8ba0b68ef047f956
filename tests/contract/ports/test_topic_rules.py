"""ports/rules on AWS IoT Core as moto has it, and on what moto does not say of it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.adapters.aws.iot_rules import Destination, IotRules
from chalicelib.domain.trigger.topic_rule import TopicRule
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Denied

PIPELINE = PipelineId("df-0123456789ABCDEFGHIJ")
NAME = "penstock_dev_df_0123456789ABCDEFGHIJ"
TO = Destination("https://sqs/live", "https://sqs/dead", "arn:aws:iam::123456789012:role/rules")
RULE = TopicRule("SELECT * FROM 'a'", "2016-03-23", "said")


@pytest.fixture
def iot() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("iot", "us-east-1", aws_access_key_id="me", aws_secret_access_key="me")


def rules(client: Any) -> IotRules:
    return IotRules(client, "dev", lambda: TO)


def test_a_rule_sends_to_the_queue_and_its_failures_to_the_dead_letters(iot: Any) -> None:
    rules(iot).put(PIPELINE, RULE)
    made = iot.get_topic_rule(ruleName=NAME)["rule"]
    assert (made["sql"], made["awsIotSqlVersion"], made["ruleDisabled"]) == ("SELECT * FROM 'a'", "2016-03-23", False)
    assert [action["sqs"]["queueUrl"] for action in made["actions"]] == ["https://sqs/live"]
    assert made["errorAction"]["sqs"]["queueUrl"] == "https://sqs/dead"


def test_a_rule_is_replaced_by_the_next(iot: Any) -> None:
    for sql in ("SELECT * FROM 'a'", "SELECT * FROM 'b'", "SELECT * FROM 'b'"):
        rules(iot).put(PIPELINE, TopicRule(sql, "2016-03-23", ""))
    assert [rule["topicPattern"] for rule in iot.list_topic_rules()["rules"]] == ["b"]


def test_a_rule_is_removed_however_often_it_is_asked(iot: Any) -> None:
    rules(iot).put(PIPELINE, RULE)
    for _ in range(2):
        rules(iot).remove(PIPELINE)
    assert iot.list_topic_rules()["rules"] == []


def test_the_rules_of_this_stage_are_listed_by_pipeline(iot: Any) -> None:
    rules(iot).put(PIPELINE, RULE)
    IotRules(iot, "prod", lambda: TO).put(PIPELINE, RULE)
    payload = {"sql": "SELECT * FROM 'a'", "actions": []}
    iot.create_topic_rule(ruleName="somebody_elses", topicRulePayload=payload)
    assert [rule.pipeline for rule in rules(iot).ours()] == [PIPELINE]


class Refusing:
    """The service as it answers for a rule that is not there, or that one may not delete."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def delete_topic_rule(self, **_: Any) -> None:
        error = {"Error": {"Code": "UnauthorizedException"}, "ResponseMetadata": {"HTTPStatusCode": 401}}
        raise ClientError(error, "DeleteTopicRule")

    def list_topic_rules(self, **asked: str) -> dict[str, Any]:
        at = int(asked.get("nextToken", "0"))
        more = {"nextToken": str(at + 1)} if at + 1 < len(self._names) else {}
        return {"rules": [{"ruleName": name} for name in self._names[at : at + 1]], **more}


def test_a_rule_that_is_not_there_is_removed_though_the_service_denies_it() -> None:
    rules(Refusing("other", "another")).remove(PIPELINE)


def test_a_rule_that_is_there_and_may_not_be_deleted_is_told() -> None:
    with pytest.raises(Denied):
        rules(Refusing("other", NAME)).remove(PIPELINE)
