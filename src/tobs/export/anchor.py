"""Finds the ids at which dates and counts lie, by looking at a few messages and never by reading along.

What is looked at is not stored: it may lie outside of what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from tobs.core.model import Chat, Decoded, MessageRow
from tobs.core.ports.services import Pool
from tobs.core.ports.source import Decoder, Look, Source
from tobs.core.ranges import Range
from tobs.core.span import Limits
from tobs.errors import ServerError
from tobs.export.isolate import MOST_ASTRAY, PAGE, is_blind

MOST_LOOKS = 48
"""How many answers may be needed for one date: halving 2^31 ids takes 31 of them."""

LATEST = 2**31 - 1
"""The last moment that the protocol can name."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """The ids that the limits come to; `floor` is the lowest id that all but `last` allow.

    `is_counted`: the newest messages of the chat are asked for down to `ids.low`, so that there should
    be `last` of them unless the floor is reached. `is_topped`: they reach up to the chat's top. `density` is how many messages the chat has for each id,
    `pts` the state of a channel before all else was asked.
    """

    ids: Range
    floor: int
    is_counted: bool
    density: float
    pts: int | None = None
    is_topped: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether these are all ids of the chat."""
        return self.is_topped and self.ids.low == 1


class Anchorer:
    """Turns the limits of one run into an id range for each chat."""

    def __init__(self, source: Source, decoder: Decoder, pool: Pool) -> None:
        self._source = source
        self._decoder = decoder
        self._pool = pool

    async def find_range(self, chat: Chat, limits: Limits, *, hidden: int = 0) -> Anchored | None:
        """Return the ids asked for, or None when the chat has none within the limits.

        Nothing is visible up to the id `hidden`: where no message is seen before a first date, all of that may lie
        after it, and is asked for as well. No id lies above the chat's top: those belong to later runs. Raises as `Source.look` does, and
        ServerError when the server's answers have no border between the dates.
        """
        newest = await self._look(chat, Look(limit=5))
        if newest.highest is None:
            return None
        top = newest.highest
        high = min(top, limits.high or top)
        floor = limits.low
        if limits.end is not None:
            high = min(high, (await self._find_border(chat, limits.end, newest)).id - 1)
        if limits.start is not None and floor <= high:
            border = await self._find_border(chat, limits.start, newest)
            floor = max(floor, border.id if border.has_earlier or not hidden else 1)
        if floor > high:
            return None
        low = await self._jump(chat, top, limits.last) if limits.last else 1
        low = max(low, floor)
        if low > high:
            return None
        density = min(1.0, (newest.total or 0) / top)
        is_topped = high == top
        is_counted = bool(limits.last) and is_topped
        return Anchored(Range(low, high), floor, is_counted, density, newest.pts, is_topped)

    async def reach_further(self, chat: Chat, anchored: Anchored, missing: int) -> Anchored:
        """Return a range that holds up to so many messages more below, for when the server jumped too short."""
        low = anchored.ids.low
        for _ in range(MOST_ASTRAY):
            page = await self._look(chat, Look(top=low - 1, limit=PAGE))
            if page.lowest is not None and page.lowest >= low:
                continue
            below = sorted({each.id for each in page.rows if each.id < low}, reverse=True)[:missing]
            reached = below[-1] if below else page.lowest or 1
            ids = Range(max(reached, anchored.floor), anchored.ids.high)
            return replace(anchored, ids=ids, is_counted=True)
        raise ServerError(
            f"Telegram listed messages of {chat.title} from {low} on, which were not asked for."
        )

    async def _find_border(self, chat: Chat, moment: int, newest: Decoded) -> _Border:
        """Return where dates reach `moment`: its id is the one after the top when they do not."""
        assert newest.highest is not None
        border = _Border(moment, newest.highest)
        border.learn(newest, newest.highest)
        if moment <= 0:
            border.id = 1
        if moment <= 0 or border.is_found():
            return border
        # The messages around a date in one answer, as TDLib asks for them: both sides of the border prove it.
        border.learn(await self._look(chat, Look(before=min(moment, LATEST), skip=-3, limit=5)), None)
        top = border.unknown.high
        for _ in range(MOST_LOOKS):
            if border.is_found():
                return border
            page = await self._look(chat, Look(top=top, limit=PAGE))
            border.learn(page, top)
            if page.rows or page.lowest is None or page.lowest > top or border.is_found():
                top = (border.unknown.low + border.unknown.high) // 2
            else:  # a page of gone messages says nothing about dates
                top = max(border.unknown.low, min(page.lowest - 1, border.unknown.high))
        raise ServerError(f"Telegram's answers about {chat.title} do not say where a date begins.")

    async def _jump(self, chat: Chat, top: int, count: int) -> int:
        """Return the id of the message with `count` - 1 newer ones; 1 when there are fewer.

        A server that counts what is gone, or does not jump at all, ends too high: see `reach_further`.
        """
        page = await self._look(chat, Look(top=top, skip=count - 1, limit=1))
        if page.lowest is not None:
            return min(page.lowest, top)
        return 1 if page.total is None or page.total <= count else top

    async def _look(self, chat: Chat, look: Look) -> Decoded:
        """Return what can be read of the messages looked at; the others are passed one by one."""
        found = await self._look_once(chat, look)
        if is_blind(found) and not (look.top or look.before or look.skip):
            # Passed over, it would be neither asked for nor named.
            raise ServerError(
                f"The newest message of {chat.title} is of a type that this version of tobs does not know, so that a"
                " part of the chat cannot be told from the rest.",
                hint="Export the whole chat: that names the message.",
            )
        passed = _count_passed(found)
        while found.is_cut and passed < look.limit:
            rest = replace(look, skip=look.skip + passed, limit=look.limit - passed)
            more = await self._look_once(chat, rest)
            passed += _count_passed(more)
            _join(found, more)
        return found

    async def _look_once(self, chat: Chat, look: Look) -> Decoded:
        page = await self._source.look(chat, look)
        decode = partial(
            self._decoder, chat_id=chat.id, account=self._source.account_id, is_forum=chat.kind == "forum"
        )
        return await self._pool.run(decode, page.raw)


