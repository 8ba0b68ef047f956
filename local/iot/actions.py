"""What each action of a rule does. Anything that can fail raises ActionFailed, with a reason as an operator needs it.

Roles are not assumed: an embedded run has one owner. Actions of other services are refused by name.
Source  AWS IoT Core developer guide, "AWS IoT rule actions", the page of each
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.ports.errors import PortError
from local.iot.rules import Action
from local.iot.sql.evaluate import Selected
from local.iot.sql.faults import SqlFault
from local.iot.sql.message import Message
from local.iot.sql.values import UNDEFINED, Value
from local.iot.templates import fill
from local.iot.topics import is_topic


class ActionFailed(Exception):
    """An action was not done. `retryable` when trying again may help."""

    def __init__(self, reason: str, *, retryable: bool = False) -> None:
        super().__init__(reason)
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Means:
    """What actions act through.

    client   of an AWS service, by its boto3 name
    invoke   a function, by its name, with an event; raises ActionFailed
    publish  topic, payload, QoS
    queues   of the application itself, by name: its own store holds them, and survives when the embedded AWS ends
    """

    client: Callable[[str], Any]
    invoke: Callable[[str, Any], None]
    publish: Callable[[str, bytes, int], None]
    queues: Mapping[str, Callable[[str], None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """One action on one message."""

    action: Action
    selected: Selected
    message: Message
    means: Means

    def field(self, name: str) -> str:
        """A field with its substitution templates filled in. Raises ActionFailed when it is not given."""
        if name not in self.action.fields:
            raise ActionFailed(f"the {self.action.kind} action has no {name}")
        try:
            return fill(str(self.action.fields[name]), self.message)
        except SqlFault as fault:
            raise ActionFailed(f"{name}: {fault}") from fault

    def text(self) -> str:
        """What is sent where only text can be."""
        try:
            return self.selected.payload().decode()
        except UnicodeDecodeError as error:
            raise ActionFailed(f"the {self.action.kind} action takes no binary payload") from error


def perform(work: Work) -> None:
    """Do it. Raises ActionFailed."""
    act = _ACTIONS.get(work.action.kind)
    if act is None:
        raise ActionFailed(f"the embedded rules have no action {work.action.kind}")
    try:
        act(work)
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        raise ActionFailed(str(error), retryable=status >= 500 or "Thrott" in str(error)) from error
    except BotoCoreError as error:
        raise ActionFailed(str(error), retryable=True) from error


def _lambda(work: Work) -> None:
    """The event is what was selected, without an envelope; it must be JSON."""
    if isinstance(work.selected.value, bytes):
        raise ActionFailed("the lambda action takes no binary payload: SELECT encode(*, 'base64') AS data")
    name = work.field("functionArn").partition(":function:")[2].partition(":")[0]
    work.means.invoke(name, json.loads(work.selected.payload() or b"null"))


def _sqs(work: Work) -> None:
    encoded = work.action.fields.get("useBase64") in (True, "true")
    body = base64.b64encode(work.selected.payload()).decode() if encoded else work.text()
    url = work.field("queueUrl")
    own = work.means.queues.get(url.rpartition("/")[2])
    if own is None:
        work.means.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    else:
        _put(own, body)


def _put(queue: Callable[[str], None], body: str) -> None:
    try:
        queue(body)
    except PortError as error:
        raise ActionFailed(str(error), retryable=error.retryable) from error


def _sns(work: Work) -> None:
    structure = {"MessageStructure": "json"} if work.action.fields.get("messageFormat") == "JSON" else {}
    work.means.client("sns").publish(TopicArn=work.field("targetArn"), Message=work.text(), **structure)


def _kinesis(work: Work) -> None:
    key = work.field("partitionKey") if work.action.fields.get("partitionKey") else work.message.trace or "-"
    data = work.selected.payload()
    work.means.client("kinesis").put_record(StreamName=work.field("streamName"), Data=data, PartitionKey=key)


def _firehose(work: Work) -> None:
    data = work.selected.payload() + str(work.action.fields.get("separator", "")).encode()
    work.means.client("firehose").put_record(DeliveryStreamName=work.field("deliveryStreamName"), Record={"Data": data})


def _s3(work: Work) -> None:
    acl = {"ACL": work.action.fields["cannedAcl"]} if "cannedAcl" in work.action.fields else {}
    bucket, key = work.field("bucketName"), work.field("key")
    work.means.client("s3").put_object(Bucket=bucket, Key=key, Body=work.selected.payload(), **acl)


def _dynamodb_v2(work: Work) -> None:
    """Every member of the object is an attribute."""
    table = (work.action.fields.get("putItem") or {}).get("tableName")
    if not isinstance(work.selected.value, dict) or not table:
        raise ActionFailed("the dynamoDBv2 action takes an object, and putItem with a tableName")
    try:
        written = TypeSerializer().serialize(_storable(work.selected.value))["M"]
    except (TypeError, ArithmeticError) as error:
        raise ActionFailed(f"not an item of DynamoDB: {error}") from error
    work.means.client("dynamodb").put_item(TableName=table, Item=written)


def _storable(value: Value) -> Any:
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items() if item is not UNDEFINED}
    if isinstance(value, list):
        return [None if item is UNDEFINED else _storable(item) for item in value]
    return value


def _republish(work: Work) -> None:
    topic, qos = work.field("topic"), int(work.action.fields.get("qos", 0))
    if not is_topic(topic):
        raise ActionFailed(f"{topic!r} is no topic to publish on")
    work.means.publish(topic, work.selected.payload(), qos)


_ACTIONS: Mapping[str, Callable[[Work], None]] = {
    "dynamoDBv2": _dynamodb_v2,
    "firehose": _firehose,
    "kinesis": _kinesis,
    "lambda": _lambda,
    "republish": _republish,
    "s3": _s3,
    "sns": _sns,
    "sqs": _sqs,
}
