"""S3 as moto plays it, made to honour the one condition that copies rely on and moto ignores."""

from typing import Any
from urllib.parse import unquote

import boto3
from botocore.awsrequest import AWSRequest, AWSResponse

_REFUSAL = b"<Error><Code>PreconditionFailed</Code><Message>At least one did not hold</Message></Error>"


class Raw:
    """A response's body as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        yield self._content


def s3_client() -> Any:
    """A client for use inside `mock_aws`, with buckets `source` and `target`."""
    client, aside = _client(), _client()
    for name in ("source", "target"):
        client.create_bucket(Bucket=name)

    def check(request: AWSRequest, **_: Any) -> AWSResponse | None:
        wanted = _text(request.headers["x-amz-copy-source-if-match"]).strip('"')
        bucket, _, key = unquote(_text(request.headers["x-amz-copy-source"])).lstrip("/").partition("/")
        etag = aside.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
        return None if etag == wanted else AWSResponse(request.url, 412, {}, Raw(_REFUSAL))

    client.meta.events.register("before-send.s3.CopyObject", check)
    client.meta.events.register("before-send.s3.UploadPartCopy", check)
    return client


def _client() -> Any:
    return boto3.client("s3", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header
