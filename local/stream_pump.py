"""What Lambda does between a data stream and a function: read each shard in order, go on behind what succeeded.

A shard's checkpoint is the last record before the first that failed; that one and what is behind it come again. It is
kept in memory: a new embedded run begins with the oldest record, as its stream does.
"""

import base64
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.invoke import Context
from local.pump import Handler

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class StreamSource:
    """An event source mapping: which stream feeds which function, records a batch."""

    stream: str
    name: str
    handler: Handler
    batch: int


class StreamPump:
    """One event source mapping at work. `client` is the embedded AWS's; the stream is made if it is not there."""

    def __init__(self, client: Any, source: StreamSource) -> None:
        self._client = client
        self._source = source
        self._places: dict[str, str] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"stream-{source.stream}", daemon=True)

    def start(self) -> None:
        """Read until `stop`."""
        if self._source.stream not in self._client.list_streams()["StreamNames"]:
            self._client.create_stream(StreamName=self._source.stream, ShardCount=1)
        self._thread.start()

    def stop(self) -> None:
        """Read no more; a function that runs is let end."""
        self._stopping.set()
        self._thread.join()

    def look(self) -> int:
        """Hand every shard's next batch to the function; how many records that were."""
        shards = self._client.list_shards(StreamName=self._source.stream)["Shards"]
        return sum(self._read(shard["ShardId"]) for shard in shards)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self.look()
            except (BotoCoreError, ClientError) as error:
                LOG.warning("stream not read stream=%s error=%s", self._source.stream, error)

    def _read(self, shard: str) -> int:
        after = self._places.get(shard)
        kind = {"ShardIteratorType": "TRIM_HORIZON"}
        if after is not None:
            kind = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        stream = self._source.stream
        place = self._client.get_shard_iterator(StreamName=stream, ShardId=shard, **kind)["ShardIterator"]
        records = self._client.get_records(ShardIterator=place, Limit=self._source.batch)["Records"]
        if records:
            done = _done(records, self._failed(shard, records))
            self._places.update({shard: done[-1]["SequenceNumber"]} if done else {})
        return len(records)

    def _failed(self, shard: str, records: Sequence[Mapping[str, Any]]) -> str | None:
        """The sequence number of the first record that failed."""
        event = {"Records": [_record(self._source, shard, record) for record in records]}
        try:
            answer = self._source.handler(event, Context(self._source.name))
        except Exception:
            LOG.exception("function failed name=%s", self._source.name)
            return str(records[0]["SequenceNumber"])
        failures = answer["batchItemFailures"] if isinstance(answer, Mapping) else ()
        return min((item["itemIdentifier"] for item in failures), key=int, default=None)


def _done(records: Sequence[Mapping[str, Any]], failed: str | None) -> Sequence[Mapping[str, Any]]:
    return [record for record in records if failed is None or int(record["SequenceNumber"]) < int(failed)]


def _record(source: StreamSource, shard: str, record: Mapping[str, Any]) -> dict[str, Any]:
    arn = f"arn:aws:kinesis:{_REGION}:123456789012:stream/{source.stream}"
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::123456789012:role/{source.name}",
        "awsRegion": _REGION,
        "eventSourceARN": arn,
    }
