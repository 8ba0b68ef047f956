"""What SQS adds to the contracts: partial failure of batches, and how few requests are made."""

from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from bench.counting import counting
from chalicelib.adapters.aws.sqs import QueueUrls, SqsQueues
from chalicelib.ports import trail
from chalicelib.ports.errors import Missing, Rejected, Throttled
from chalicelib.ports.queues import Message, Queue
from tests.contract.ports.conftest import Foundation
from tests.contract.ports.test_queues import LONG, NO_WAIT

URLS = {queue: QueueUrls(f"https://queue/{queue.value}", f"https://queue/{queue.value}-dead") for queue in Queue}
STORED: dict[str, Any] = {"Successful": []}


def failed(place: int, sender_fault: bool = False) -> dict[str, Any]:
    return {"Id": str(place), "SenderFault": sender_fault, "Code": "Trouble", "Message": "why"}


@pytest.fixture
def client(moto: Foundation) -> Any:
    return moto.client("sqs")


def test_only_the_failed_part_of_a_batch_is_sent_again(client: Any) -> None:
    stub, pauses = Stubber(client), list[float]()
    stub.add_response("send_message_batch", {**STORED, "Failed": [failed(1)]})
    again = [{"Id": "1", "MessageBody": "b"}]
    stub.add_response("send_message_batch", {**STORED, "Failed": []}, {"QueueUrl": ANY, "Entries": again})
    with stub:
        SqsQueues(client, URLS, pauses.append).send(Queue.TASKS, [Message("1", "a"), Message("2", "b")])
    stub.assert_no_pending_responses()
    assert len(pauses) == 1


def test_a_batch_that_keeps_failing_is_throttled(client: Any) -> None:
    stub, pauses = Stubber(client), list[float]()
    for _ in range(4):
        stub.add_response("send_message_batch", {**STORED, "Failed": [failed(0)]})
    with stub, pytest.raises(Throttled):
        SqsQueues(client, URLS, pauses.append).send(Queue.TASKS, [Message("1", "a")])


def test_a_message_that_is_at_fault_itself_is_rejected_at_once(client: Any) -> None:
    stub, pauses = Stubber(client), list[float]()
    stub.add_response("send_message_batch", {**STORED, "Failed": [failed(0, sender_fault=True)]})
    with stub, pytest.raises(Rejected, match="why"):
        SqsQueues(client, URLS, pauses.append).send(Queue.TASKS, [Message("1", "a")])
    assert pauses == []


def test_a_queue_that_is_not_there_is_missing(client: Any) -> None:
    with pytest.raises(Missing):
        SqsQueues(client, URLS).send(Queue.TASKS, [Message("1", "a")])


def test_messages_travel_in_as_few_requests_as_the_limits_allow(client: Any, moto: Foundation) -> None:
    urls = {
        queue: QueueUrls(
            moto.outputs[f"{queue.value.title()}QueueUrl"], moto.outputs[f"{queue.value.title()}DeadQueueUrl"]
        )
        for queue in Queue
    }
    with counting(client) as counted:
        SqsQueues(client, urls).send(Queue.CHUNKS, [Message(str(number), "body") for number in range(25)])
        SqsQueues(client, urls).send(Queue.TIMERS, [Message(str(number), "x" * 100_000) for number in range(5)])
    assert counted.of("sqs") == {"SendMessageBatch": 6}
    assert counted.messages_sent == {urls[Queue.CHUNKS].live: 25, urls[Queue.TIMERS].live: 5}


def test_a_message_with_no_room_for_a_correlation_goes_without(client: Any, moto: Foundation) -> None:
    urls = {queue: QueueUrls(moto.outputs["TasksQueueUrl"], moto.outputs["TasksDeadQueueUrl"]) for queue in Queue}
    queues = SqsQueues(client, urls)
    with trail.along(correlation="c-1"):
        queues.send(Queue.TASKS, [Message("1", "x" * (256 * 1024)), Message("2", "y" * (255 * 1024))])
    found = [*queues.receive(Queue.TASKS, 10, LONG, NO_WAIT), *queues.receive(Queue.TASKS, 10, LONG, NO_WAIT)]
    assert {item.body[0]: item.correlation for item in found} == {"x": "", "y": "c-1"}


def test_the_trace_is_sent_as_the_system_attribute_that_lambda_links_traces_by(client: Any) -> None:
    stub = Stubber(client)
    traced = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3;Sampled=1"}}
    entry = {"Id": "0", "MessageBody": "a", "MessageSystemAttributes": traced}
    stub.add_response("send_message_batch", {**STORED, "Failed": []}, {"QueueUrl": ANY, "Entries": [entry]})
    with stub, trail.along(trace="Root=1-2-3;Sampled=1"):
        SqsQueues(client, URLS).send(Queue.TASKS, [Message("1", "a")])
    stub.assert_no_pending_responses()
