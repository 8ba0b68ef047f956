"""An SNS topic with a queue that hears all of it."""

from typing import Any

from local.event_samples.sample import Clients


class Mailbox:
    """Makes topic and queue of one name. `topic` is the topic's ARN."""

    def __init__(self, clients: Clients, name: str) -> None:
        self._sqs = clients("sqs")
        sns = clients("sns")
        self.topic: str = sns.create_topic(Name=name)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

    def messages(self) -> list[str]:
        """What came since the last look, without waiting for more."""
        found: list[str] = []
        while messages := self._received():
            found += [message["Body"] for message in messages]
        return found

    def _received(self) -> list[Any]:
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        messages: list[Any] = answer.get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return messages
