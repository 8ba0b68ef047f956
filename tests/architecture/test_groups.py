"""Tests that share what is slow to start run in one process, where they run in several."""

import pytest


@pytest.mark.xdist_group("together")
def test_a_group_is_told_apart_where_groups_are_kept_together(request: pytest.FixtureRequest) -> None:
    kept = bool(getattr(request.config.option, "loadgroup", False))
    assert request.node.nodeid.endswith("@together") == kept
