"""Lanes hold every item once, in order, about as many each."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.inference.shares import Cut, lanes_of, thinned


@given(st.lists(st.integers(1, 50), max_size=300), st.integers(2, 40), st.integers(1, 30))
def test_lanes_follow_each_other_without_gap_to_the_last_cut(steps: list[int], most: int, lanes: int) -> None:
    total, cuts = 0, []
    for step in steps:
        total += step
        cuts.append(Cut(total, str(total)))
    kept = thinned(iter(cuts), most)
    assert len(kept) <= most + 1
    assert set(kept) <= set(cuts)
    made = lanes_of(kept, lanes)
    assert len(made) <= lanes
    assert [lane.start for lane in made] == [None, *(lane.end for lane in made[:-1])][: len(made)]
    assert [lane.end for lane in made][-1:] == [cut.place for cut in cuts][-1:]


def test_a_hundred_thousand_items_are_shared_out_evenly() -> None:
    cuts = thinned(Cut(number, str(number)) for number in range(16, 100_001, 16))
    ends = [int(lane.end) for lane in lanes_of(cuts, 8)]
    sizes = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    assert len(sizes) == 8
    assert max(sizes) - min(sizes) < 500
