"""A year of hourly intervals, driven through the engine on SQLite; `python -m bench backfill` drives three."""

from pathlib import Path

import pytest

from bench.backfill import HOURS, backfill


@pytest.mark.timeout(600)
def test_a_year_of_backfill_keeps_state_memory_and_cost_of_a_commit_flat(tmp_path: Path) -> None:
    first, *later = backfill(HOURS // 3, tmp_path)
    for sample in later:
        assert sample.state_bytes <= 1.2 * first.state_bytes
        assert sample.peak_bytes <= 1.2 * first.peak_bytes
        assert sample.commit_seconds <= 2 * first.commit_seconds