def _count_passed(page: Decoded) -> int:
    return len(page.rows) + len(page.empty) + page.is_cut


def _join(found: Decoded, more: Decoded) -> None:
    """Put the answer that goes on behind an unreadable message to the one that broke off there."""
    found.rows += more.rows
    found.empty += more.empty
    found.lowest = min(filter(None, (found.lowest, more.lowest)), default=None)
    found.highest = max(filter(None, (found.highest, more.highest)), default=None)
    found.is_cut = more.is_cut


class _Border:
    """What is known of the place where dates reach a moment.

    Ids below `unknown` are earlier or not there; those from `id` on are not earlier; those between are
    not there. `has_earlier`: a message before the moment was seen.
    """

    def __init__(self, moment: int, top: int) -> None:
        self._moment = moment
        self.id = top + 1
        self.has_earlier = False
        self._low, self._high = 1, top

    def is_found(self) -> bool:
        return self._low > self._high

    @property
    def unknown(self) -> Range:
        return Range(self._low, self._high)

    def learn(self, page: Decoded, top: int | None) -> None:
        """Take in an answer; `top` is the id that it goes down from, None when it was asked for by date."""
        rows = [each for each in page.rows if each.id <= self.id]
        earlier = [each for each in rows if each.date < self._moment]
        later = [each for each in rows if each.date >= self._moment]
        self.has_earlier = self.has_earlier or bool(earlier)
        if later:
            self.id = min(each.id for each in later)
            self._high = min(self._high, self.id - 1)
        if earlier:
            self._low = max(self._low, max(each.id for each in earlier) + 1)
        if earlier and later:
            self._low = self._high + 1  # the answer has both sides, and lists all between
        elif top is not None:
            self._learn_down(page, top, earlier, later)

    def _learn_down(
        self, page: Decoded, top: int, earlier: list[MessageRow], later: list[MessageRow]
    ) -> None:
        if page.lowest is None or (earlier and page.lowest <= top):
            self._low = max(self._low, top + 1)  # nothing lies between the newest one listed and the top
        elif not later and page.lowest <= top and top >= self._high:
            self._high = page.lowest - 1  # a page of gone messages
