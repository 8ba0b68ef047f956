"""ports/staging over boto3: the staging bucket of the deployment, encrypted as the bucket says."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from chalicelib.adapters.aws.errors import call


class S3Staging:
    """client  a boto3 S3 client
    bucket  says which one, and is asked once, when the first object is written
    """

    def __init__(self, client: Any, bucket: Callable[[], str]) -> None:
        self._client = client
        self._find = bucket

    @cached_property
    def _bucket(self) -> str:
        return self._find()

    def put(self, key: str, content: bytes) -> str:
        """See ports/staging."""
        call(f"put s3://{self._bucket}/{key}", self._client.put_object, Bucket=self._bucket, Key=key, Body=content)
        return f"s3://{self._bucket}/{key}"
