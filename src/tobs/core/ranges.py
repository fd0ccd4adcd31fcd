"""Sets of message ids as sorted inclusive ranges: what is covered, and where the holes are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Range(NamedTuple):
    """The ids from `low` to `high`, both included; never empty."""

    low: int
    high: int

    @property
    def size(self) -> int:
        """How many ids the range holds."""
        return self.high - self.low + 1

    def holds(self, message_id: int) -> bool:
        """Tell whether the id lies inside."""
        return self.low <= message_id <= self.high


def merge_ranges(ranges: Iterable[Range]) -> list[Range]:
    """Return the same ids as few sorted ranges: overlapping and touching ones become one."""
    merged: list[Range] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1].high + 1:
            merged[-1] = Range(merged[-1].low, max(merged[-1].high, high))
        else:
            merged.append(Range(low, high))
    return merged


def find_holes(covered: Iterable[Range], bounds: Range) -> list[Range]:
    """Return the ranges inside `bounds` that no covered range holds, lowest first."""
    holes: list[Range] = []
    start = bounds.low
    for low, high in merge_ranges(covered):
        if low > bounds.high:
            break
        if low > start:
            holes.append(Range(start, low - 1))
        start = max(start, high + 1)
    if start <= bounds.high:
        holes.append(Range(start, bounds.high))
    return holes


def clip_ranges(ranges: Iterable[Range], bounds: Range) -> list[Range]:
    """Return what of the ranges lies inside `bounds`, merged and sorted."""
    clipped = (Range(max(low, bounds.low), min(high, bounds.high)) for low, high in ranges)
    return merge_ranges(each for each in clipped if each.low <= each.high)


def count_ids(ranges: Iterable[Range]) -> int:
    """Return how many ids the ranges hold together, each counted once."""
    return sum(each.size for each in merge_ranges(ranges))
