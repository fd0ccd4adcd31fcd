"""What is still to be asked of one chat: open windows, pieces under way, and how dense ids are.

Pure bookkeeping without waiting: fetch.py takes a piece, asks for it, and settles it with what came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tobs.core.model import Decoded
from tobs.core.ranges import Range
from tobs.export.plan import cover_page

BLOCK = 100
"""How many ids a block has: as many messages as one page can hold."""

DENSE = 0.5
"""From how many messages per id on blocks beat walking: asking 1 / DENSE times as often, but at once."""

SPLIT_ABOVE = 2 * BLOCK
"""How many messages a window must be expected to hold to be worth a second walker."""

_REGION_BITS = 14
"""Densities are kept for regions of 16,384 ids, so that memory does not grow with the chat."""


@dataclass(slots=True)
class Piece:
    """A range of ids that one request is under way for; `low` rises when another walker takes the rest."""

    low: int
    high: int


class Frontier:
    """The ids of one chat that nobody has asked for yet.

    Every id of the windows is at any time open, in exactly one piece, or settled. `are_pages`: each window
    holds what one page can list, so none is cut.
    """

    def __init__(self, windows: Iterable[Range], *, are_pages: bool = False) -> None:
        self._open = sorted(windows)
        self._are_pages = are_pages
        self._taken: list[Piece] = []
        self._regions: dict[int, tuple[int, int]] = {}
        self._is_closed = False

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is open or under way, or nothing more is wanted."""
        return not self._taken and (self._is_closed or not self._open)

    def close(self) -> None:
        """Give no more pieces; what is under way may still settle."""
        self._is_closed = True

    def note_density(self, decoded: Decoded) -> None:
        """Learn from a page how many messages there are per id where it lies."""
        if decoded.lowest is None or decoded.highest is None:
            return
        region = decoded.highest >> _REGION_BITS
        messages, ids = self._regions.get(region, (0, 0))
        span = decoded.highest - decoded.lowest + 1
        self._regions[region] = (messages + len(decoded.rows), ids + span)

    def take(self) -> Piece | None:
        """Return the newest piece to ask for, or None when there is none at the moment.

        Where ids are dense it is a block; elsewhere the whole window, whose walker follows each page's
        lowest id. With nothing open, the largest piece under way is split.
        """
        if self._is_closed or not (self._open or self._split_largest()):
            return None
        window = self._open.pop()
        low = window.low
        if not self._are_pages and window.size > BLOCK and self._density(window.high) >= DENSE:
            low = window.high - BLOCK + 1
            self._open.append(Range(window.low, low - 1))
        piece = Piece(low, window.high)
        self._taken.append(piece)
        return piece

    def settle(self, piece: Piece, decoded: Decoded, *, low: int = 1) -> Range | None:
        """Give a piece back with the page that came for it; return the ids that the page accounts for.

        The page could list nothing below `low`, so it accounts for no such id. None means that the page
        lists only ids above those asked for: it proves nothing, and the piece is open again.
        """
        self._taken.remove(piece)
        self.note_density(decoded)
        covers = cover_page(Range(max(piece.low, low), piece.high), decoded)
        rest = covers.low - 1 if covers is not None else piece.high
        if rest >= piece.low:
            self._reopen(Range(piece.low, rest))
        return covers

    def drop(self, piece: Piece) -> None:
        """Give a piece back for which no page came."""
        self._taken.remove(piece)
        self._reopen(Range(piece.low, piece.high))

    def _reopen(self, window: Range) -> None:
        """Open a rest again, joined with the open window right below it."""
        below = [each for each in self._open if each.high == window.low - 1]
        for each in below:
            self._open.remove(each)
            window = Range(each.low, window.high)
        self._open = sorted([*self._open, window])

    def _density(self, message_id: int) -> float:
        """Return the messages per id of the nearest region seen, 0 while none is."""
        region = message_id >> _REGION_BITS
        near = min(self._regions, key=lambda each: abs(each - region), default=None)
        messages, ids = self._regions[near] if near is not None else (0, 1)
        return messages / ids

    def _expect(self, piece: Piece) -> float:
        return (piece.high - piece.low + 1) * self._density(piece.high)

    def _split_largest(self) -> bool:
        largest = max(self._taken, key=self._expect, default=None)
        if largest is None or self._are_pages or self._expect(largest) < SPLIT_ABOVE:
            return False
        middle = (largest.low + largest.high) // 2
        self._open.append(Range(largest.low, middle))
        largest.low = middle + 1
        return True
