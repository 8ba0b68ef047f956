"""Topic rules in the embedded AWS, as programs meet them: boto3 makes rules and publishes, paho talks to the broker."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local import embedded
from local.environment import BROKER_PORT, environment
from local.iot.service import IotService
from local.processes import Child
from tests.contract.mqtt.clients import Client

ROLE = "arn:aws:iam::123456789012:role/iot"


class Cloud:
    """A running broker, rule engine and embedded AWS; functions are what a test puts there."""

    def __init__(self, home: Path) -> None:
        self.functions: dict[str, Any] = {}
        self.service = IotService(home / "iot")
        self.service.start(0, 0)
        self._child, self._url = started(self.service, home)
        self.service.attach(self.client, self.functions, {})
        self._queue = self.client("sqs").create_queue(QueueName="heard")["QueueUrl"]

    def client(self, name: str) -> Any:
        keys = {"aws_access_key_id": "me", "aws_secret_access_key": "me"}
        return boto3.client(name, region_name="us-east-1", endpoint_url=self._url, **keys)

    def rule(self, name: str, sql: str, *actions: dict, error: dict | None = None) -> None:
        payload = {"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": list(actions) or [self.to_queue()]}
        if error is not None:
            payload["errorAction"] = error
        self.client("iot").create_topic_rule(ruleName=name, topicRulePayload=payload)

    def to_queue(self) -> dict:
        return {"sqs": {"queueUrl": self._queue, "roleArn": ROLE}}

    def heard(self, count: int = 1) -> list[str]:
        found: list[str] = []
        while len(found) < count:
            got = self.client("sqs").receive_message(QueueUrl=self._queue, WaitTimeSeconds=5, MaxNumberOfMessages=10)
            assert "Messages" in got, found
            for message in got["Messages"]:
                self.client("sqs").delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                found.append(message["Body"])
        return found

    def stop(self) -> None:
        self.service.stop()
        self._child.stop()


def started(service: IotService, home: Path) -> tuple[Child, str]:
    known = environment(None, None) | {BROKER_PORT: str(service.port)}
    return embedded.start(0, "http://127.0.0.1:9/datapipeline", known, home)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    running = Cloud(tmp_path_factory.mktemp("cloud"))
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def no_rules(cloud: Cloud) -> Iterator[None]:
    yield
    iot = cloud.client("iot")
    for rule in iot.list_topic_rules()["rules"]:
        iot.delete_topic_rule(ruleName=rule["ruleName"])


@pytest.fixture
def device(cloud: Cloud) -> Iterator[Client]:
    client = Client(cloud.service._server, "device-1").connect()
    yield client
    client.close()


def test_a_rule_runs_from_the_moment_it_is_made_until_it_is_deleted(cloud, device):
    cloud.rule("hot", "SELECT t, topic(2) AS device, clientid() AS client FROM 'sensors/+' WHERE t > 30")
    device.publish("sensors/7", b'{"t": 31}')
    device.publish("sensors/7", b'{"t": 30}')
    device.publish("other/7", b'{"t": 99}')
    assert json.loads(cloud.heard()[0]) == {"t": 31, "device": "7", "client": "device-1"}
    iot = cloud.client("iot")
    sqs = {"sql": "SELECT VALUE t FROM 'sensors/+'", "actions": [cloud.to_queue()]}
    iot.replace_topic_rule(ruleName="hot", topicRulePayload=sqs)
    device.publish("sensors/8", b'{"t": 1}')
    assert cloud.heard() == ["1"]
    iot.disable_topic_rule(ruleName="hot")
    device.publish("sensors/8", b'{"t": 2}')
    iot.enable_topic_rule(ruleName="hot")
    device.publish("sensors/8", b'{"t": 3}')
    iot.delete_topic_rule(ruleName="hot")
    device.publish("sensors/8", b'{"t": 4}')
    cloud.rule("mark", "SELECT VALUE 'mark' FROM 'mark'")
    device.publish("mark", b"")
    assert sorted(cloud.heard(2)) == ['"mark"', "3"]


def test_basic_ingest_reaches_its_rule_only(cloud, device):
    cloud.rule("direct", "SELECT VALUE topic() FROM 'unused'")
    cloud.rule("all", "SELECT VALUE 'all' FROM '#'")
    device.subscribe("#")
    device.publish("$aws/rules/direct/floor/2", b"{}")
    device.publish("$aws/rules/unknown/floor/2", b"{}")
    assert cloud.heard() == ['"floor/2"']
    device.publish("mark", b"{}")
    assert device.next()[0] == "mark"
    assert cloud.heard() == ['"all"']


def test_publishes_over_http_reach_subscribers_and_rules(cloud, device):
    cloud.rule("all", "SELECT VALUE clientid() FROM 'plant/#'")
    device.subscribe("plant/#")
    cloud.client("iot-data").publish(topic="plant/ä b/1", qos=1, payload=b"\x00\xff")
    assert device.next()[:2] == ("plant/ä b/1", b"\x00\xff")
    assert cloud.heard()[0].startswith('"aws-')


def test_a_payload_that_is_too_large_is_refused_over_http(cloud):
    client = cloud.client("iot-data")
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.publish(topic="plant", qos=1, payload=bytes(128 * 1024 + 1))


def test_actions_write_where_they_say(cloud, device):
    cloud.client("s3").create_bucket(Bucket="plant")
    cloud.client("kinesis").create_stream(StreamName="plant", ShardCount=1)
    cloud.client("dynamodb").create_table(
        TableName="plant",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    topic = cloud.client("sns").create_topic(Name="plant")["TopicArn"]
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:heard")
    cloud.rule(
        "everywhere",
        "SELECT id, t FROM 'plant/+'",
        {"s3": {"roleArn": ROLE, "bucketName": "plant", "key": "${topic(2)}/${id}.json"}},
        {"kinesis": {"roleArn": ROLE, "streamName": "plant", "partitionKey": "${id}"}},
        {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "plant"}}},
        {"republish": {"roleArn": ROLE, "topic": "copy/${topic(2)}", "qos": 1}},
        {"sns": {"targetArn": topic, "roleArn": ROLE, "messageFormat": "RAW"}},
    )
    device.subscribe("copy/+")
    device.publish("plant/7", b'{"id": "a", "t": 1.5, "more": true}')
    expected = {"id": "a", "t": 1.5}
    found = cloud.client("s3").get_object(Bucket="plant", Key="7/a.json")["Body"].read()
    assert json.loads(found) == expected
    kinesis = cloud.client("kinesis")
    shard = kinesis.get_shard_iterator(
        StreamName="plant", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )
    record = kinesis.get_records(ShardIterator=shard["ShardIterator"])["Records"][0]
    assert (json.loads(record["Data"]), record["PartitionKey"]) == (expected, "a")
    item = cloud.client("dynamodb").get_item(TableName="plant", Key={"id": {"S": "a"}})["Item"]
    assert item == {"id": {"S": "a"}, "t": {"N": "1.5"}}
    assert device.next()[:2] == ("copy/7", b'{"id":"a","t":1.5}')
    assert json.loads(json.loads(cloud.heard()[0])["Message"]) == expected


def test_a_function_is_given_what_was_selected(cloud, device):
    given: list = []
    cloud.functions["penstock-local-iot"] = lambda event, context: given.append((event, context.function_name))
    arn = "arn:aws:lambda:us-east-1:123456789012:function:penstock-local-iot"
    cloud.rule("call", "SELECT VALUE t FROM 'plant/#'", {"lambda": {"functionArn": arn}})
    device.publish("plant/7", b'{"t": [1, 2.5, null]}')
    assert given == [([1, 2.5, None], "penstock-local-iot")]


def test_the_error_action_hears_of_an_action_that_failed(cloud, device):
    gone = {"sqs": {"queueUrl": "http://127.0.0.1/123456789012/gone", "roleArn": ROLE}}
    function = {"lambda": {"functionArn": "arn:aws:lambda:us-east-1:123456789012:function:none"}}
    cloud.rule("failing", "SELECT * FROM 'plant/#'", gone, function, cloud.to_queue(), error=cloud.to_queue())
    device.publish("plant/7", b'{"t": 1}')
    sent, report = (json.loads(body) for body in cloud.heard(2))
    assert sent == {"t": 1}
    assert (report["ruleName"], report["topic"], report["clientId"]) == ("failing", "plant/7", "device-1")
    assert base64.b64decode(report["base64OriginalPayload"]) == b'{"t": 1}'
    assert [failure["failedAction"] for failure in report["failures"]] == ["sqs", "lambda"]


def test_a_function_takes_no_binary_payload(cloud, device):
    function = {"lambda": {"functionArn": "arn:aws:lambda:us-east-1:123456789012:function:any"}}
    cloud.rule("binary", "SELECT * FROM 'plant/#'", function, error=cloud.to_queue())
    device.publish("plant/7", b"\x00\xff")
    assert "binary" in json.loads(cloud.heard()[0])["failures"][0]["errorMessage"]


def test_rules_outlive_the_embedded_aws(tmp_path):
    first = Cloud(tmp_path)
    first.rule("kept", "SELECT VALUE t FROM 'plant/#'")
    first.stop()
    second = Cloud(tmp_path)
    device = Client(second.service._server, "device").connect()
    device.publish("plant/7", b'{"t": 5}')
    device.close()
    names = [rule["ruleName"] for rule in second.client("iot").list_topic_rules()["rules"]]
    second.stop()
    assert names == ["kept"]
