"""The staging bucket, on an emulator."""

import pytest
from moto import mock_aws

from chalicelib.adapters.aws.staging import S3Staging
from chalicelib.ports.errors import Missing
from tests.contract.ports.conftest import _client


def test_an_object_is_written_where_its_address_says_and_the_bucket_is_asked_for_once() -> None:
    with mock_aws():
        client, asked = _client("s3", None), []
        client.create_bucket(Bucket="staging")

        def bucket() -> str:
            asked.append(1)
            return "staging"

        staging = S3Staging(client, bucket)
        addresses = [staging.put(key, key.encode()) for key in ("events/df-1/a.jsonl", "é")]
        assert addresses == ["s3://staging/events/df-1/a.jsonl", "s3://staging/é"]
        assert client.get_object(Bucket="staging", Key="é")["Body"].read() == "é".encode()
        assert asked == [1]


def test_a_bucket_that_is_not_there_is_a_port_error() -> None:
    with mock_aws():
        staging = S3Staging(_client("s3", None), lambda: "nowhere")
        with pytest.raises(Missing, match="nowhere"):
            staging.put("k", b"")
