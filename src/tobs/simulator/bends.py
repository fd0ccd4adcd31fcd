"""How an answer may differ from what the documentation promises, as real servers' answers do."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bend:
    """What is changed about one answer; the defaults change nothing.

    `share` is the part of the messages asked for that a page brings, counted from its top and contiguous. `overlap`
    newer messages come before it again, its `doubles` oldest messages come twice in a row, and its `returns` newest
    once more at the end. `has_holes` spends places of the page on `messageEmpty` for ids that are gone (channels
    only), so that a long hole fills a page. `count_factor` falsifies the count. `is_too_long` refuses a difference.
    The messages `strange_messages` and the people and chats `strange_peers` (marked ids) come under constructors that
    no client knows, the messages `strange_parts` with such a medium or action. `is_corrupt` changes a byte of a file's part, or
    of each of its hashes; `is_redirected` sends for it to a CDN.
    """

    share: float = 1.0
    overlap: int = 0
    doubles: int = 0
    returns: int = 0
    has_holes: bool = False
    count_factor: float = 1.0
    is_too_long: bool = False
    is_corrupt: bool = False
    is_redirected: bool = False
    strange_messages: AbstractSet[int] = frozenset()
    strange_parts: AbstractSet[int] = frozenset()
    strange_peers: AbstractSet[int] = frozenset()


STRAIGHT = Bend()
"""No change at all."""
