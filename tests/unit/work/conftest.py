"""Storage for executors."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.s3_on_moto import s3_client


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()
