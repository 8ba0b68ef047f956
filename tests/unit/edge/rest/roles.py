"""Roles that read S3 and DynamoDB as moto plays them, and video that was recorded by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Denied
from chalicelib.ports.reach import Outside
from chalicelib.ports.video import Fragment, Frame, Media, Sampling, Span, Stream


@dataclass
class Tape:
    """ports/video.Videos of one stream: a picture for each millisecond at which there is one, fragments by number."""

    pictures: dict[UtcTime, bytes] = field(default_factory=dict)
    begins: dict[str, UtcTime] = field(default_factory=dict)

    def arn(self, stream: Stream) -> str:
        return f"arn:aws:kinesisvideo:us-east-1:123456789012:stream/{stream.name}/1"

    def images(self, stream: Stream, span: Span, sampling: Sampling) -> Iterator[Frame]:
        before = [at for at in self.pictures if at <= span.first < at + timedelta(seconds=1)]
        yield Frame(span.first, self.pictures[before[-1]]) if before else Frame(span.first, b"", "NO_MEDIA")

    def fragments(self, stream: Stream, span: Span) -> Sequence[Fragment]:
        return [Fragment(number, 1, at, at, timedelta(seconds=2)) for number, at in self.begins.items()]

    def media(self, stream: Stream, numbers: Sequence[str]) -> Iterator[Media]:
        for number in numbers:
            if number in self.begins:
                yield Media(number, self.begins[number], self.begins[number], b"")

    def frames(self, media: Media, sampling: Sampling) -> Iterator[Frame]:
        raise AssertionError("nothing is decoded to be looked at")


@dataclass
class Roles:
    """ports/reach.Reach over moto, noting who was asked for; `closed` may not be taken on."""

    client: Any
    asked: list[str | None] = field(default_factory=list)
    closed: str = ""
    tape: Tape = field(default_factory=Tape)

    def under(self, role: str | None) -> Outside:
        self.asked.append(role)
        if role == self.closed:
            raise Denied(f"assume role {role}", "AccessDenied: no")
        tables = DynamoTables(lambda region: boto3.client("dynamodb", region_name=region or "us-east-1"))
        objects = S3Objects(self.client)
        return Outside(objects, tables, None, None, videos=self.tape)  # type: ignore[arg-type]  # the two never asked
