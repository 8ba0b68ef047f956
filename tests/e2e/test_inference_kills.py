"""Workers that die while they ask a model: killed by the operating system, not by an exception."""

from bench.inference import measured


def test_every_item_has_one_result_though_workers_are_killed_and_the_model_throttles() -> None:
    found = measured(4_000)
    assert found.kills > 0
    assert (found.results, found.twice_or_lost) == (4_000, 0)
    assert (found.errors, found.wrong_errors) == (4, 0)
    assert found.worker_mb < 200
