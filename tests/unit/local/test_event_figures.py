"""Figures of the samples that events start."""

from local.event_samples.figures import HEADER, Figures, percentile


def figures(results: int, duplicates: int = 0, lost: int = 0) -> Figures:
    return Figures("landing", 10, 0, results, duplicates, lost, [0.1, 0.2], [0.3])


def test_a_percentile_is_the_nearest_rank_in_milliseconds() -> None:
    seconds = [each / 1000 for each in range(100, 0, -1)]
    assert [percentile(seconds, percent) for percent in (50, 95, 100)] == [50, 95, 100]
    assert percentile([0.5], 95) == 500


def test_only_a_sample_with_results_and_none_lost_or_doubled_is_complete() -> None:
    assert figures(10).complete
    assert not figures(0).complete
    assert not figures(10, duplicates=1).complete
    assert not figures(10, lost=1).complete


def test_a_line_stands_under_the_header() -> None:
    line = figures(10).line()
    assert line.split()[:6] == ["landing", "10", "0", "10", "0", "0"]
    assert len(line) == len(HEADER)
