"""Topics, over moto."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.aws.sns import SnsNotifier
from chalicelib.ports.errors import Missing


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.Session("id", "key", region_name="us-east-1")


@pytest.fixture
def topic(session: boto3.Session) -> str:
    arn: str = session.client("sns").create_topic(Name="alarms")["TopicArn"]
    return arn


@pytest.fixture
def mailbox(session: boto3.Session, topic: str) -> Any:
    sqs = session.client("sqs")
    url = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    session.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:mailbox"
    )
    return lambda: [json.loads(item["Body"]) for item in sqs.receive_message(QueueUrl=url).get("Messages", [])]


def test_a_message_reaches_whoever_subscribed(session: boto3.Session, topic: str, mailbox: Any) -> None:
    roles: list[str | None] = []

    def client(role: str | None) -> Any:
        roles.append(role)
        return session.client("sns")

    SnsNotifier(client).publish(topic, "It failed", "because", "DataPipelineDefaultRole")
    (mail,) = mailbox()
    assert (mail["Subject"], mail["Message"]) == ("It failed", "because")
    assert roles == ["DataPipelineDefaultRole"]


@pytest.mark.parametrize("subject", ["", "x" * 500, "two\nlines", "\u20ac\u20ac"])
def test_a_subject_that_sns_would_refuse_is_made_to_fit(
    session: boto3.Session, topic: str, mailbox: Any, subject: str
) -> None:
    SnsNotifier(lambda _: session.client("sns")).publish(topic, subject, "\u20ac" * 100_000, None)
    (mail,) = mailbox()
    assert len(mail.get("Subject", "")) <= 100
    assert len(mail["Message"].encode()) <= 262_144


def test_a_topic_that_does_not_exist_is_missing(session: boto3.Session, topic: str) -> None:
    with pytest.raises(Missing):
        SnsNotifier(lambda _: session.client("sns")).publish(f"{topic}-not", "s", "m", None)
