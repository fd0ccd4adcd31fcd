"""How much of a chat was asked for, in words; titles of topics are as typed."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.coverage import Extent, sum_extents
from tobs.core.ports.reader import ChatSummary
from tobs.core.words import say_list, say_some
from tobs.writers.scene import Scene

_NAMED = 6
"""How many ranges and threads are named."""

_MARKS: dict[Extent, str] = {
    "part": "only a part",
    "search": "only search results",
    "none": "nothing asked for",
}


def find_extent(summary: ChatSummary) -> Extent:
    """Return how much of a chat was asked for; a half of which nothing is there is told of elsewhere."""
    extents = [each.extent for each in summary.coverage.values()]
    return sum_extents([each for each in extents if each != "none"] or extents or ["whole"])


def mark_extent(summary: ChatSummary) -> str:
    """Return what the index says of a chat that is not there as a whole, or an empty string."""
    return _MARKS.get(find_extent(summary), "not all is visible to you" if summary.tally.hidden else "")


def name_asked(scene: Scene, summary: ChatSummary) -> str:
    """Return which part of a chat was asked for, in few words: `120–4000, topic 7`; empty when it was no part."""
    if find_extent(summary) != "part":
        return ""
    words = [
        *_list_ranges(scene, summary, "–"),
        *(f"{_noun(scene)} {each}" for each in _list_threads(summary)),
    ]
    return say_some(words[:_NAMED], len(words))


def say_extent(scene: Scene, summary: ChatSummary) -> str:
    """Return a sentence about what was asked for, unless that is the whole chat."""
    extent = find_extent(summary)
    if extent == "search":
        return "Found by search: no range of ids was asked for"
    if extent == "none":
        return "No range of ids was asked for, and no message is stored"
    if extent == "whole":
        return ""
    ranges, threads = list(_list_ranges(scene, summary, " to ")), _list_threads(summary)
    ids = [f"ids {say_some(ranges[:_NAMED], len(ranges))}"] if ranges else []
    names = [_name_thread(scene, each) for each in threads[:_NAMED]]
    noun = _noun(scene) if len(threads) == 1 else f"{_noun(scene)}s"
    parts = [*ids, f"{noun} {say_some(names, len(threads))}"] if threads else ids
    return f"Only a part of this chat was asked for: {say_list(parts)}"


def _list_ranges(scene: Scene, summary: ChatSummary, between: str) -> Iterator[str]:
    """Yield the ranges of both halves; an id of the group that a supergroup was is told as in anchors."""
    for half, coverage in summary.coverage.items():
        mark = "" if half == scene.chat.id else "g"
        for low, high in coverage.ranges:
            yield f"{mark}{low}" if low == high else f"{mark}{low}{between}{mark}{high}"


def _list_threads(summary: ChatSummary) -> list[int]:
    return [each for coverage in summary.coverage.values() for each in coverage.threads]


def _noun(scene: Scene) -> str:
    return "topic" if scene.chat.kind == "forum" else "thread"


def _name_thread(scene: Scene, number: int) -> str:
    topic = scene.reader.topics(scene.chat).get(number)
    return f"{topic.title} ({number})" if topic and topic.title else str(number)
