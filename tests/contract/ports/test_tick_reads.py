"""What a tick costs follows what is due."""

from bench.tick import DUE, reads_of_a_tick


def test_a_tick_reads_as_much_with_ten_thousand_active_pipelines_as_with_a_hundred() -> None:
    few, many = reads_of_a_tick(100, DUE), reads_of_a_tick(10_000, DUE)
    assert few.due == many.due == DUE
    assert many.requests == few.requests
    assert many.units == few.units
