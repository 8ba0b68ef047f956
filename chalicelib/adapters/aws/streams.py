"""ports/streams over boto3's kinesis client.

Source: Kinesis Data Streams API reference
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.domain.values import UtcTime
from chalicelib.ports.streams import NewRecord, Record, Records, StreamName

_MOST_READ = 10_000


class KinesisStreams:
    """One set of credentials. `clients` gives the client of a region; None is the credentials' own."""

    def __init__(self, clients: Callable[[str | None], Any]) -> None:
        self._clients = clients

    def put(self, stream: StreamName, records: Sequence[NewRecord]) -> Sequence[NewRecord]:
        """See ports/streams."""
        entries = [{"Data": record.content, "PartitionKey": record.key} for record in records]
        reply = call(f"put to {stream.name}", self._client(stream).put_records, Records=entries, **_named(stream))
        answers = zip(records, reply["Records"], strict=True)
        return [record for record, answer in answers if answer.get("ErrorCode")]

    def shards(self, stream: StreamName) -> Sequence[str]:
        """See ports/streams."""
        client, found = self._client(stream), []
        page = call(f"list shards of {stream.name}", client.list_shards, **_named(stream))
        found += [shard["ShardId"] for shard in page["Shards"]]
        while page.get("NextToken"):
            page = call(f"list shards of {stream.name}", client.list_shards, NextToken=page["NextToken"])
            found += [shard["ShardId"] for shard in page["Shards"]]
        return sorted(found)

    def open(self, stream: StreamName, shard: str, after: str | UtcTime | None) -> str:
        """See ports/streams."""
        kind = _place(after)
        reply = call(
            f"read {stream.name}", self._client(stream).get_shard_iterator, ShardId=shard, **kind, **_named(stream)
        )
        return str(reply["ShardIterator"])

    def read(self, stream: StreamName, shard: str, place: str, most: int) -> Records:
        """See ports/streams."""
        reply = call(
            f"read {stream.name}", self._client(stream).get_records, ShardIterator=place, Limit=min(most, _MOST_READ)
        )
        records = [_record(shard, item) for item in reply["Records"]]
        return Records(records, reply.get("NextShardIterator"), int(reply.get("MillisBehindLatest", 0)))

    def _client(self, stream: StreamName) -> Any:
        parts = stream.name.split(":")
        return self._clients(stream.region or (parts[3] if len(parts) > 5 else None))


def _named(stream: StreamName) -> Mapping[str, str]:
    return {"StreamARN" if stream.name.startswith("arn:") else "StreamName": stream.name}


def _place(after: str | UtcTime | None) -> Mapping[str, str | UtcTime]:
    if after is None:
        return {"ShardIteratorType": "TRIM_HORIZON"}
    if isinstance(after, str):
        return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
    return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": after}


def _record(shard: str, item: Mapping[str, Any]) -> Record:
    return Record(
        shard, item["SequenceNumber"], item["PartitionKey"], item["Data"], item["ApproximateArrivalTimestamp"]
    )
