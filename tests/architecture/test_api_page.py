"""The reference page of the wire API is complete."""

from pathlib import Path

import pytest

from chalicelib.edge.operations import OPERATIONS
from chalicelib.edge.rpc import ERRORS
from chalicelib.service.selectors import TIME_FIELDS, Operation

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "api.md").read_text()


@pytest.mark.parametrize(
    "name",
    [*OPERATIONS, *(name for name, _ in ERRORS.values()), *(item.value for item in Operation), *TIME_FIELDS],
)
def test_the_page_names_it(name: str) -> None:
    assert f"`{name}`" in PAGE
