"""One served embedded run a control plane, shared by all tests of the tier that do not end it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.plane import Plane

CONTROLS = ("sqlite", "aws")


@pytest.fixture(scope="session", params=CONTROLS)
def plane(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A running one."""
    running = Plane(request.param, tmp_path_factory.mktemp(request.param))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that nothing else has, good for pipelines and buckets."""
    return request.node.name.split("[")[0].removeprefix("test_").replace("_", "-")[:50]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a running plane go to one worker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            found = next((control for control in CONTROLS if f"[{control}" in item.name), "own")
            item.add_marker(pytest.mark.xdist_group(f"e2e-{found}"))
