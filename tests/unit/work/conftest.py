"""Storage for executors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.s3_on_moto import s3_client
from tests.unit.work.inference_bench import Bench


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()


@pytest.fixture
def bench(s3: Any, tmp_path: Path) -> Bench:
    return Bench(s3, tmp_path)
