"""Where results go besides S3, and the actions that matches raise. Must not know how results come about.

Results are handed over in the items' order, in batches, before they are noted as done. A worker that dies between the
two hands a batch over again:

DynamoDB    each result replaces the item with its key: the table holds one item per result, whatever is repeated
SNS FIFO    a repeated message is dropped by the topic, within its five minutes
SNS, IoT, Kinesis  the batch may come twice; each message carries the `id` of its result, the same every time
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from chalicelib.domain.inference.results import Fault, Result, plain_result
from chalicelib.ports.errors import PortError, Rejected, Throttled
from chalicelib.ports.streams import LARGEST_BATCH, LARGEST_RECORD, MOST_RECORDS, NewRecord, StreamName, Streams
from chalicelib.ports.tables import Attribute, Item
from chalicelib.ports.topics import TopicMessage, Topics
from chalicelib.transfer.pool import run_all
from chalicelib.transfer.rate import Patience
from chalicelib.transfer.tables import Lane, put_all

_LARGEST_ITEM = 380_000
_LARGEST_MESSAGE = 250_000
_LARGEST_MQTT = 120_000
_MQTT_PARALLEL = 8
_LONGEST_KEY = 256
_T = TypeVar("_T")


class OutOfTime(PortError):
    """Results were not taken while there was time: they are handed over again."""

    retryable = True


class Output(Protocol):
    """One place. Raises what the place raises, OutOfTime; some results are there then, and come again."""

    def deliver(self, results: Sequence[Result]) -> None:
        """Hand over results, in order."""


@dataclass(frozen=True, slots=True)
class TableOutput:
    """A DynamoDB table. Results lie under their item, in the attribute that is the table's key."""

    lane: Lane

    def deliver(self, results: Sequence[Result]) -> None:
        """See Output. Raises Rejected for a table with a sort key that results do not have."""
        if not put_all(self.lane, [self._item(result) for result in results]):
            raise OutOfTime(f"write table {self.lane.name}", "there was no time left")

    def _item(self, result: Result) -> Item:
        plain = plain_result(fitting(result, _LARGEST_ITEM))
        first, *others = self.lane.shape.key
        missing = [name for name in others if name not in plain]
        if missing:
            reason = f"its sort key is {missing[0]}; results have {', '.join(plain)}"
            raise Rejected(f"write table {self.lane.name}", reason)
        return {**{name: attribute_of(value) for name, value in plain.items()}, first: {"S": result.item}}


@dataclass(frozen=True, slots=True)
class StreamOutput:
    """A Kinesis stream. Records of one item have its address as their key."""

    streams: Streams
    stream: StreamName
    owner: str
    patience: Callable[[], Patience]

    def deliver(self, results: Sequence[Result]) -> None:
        """See Output."""
        records = [NewRecord(_key(result.item), _body(result, self.owner, LARGEST_RECORD - 512)) for result in results]
        for batch in _batches(
            records, MOST_RECORDS, LARGEST_BATCH, lambda record: len(record.content) + len(record.key)
        ):
            repeat(lambda rest: self.streams.put(self.stream, rest), batch, self.patience(), self.stream.name)


@dataclass(frozen=True, slots=True)
class TopicOutput:
    """An SNS topic, a message a result."""

    topics: Topics
    topic_arn: str
    owner: str
    patience: Callable[[], Patience]

    def deliver(self, results: Sequence[Result]) -> None:
        """See Output."""
        publish(self.topics, self.topic_arn, [self._message(result) for result in results], self.patience)

    def _message(self, result: Result) -> TopicMessage:
        named = id_of(self.owner, result.item)
        body = _body(result, self.owner, _LARGEST_MESSAGE).decode()
        return TopicMessage(named, body, attributes={"id": named, "item": _key(result.item)})


@dataclass(frozen=True, slots=True)
class MqttOutput:
    """A topic of AWS IoT, a message a result."""

    topics: Topics
    topic: str
    region: str | None
    owner: str
    patience: Callable[[], Patience]

    def deliver(self, results: Sequence[Result]) -> None:
        """See Output. Messages of one batch may overtake each other."""

        def send(result: Result) -> None:
            repeat(lambda rest: self._publish(rest[0]), [result], self.patience(), self.topic)

        for _ in run_all(send, results, _MQTT_PARALLEL, bool):
            pass

    def _publish(self, result: Result) -> Sequence[Result]:
        self.topics.publish_mqtt(self.topic, _body(result, self.owner, _LARGEST_MQTT), self.region)
        return ()


def publish(topics: Topics, arn: str, messages: Sequence[TopicMessage], patience: Callable[[], Patience]) -> None:
    """Publish any number of messages, through throttling. Raises what topics raise, OutOfTime."""
    for batch in _batches(messages, 10, _LARGEST_MESSAGE, lambda message: len(message.body.encode())):
        repeat(lambda rest: topics.publish(arn, rest), batch, patience(), arn)


def repeat(send: Callable[[Sequence[_T]], Sequence[_T]], batch: Sequence[_T], patience: Patience, name: str) -> None:
    """Send until nothing is left of the batch. Raises what `send` raises for good, OutOfTime."""
    rest = batch
    while rest:
        rest, why = _sent(send, rest, name)
        if rest and not patience.goes_on(why):
            raise OutOfTime(why.operation, why.reason)


def _sent(
    send: Callable[[Sequence[_T]], Sequence[_T]], batch: Sequence[_T], name: str
) -> tuple[Sequence[_T], PortError]:
    try:
        rest = send(batch)
    except PortError as error:
        return batch, error
    return rest, Throttled(f"send to {name}", f"{len(rest)} were not taken")


def fitting(result: Result, most: int) -> Result:
    """The result, or when it has more than so many bytes as JSON, the same with an error in the output's place."""
    size = len(json.dumps(plain_result(result), ensure_ascii=False).encode())
    if size <= most:
        return result
    told = Fault("ResultTooLarge", f"the result has {size} bytes, {most} fit here")
    return replace(result, output=None, given=None, fault=told)


def id_of(*parts: str) -> str:
    """What tells a message apart from all others, the same whenever it is made."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def attribute_of(value: object) -> Attribute:
    """A JSON value as DynamoDB has it."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": repr(value)}
        case dict():
            return {"M": {str(key): attribute_of(each) for key, each in value.items()}}
        case list() | tuple():
            return {"L": [attribute_of(each) for each in value]}
        case _:
            return {"S": str(value)}


def _body(result: Result, owner: str, most: int) -> bytes:
    plain: Mapping[str, object] = {"id": id_of(owner, result.item), **plain_result(fitting(result, most))}
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode()


def _key(item: str) -> str:
    return item if len(item) <= _LONGEST_KEY else hashlib.sha256(item.encode()).hexdigest()


def _batches(all_of: Sequence[_T], most: int, size: int, size_of: Callable[[_T], int]) -> Iterator[Sequence[_T]]:
    batch: list[_T] = []
    held = 0
    for each in all_of:
        length = size_of(each)
        if batch and (len(batch) == most or held + length > size):
            yield batch
            batch, held = [], 0
        batch.append(each)
        held += length
    if batch:
        yield batch
