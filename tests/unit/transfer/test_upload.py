"""Storing bytes as they arrive."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.ports.objects import Place
from chalicelib.transfer.upload import store
from tests.s3_on_moto import s3_client

MIB = 1024 * 1024
PLACE = Place("target", "k")


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()


def stored(client: Any) -> bytes:
    return bytes(client.get_object(Bucket="target", Key="k")["Body"].read())


@pytest.mark.parametrize("sizes", [[], [0], [1], [3 * MIB, 3 * MIB], [5 * MIB], [MIB] * 17, [17 * MIB]])
def test_any_amount_of_bytes_is_stored_whole(client: Any, sizes: list[int]) -> None:
    content = [bytes([number]) * size for number, size in enumerate(sizes)]
    assert store(S3Objects(client), PLACE, content, part=5 * MIB) == sum(sizes)
    assert stored(client) == b"".join(content)


def test_bytes_that_fit_into_one_part_cost_one_request(client: Any) -> None:
    requests: list[str] = []
    client.meta.events.register("before-call.s3", lambda model, **_: requests.append(model.name))
    store(S3Objects(client), PLACE, [b"x" * MIB])
    assert requests == ["PutObject"]


def test_a_source_that_breaks_leaves_the_old_object_and_no_parts(client: Any) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 12 * MIB
        yield b"x" * 12 * MIB
        raise RuntimeError("gone")

    client.put_object(Bucket="target", Key="k", Body=b"old")
    with pytest.raises(RuntimeError, match="gone"):
        store(S3Objects(client), PLACE, broken(), part=5 * MIB)
    assert stored(client) == b"old"
    assert "Uploads" not in client.list_multipart_uploads(Bucket="target")
