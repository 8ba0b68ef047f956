"""Chunks hold every object once, in order, and are found again."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from chalicelib.ports.objects import Listed
from chalicelib.transfer.chunks import (
    Chunk,
    bounds_of,
    cut,
    cut_again,
    decode_bounds,
    decode_chunk,
    encode_bounds,
    encode_chunk,
)
from chalicelib.transfer.copy import CopyItem, left_over
from chalicelib.transfer.limits import CopyLimits

NOW = datetime(2026, 2, 3, tzinfo=UTC)
LIMITS = CopyLimits(single=100, chunk_objects=4, chunk_text=40)
keys = some.lists(some.text(some.characters(codec="utf-8"), min_size=1, max_size=30), unique=True, max_size=40)
sizes = some.sampled_from([0, 1, 100, 101])


def items(names: list[str], size: int = 1) -> list[CopyItem]:
    return [CopyItem(name, "t/" + name, size, "etag", NOW) for name in sorted(names)]


@given(keys, sizes)
def test_every_object_is_in_one_chunk_in_order(names: list[str], size: int) -> None:
    groups = list(cut(items(names, size), LIMITS))
    assert [item for group in groups for item in group] == items(names, size)
    assert all(0 < len(group) <= LIMITS.chunk_objects for group in groups)


@given(keys)
def test_a_large_object_is_alone(names: list[str]) -> None:
    mixed = [CopyItem(one.source, one.target, 101 * (n % 2), "e", NOW) for n, one in enumerate(items(names))]
    groups = list(cut(mixed, LIMITS))
    assert all(len(group) == 1 for group in groups if any(item.size > LIMITS.single for item in group))


@given(keys)
def test_the_same_objects_are_cut_the_same_way_again(names: list[str]) -> None:
    groups = tuple(cut(items(names), LIMITS))
    assert cut_again(items(names), bounds_of(groups)) == groups


@given(keys, keys)
def test_other_objects_fall_into_the_recorded_ranges(names: list[str], later: list[str]) -> None:
    bounds = bounds_of(cut(items(names), LIMITS))
    again = cut_again(items(later), bounds)
    assert len(again) == len(bounds)
    expected = [item for item in items(later) if bounds and item.source <= bounds[-1]]
    assert [item for group in again for item in group] == expected


@given(keys)
def test_chunks_and_bounds_travel_as_text(names: list[str]) -> None:
    chunk = Chunk(tuple(items(names)), keeps_keys=True)
    assert decode_chunk(encode_chunk(chunk)) == chunk
    assert decode_bounds(encode_bounds(tuple(names))) == tuple(names)


@given(keys, keys)
def test_what_is_left_over_is_what_is_not_there(names: list[str], there: list[str]) -> None:
    existing = [Listed("t/" + name, 1, "etag", NOW) for name in sorted(there)]
    left = list(left_over(items(names), iter(existing)))
    assert [item.source for item in left] == sorted(set(names) - set(there))
