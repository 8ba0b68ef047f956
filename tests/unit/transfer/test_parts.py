"""Parts tile an object."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.transfer.limits import MIB, CopyLimits
from chalicelib.transfer.parts import ObjectTooLarge, part_ranges, part_size

LIMITS = CopyLimits(part=8, parts=100)


@given(some.integers(0, 10_000), some.integers(100, 20_000))
def test_parts_tile_the_object(size: int, part: int) -> None:
    ranges = part_ranges(size, part, LIMITS)
    assert [first for first, _ in ranges] == [0, *(last + 1 for _, last in ranges)][: len(ranges)]
    assert sum(last - first + 1 for first, last in ranges) == size


@given(some.integers(1, 5 * 10**13), some.integers(1, 5 * 1024 * MIB))
def test_the_chosen_part_size_always_fits(size: int, kept: int) -> None:
    limits = CopyLimits()
    assert -(-size // part_size(size, kept, limits)) <= limits.parts


def test_the_sources_own_part_size_is_kept() -> None:
    assert part_size(60, 7, CopyLimits(single=50, part=20, parts=10)) == 7


def test_a_part_size_of_too_many_parts_is_not_kept() -> None:
    assert part_size(1000, 7, CopyLimits(single=500, part=20, parts=10)) == 100


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(ObjectTooLarge, match="101 parts"):
        part_ranges(101, 1, LIMITS)
