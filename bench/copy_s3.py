"""Copies from S3 to S3 beside s5cmd and the AWS CLI on the same server: small objects, a large one, and converted ones.

The peers' time is that of their whole process, as one uses them; ours leaves out Python's imports, which a function has
made long before, and `ours, whole` has them, too.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.report import Figure, Goal, Report
from bench.storage import Storage, storage
from bench.tools import Took, found, measured
from chalicelib.domain.run.codec import encode_task
from chalicelib.domain.values import Ref
from tests.workbench import item, task

OBJECTS, LARGE_MB, RECORDS_MB = 1_000, 2_048, 200
_SHARES = (100, 10, 1)
_ROUNDS = 3
_PART = 16 * 1024 * 1024
_LINES = b"".join(b"%07d,name of %d,2026-01-01 00:00:00,x\n" % (number, number) for number in range(120_000))

Lanes = dict[str, Took]


def run(arguments: Sequence[str]) -> Report:
    """`[OBJECTS [LARGE_MB [RECORDS_MB]]]`: every lane; our memory at a hundredth, a tenth and all of the data."""
    objects, large, records = [int(given) for given in arguments] + [OBJECTS, LARGE_MB, RECORDS_MB][len(arguments) :]
    with storage() as server, tempfile.TemporaryDirectory() as folder:
        bench = _Bench(server, Path(folder))
        lanes = {
            "small": bench.small(objects),
            "large": bench.large(large),
            "gzip": bench.packed(records),
            "convert": bench.converted(records),
        }
    rows = tuple(
        (f"s3_{lane} {who}", took.seconds, took.peak_mb, sum(took.requests.values()) or None)
        for lane, measures in lanes.items()
        for who, took in measures.items()
    )
    notes = (
        f"{objects:,} objects of 4 KB; one of {large:,} MB; {records:,} MB of CSV packed, and turned into TSV.",
        f"The server is {server.name} here; best of {_ROUNDS}, records once. growth: peak over that at 1/10.",
    )
    return Report("copy_s3", ("copy", "seconds", "peak MB", "requests"), rows, *_figures(lanes, objects), notes)


def _figures(lanes: Mapping[str, Lanes], objects: int) -> tuple[dict[str, Figure], tuple[Goal, ...]]:
    figures: dict[str, Figure] = {}
    goals: list[Goal] = []
    for lane, measures in lanes.items():
        ours = measures["ours"]
        for who, took in measures.items():
            figures[f"s3_{lane}_{who}_s".replace(" ", "_").replace(",", "")] = took.seconds
        figures[f"s3_{lane}_growth"] = ours.peak_mb / measures["ours 1/10"].peak_mb
        goals.append(Goal(f"s3_{lane}_growth", at_most=1.5))
    for lane in ("small", "large"):
        figures[f"s3_{lane}_ratio"] = lanes[lane]["s5cmd"].seconds / lanes[lane]["ours"].seconds
        goals.append(Goal(f"s3_{lane}_ratio", at_least=1.0))
    lists, copies = -(-objects // 1_000), objects
    requests = lanes["small"]["ours"].requests
    figures["s3_small_requests_more"] = sum(requests.values()) - lists - copies
    goals.append(Goal("s3_small_requests_more", at_most=1))  # the look at the first object's KMS key
    figures["s3_large_requests"] = sum(lanes["large"]["ours"].requests.values())
    return figures, tuple(goals)


class _Bench:
    def __init__(self, server: Storage, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._client = server.client()
        self._run = 0
        self._peer = [found("s5cmd"), "--endpoint-url", server.endpoint]
        self._aws = [found("aws"), "--endpoint-url", server.endpoint, "s3", "cp", "--only-show-errors"]

    def small(self, count: int) -> Lanes:
        """Objects of 4 KB."""
        for number in range(count):
            self._put(f"small/{number % _SHARES[0]}/{number:06}", b"%06d" % number * 683)
        for number in range(count // 10):
            self._put(f"small-10/{number:06}", b"x" * 4_098)
        for number in range(count // 100):
            self._put(f"small-100/{number:06}", b"x" * 4_098)
        measures = {
            "ours 1/100": self._ours(lambda: self._directory("small-100/")),
            "ours 1/10": self._ours(lambda: self._directory("small-10/")),
        }
        peers = {
            "s5cmd": lambda: [[*self._peer, "cp", "s3://bench/small/*", self._fresh()]],
            "aws": lambda: [[*self._aws, "--recursive", "s3://bench/small/", self._fresh()]],
        }
        return measures | self._side_by_side(lambda: self._directory("small/"), peers, _ROUNDS)

    def large(self, megabytes: int) -> Lanes:
        """One object."""
        for share in _SHARES:
            self._put_large(f"large-{share}", bytes(_PART), megabytes * 1024 * 1024 // share // _PART + 1)
        measures = self._shares(lambda share: self._file(f"large-{share}"))
        peers = {
            "s5cmd": lambda: [[*self._peer, "cp", "s3://bench/large-1", f"{self._fresh()}x"]],
            "aws": lambda: [[*self._aws, "s3://bench/large-1", f"{self._fresh()}x"]],
        }
        return measures | self._side_by_side(lambda: self._file("large-1"), peers, _ROUNDS)

    def packed(self, megabytes: int) -> Lanes:
        """CSV that is compressed; `gzip` is the AWS CLI around the program of that name."""
        for share in _SHARES:
            self._put_large(f"records-{share}", _LINES, max(1, megabytes * 1024 * 1024 // share // len(_LINES)))
        measures = self._shares(lambda share: self._file(f"records-{share}", compression="gzip"))
        peers = {"gzip": lambda: self._piped([found("gzip"), "-6"])}
        return measures | self._side_by_side(lambda: self._file("records-1", compression="gzip"), peers)

    def converted(self, _: int) -> Lanes:
        """CSV to TSV; `sed` is the AWS CLI around it, which is right for these records alone."""
        measures = self._shares(lambda share: self._file(f"records-{share}", dataFormat=Ref("Tsv")))
        peers = {"sed": lambda: self._piped([found("sed"), "s/,/\\t/g"])}
        return measures | self._side_by_side(lambda: self._file("records-1", dataFormat=Ref("Tsv")), peers)

    def _piped(self, command: list[str]) -> list[list[str]]:
        return [[*self._aws, "s3://bench/records-1", "-"], command, [*self._aws, "-", f"{self._fresh()}x"]]

    def _shares(self, made: Callable[[int], str]) -> Lanes:
        return {f"ours 1/{share}": self._ours(lambda: made(share)) for share in _SHARES if share != 1}  # noqa: B023  # called at once

    def _side_by_side(
        self, ours: Callable[[], str], peers: Mapping[str, Callable[[], list[list[str]]]], times: int = 1
    ) -> Lanes:
        """Turn by turn, so that whatever else the machine does meets all alike; the best of each."""
        rounds: list[Lanes] = []
        for _ in range(times):
            own = self._ours(ours)
            self._drop()
            slow = "aws" in peers and rounds and rounds[0]["aws"].seconds > 10 * own.seconds
            others = {who: self._theirs(make()) for who, make in peers.items() if not (slow and who == "aws")}
            rounds.append({"ours": own, "ours, whole": self._last, **others})
        return {who: min((each[who] for each in rounds if who in each), key=_seconds) for who in rounds[0]}

    def _theirs(self, commands: list[list[str]]) -> Took:
        took, _ = measured(commands, self._server.environment())
        self._drop()
        return took

    def _drop(self) -> None:
        """What was written: the server keeps it in memory."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket="bench", Prefix="out-")
        for page in pages:
            keys = [{"Key": found["Key"]} for found in page.get("Contents", ())]
            if keys:
                self._client.delete_objects(Bucket="bench", Delete={"Objects": keys})

    def _ours(self, made: Callable[[], str]) -> Took:
        command = [sys.executable, "-m", "bench.programs.copy_task", made(), self._server.endpoint, ""]
        self._last, said = measured([command], self._server.environment())
        told = json.loads(said)
        return Took(told["seconds"], told["peak_mb"], told["requests"])

    def _directory(self, source: str) -> str:
        given = item("In", type="S3DataNode", directoryPath=f"s3://bench/{source}")
        return self._task(given, item("Out", type="S3DataNode", directoryPath=self._fresh()))

    def _file(self, source: str, **fields: Any) -> str:
        given = item("In", type="S3DataNode", filePath=f"s3://bench/{source}")
        return self._task(given, item("Out", type="S3DataNode", filePath=f"{self._fresh()}x", **fields))

    def _task(self, *nodes: Any) -> str:
        copy = item("Copy", type="CopyActivity", input=Ref("In"), output=Ref("Out"))
        path = self._folder / "task"
        path.write_text(encode_task(task(copy, *nodes, item("Tsv", type="TSV"))))
        return str(path)

    def _fresh(self) -> str:
        """A directory that nothing was copied to yet: replacing an object costs a server more."""
        self._run += 1
        return f"s3://bench/out-{self._run}/"

    def _put(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket="bench", Key=key, Body=content)

    def _put_large(self, key: str, piece: bytes, times: int) -> None:
        if times == 1:
            self._put(key, piece)
            return
        named = {"Bucket": "bench", "Key": key}
        upload = self._client.create_multipart_upload(**named)["UploadId"]
        etags = [
            self._client.upload_part(**named, UploadId=upload, PartNumber=number, Body=piece)["ETag"]
            for number in range(1, times + 1)
        ]
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
        self._client.complete_multipart_upload(**named, UploadId=upload, MultipartUpload={"Parts": parts})


def _seconds(took: Took) -> float:
    return took.seconds
