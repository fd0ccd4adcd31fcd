"""Ranges against the plainest model there is: a set of ids."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tobs.core.ranges import Range, clip_ranges, count_ids, find_holes, merge_ranges

LIMIT = 60
spans = st.tuples(st.integers(1, LIMIT), st.integers(0, 12)).map(
    lambda each: Range(each[0], each[0] + each[1])
)
many = st.lists(spans, max_size=12)


def ids_of(ranges: list[Range]) -> set[int]:
    return {number for low, high in ranges for number in range(low, high + 1)}


@given(many)
def test_merging_keeps_every_id_and_adds_none(ranges: list[Range]) -> None:
    merged = merge_ranges(ranges)
    assert ids_of(merged) == ids_of(ranges)
    assert count_ids(ranges) == len(ids_of(ranges))


@given(many)
def test_merged_ranges_are_sorted_and_never_touch(ranges: list[Range]) -> None:
    merged = merge_ranges(ranges)
    assert all(one.high + 1 < other.low for one, other in itertools.pairwise(merged))
    assert merge_ranges(merged) == merged


@given(many, spans)
def test_holes_and_covered_ids_make_up_the_bounds(covered: list[Range], bounds: Range) -> None:
    holes = find_holes(covered, bounds)
    inside = ids_of([bounds])
    assert ids_of(holes) == inside - ids_of(covered)
    assert holes == merge_ranges(holes)


@given(many, spans)
def test_clipping_keeps_what_lies_inside(ranges: list[Range], bounds: Range) -> None:
    assert ids_of(clip_ranges(ranges, bounds)) == ids_of(ranges) & ids_of([bounds])


@given(spans, st.integers(0, LIMIT + 20))
def test_a_range_holds_its_ids_and_no_others(span: Range, number: int) -> None:
    assert span.holds(number) == (number in ids_of([span]))
    assert span.size == len(ids_of([span]))
