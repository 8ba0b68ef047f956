"""What is kept in memory, and for how long."""

from chalicelib.ports.recent import Recent


def test_a_value_is_made_once() -> None:
    kept: Recent[str, list[int]] = Recent()
    first = kept.get("a", lambda: [1])
    assert kept.get("a", lambda: [2]) is first


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    kept: Recent[int, int] = Recent(most=2)
    for key in (1, 2, 1, 3):
        kept.get(key, lambda key=key: key)  # type: ignore[misc]  # mypy knows no types of defaults in lambdas
    assert kept.get(1, lambda: -1) == 1
    assert kept.get(2, lambda: -1) == -1
