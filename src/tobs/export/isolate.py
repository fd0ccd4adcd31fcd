"""Gets past messages that this version cannot read: what to ask next when an answer breaks off at one.

An answer that breaks off still holds what stands before the message, and mostly the message's id: then the walk goes on
below that id as below any other, and nothing here is needed but a smaller page. When the message is of an unknown type as
a whole, its id is found by asking for it alone with a rising `min_id`: as long as it is above, it is in the answer, which
then cannot be read; else the answer is empty (https://core.telegram.org/api/offsets). That works in every kind of chat.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tobs.core.model import Decoded

PAGE = 100
"""How many messages one answer of getHistory lists at most."""

IDS_PER_REQUEST = 100
"""How many ids one look by id may name."""

MOST_ASTRAY = 20
"""How often one place may be answered with other messages than those asked for.

A page that begins above its place and breaks off there, at a message that cannot be read, says nothing of the place;
1,000 random storms have runs of five of them.
"""

MOST_GARBLED = 3
"""How often one place may be answered with bytes that are no answer: that is no matter of layers."""

HIGHEST = 2**31 - 2
"""No message id is higher, and the protocol can name the one above it."""


def is_blind(decoded: Decoded) -> bool:
    """Tell whether an answer broke off before a single id could be read."""
    return decoded.is_cut and decoded.lowest is None


def name_unreadable(decoded: Decoded, message_id: int) -> None:
    """Put the id, known from elsewhere, of the one message asked for into an answer that does not say it."""
    if is_blind(decoded):
        decoded.unreadable = decoded.lowest = decoded.highest = message_id


async def find_unreadable(probe: Callable[[int], Awaitable[Decoded]], *, high: int, floor: int) -> int | None:
    """Return the id of the newest message from `floor` to `high`, given that it cannot be read.

    `probe` asks for that one message, provided that its id is not lower than the number given. None: it is not
    there any more. Near `high` a few requests find it, anywhere at most 62.
    """
    low, reach = floor, 1
    while True:  # away from the top, twice as far each time, until the message is caught
        start = max(low, high - reach + 1)
        found = await probe(start)
        if found.lowest is not None or (start == low and not found.is_cut):
            return None
        if found.is_cut:
            low = start
            break
        high, reach = start - 1, reach * 2
    while low < high:
        middle = (low + high + 1) // 2
        found = await probe(middle)
        if found.lowest is not None:
            return None
        low, high = (middle, high) if found.is_cut else (low, middle - 1)
    return low


def list_rest(ids: list[int], decoded: Decoded) -> list[list[int]]:
    """Return what is still to be asked for, request by request, after a look by id that broke off."""
    if not decoded.is_cut or len(ids) == 1:
        return []
    said = {row.id for row in decoded.rows}.union(decoded.empty, filter(None, [decoded.unreadable]))
    rest = [each for each in ids if each not in said]
    if decoded.unreadable is not None and len(rest) < len(ids):
        return [rest] if rest else []
    middle = (len(rest) + 1) // 2
    return [each for each in (rest[:middle], rest[middle:]) if each]


def thin_out(rest: list[int], layers: Mapping[int, int], layer: int) -> list[int]:
    """Return which of the ids are worth another request when the first one asked for could not be read again.

    Where they were met in another layer that is all: this one may know some of them. In the same layer only a change at
    the server helps, which mostly helps all; so half of them are left to a later run, and soon there are none.
    """
    same = [each for each in rest if layers[each] == layer]
    return [each for each in rest if layers[each] != layer] + same[(len(same) + 1) // 2 :]


class PageSizes:
    """How many messages to ask for at a place: fewer where an answer broke off.

    What stands behind an unreadable message cannot be used, so twice as many are asked for next as could be read, and
    then twice as many each time. Where everything can be read that is a full page.
    """

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}

    def take(self, top: int) -> int:
        """Return how many messages to ask for from this id down."""
        return self._sizes.pop(top, PAGE)

    def note(self, decoded: Decoded, size: int) -> None:
        """Learn from an answer to a request for so many how many to ask for below it."""
        if decoded.lowest is None:
            return
        read = len(decoded.rows) + len(decoded.empty)
        following = max(1, 2 * read) if decoded.is_cut else 2 * size
        if following < PAGE:
            self._sizes[decoded.lowest - 1] = following
