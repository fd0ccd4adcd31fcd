"""Which ids of a chat are still to be fetched, and what a page accounts for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from tobs.core.model import Decoded, MessageRow
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range, find_holes


@dataclass(slots=True)
class _Protection:
    """The one thing of a message's content that is looked at here, so that nothing else is decoded."""

    is_protected: bool = False


def plan_windows(covered: Iterable[Range], asked: Range) -> list[Range]:
    """Return the holes of what was asked for, the newest first."""
    return list(reversed(find_holes(covered, asked)))


def cover_page(asked: Range, decoded: Decoded) -> Range | None:
    """Return the ids that a page accounts for, or None when it accounts for none.

    A page covers from the top that was asked for (or its own highest id, when the chat's newest
    messages were asked for) down to the lowest id that it lists: a server leaves out what is gone, so
    everything between two listed ids is known. An empty page says that nothing is left down to the
    bottom of the window, unless it was only cut off. A short page is not the end
    (https://core.telegram.org/api/offsets).
    """
    if decoded.lowest is None or decoded.highest is None:
        return asked if asked.high and not decoded.is_cut else None
    high = asked.high or decoded.highest
    low = max(asked.low, decoded.lowest)
    return Range(low, high) if low <= high else None


def lacks_media(page: RawPage, decoded: Decoded) -> bool:
    """Tell whether media may be withheld from a page: it was asked under takeout, and its chat or a message is protected.

    Such a page proves nothing and is not stored; it is asked for once more outside of the takeout.
    """
    if not page.is_takeout:
        return False
    if decoded.is_cut:
        return True  # what would say that the chat is protected stands behind the place where it breaks off
    is_protected = any(each.is_protected and each.id == page.chat.id for each in decoded.peers)
    return is_protected or any(map(_may_lack_medium, decoded.rows))


def _may_lack_medium(row: MessageRow) -> bool:
    """Tell whether a message came without a medium that it may have: it is protected by itself, or says nothing."""
    if row.kind == "withheld":
        return True
    return row.kind == "text" and msgspec.json.decode(row.content, type=_Protection).is_protected
