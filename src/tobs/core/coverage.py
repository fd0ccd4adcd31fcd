"""How much of a chat was ever asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tobs.core.ranges import Range

Extent: TypeAlias = Literal["whole", "part", "search", "none"]
"""How much was asked for.

whole: every id from 1 up to the top that the chat had then. part: some ids, or some threads. search: nothing, and what is
stored was found by a search. none: nothing, and nothing is stored.
"""


@dataclass(slots=True)
class Coverage:
    """What was ever asked for of one chat: `ranges` of its ids, and what lies outside of them in some `threads`."""

    extent: Extent = "none"
    ranges: list[Range] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)


def sum_extents(extents: Iterable[Extent]) -> Extent:
    """Return how much was asked for of several chats, or halves of one, taken together."""
    found = set(extents)
    if len(found) == 1:
        return found.pop()
    if found - {"search", "none"}:
        return "part"
    return "search" if found else "none"
