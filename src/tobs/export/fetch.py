"""Asks for what the archive lacks of one chat, and again for its last messages, with several requests in flight."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tobs.core.model import Chat, Decoded
from tobs.core.ports.archive import Archive
from tobs.core.ports.source import RawPage, Search, Source
from tobs.core.ranges import Range, clip_ranges
from tobs.core.report import AskedRange, ChatReport, KnownFrom
from tobs.core.request import Refresh
from tobs.errors import Damaged, ServerError, TobsError
from tobs.export.frontier import Frontier, Piece
from tobs.export.horizon import Horizon
from tobs.export.isolate import (
    HIGHEST,
    IDS_PER_REQUEST,
    MOST_ASTRAY,
    MOST_GARBLED,
    PageSizes,
    find_unreadable,
    is_blind,
    list_rest,
    thin_out,
)
from tobs.export.plan import lacks_media, plan_windows
from tobs.export.stopwatch import Stopwatch
from tobs.export.throttle import Throttle

Ask = Callable[[], Awaitable[RawPage]]
"""Sends one request."""

Answer = tuple[RawPage, Decoded]
"""A page, and what it holds."""

AskOne = Callable[[int, int], Awaitable[RawPage]]
"""Asks for the one message that is the first at a place: with the low end for `RawPage.asked`, and a floor."""

log = logging.getLogger("tobs.export")


@dataclass(slots=True)
class Fetched:
    """A page on its way, and the place where process says what it holds.

    `is_lookup`: single ids were asked for, so the page accounts for no range. `is_probe`: it was asked for
    to find a place, and is not to be stored. `unreadable` is the id of the one message that it can hold, if
    that is known without reading it.
    """

    page: RawPage
    decoded: asyncio.Future[Decoded]
    is_lookup: bool = False
    is_probe: bool = False
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is read again, as seen from `now` (UTC seconds)."""

    refresh: Refresh
    now: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a chat came to: all was read after the state `pts`, archived messages from `known_from` on too.

    `pts` is None outside channels, `known_from` when nothing was swept to the end.
    """

    pts: int | None
    known_from: KnownFrom | None = None


class Fetcher:
    """Puts the answers for one chat into a bounded queue, the newest ids first.

    Each walker takes a piece of the frontier, asks for it, and gives back what its page did not reach.
    A place among the requests in flight is held until the bytes are there, not until they are decoded.
    """

    def __init__(
        self,
        source: Source,
        archive: Archive,
        pages: asyncio.Queue[Fetched | None],
        throttle: Throttle,
        horizon: Horizon,
        stopwatch: Stopwatch,
        *,
        walkers: int,
    ) -> None:
        self._source = source
        self._archive = archive
        self._pages = pages
        self._throttle = throttle
        self._horizon = horizon
        self._stopwatch = stopwatch
        self._walkers = walkers
        self._floor = 1
        self._thread = 0
        self._failure: TobsError | None = None
        self._astray: Counter[int] = Counter()
        self._sizes = PageSizes()
        self._layer = 0

    async def fetch_chat(
        self, chat: Chat, report: ChatReport, sweep: Sweep | None, stop: asyncio.Event
    ) -> Reading:
        """Fetch every id from 1 to the chat's top that is not covered, then sweep; ends early when `stop` is set.

        The top is the highest id of the first answer: what arrives later belongs to the next run. Without a
        sweep only what is missing is fetched. An error lets the pages in flight arrive before it is raised.
        """
        return await self._fetch_to_top(chat, 1, report, sweep, stop)

    async def fetch_thread(
        self, chat: Chat, root: int, report: ChatReport, sweep: Sweep | None, stop: asyncio.Event
    ) -> None:
        """Fetch every message of a topic, or below a message, that is not covered; sweep a topic, too.

        A topic's first message is in it; a message that is answered is not among its answers.
        """
        self._thread = root
        is_topic = chat.kind == "forum"
        if not is_topic:
            sweep = None  # which thread a message is in is not kept outside of forums: nothing says what is missing
        await self._fetch_to_top(chat, root if is_topic else root + 1, report, sweep, stop)

    async def _fetch_to_top(
        self, chat: Chat, low: int, report: ChatReport, sweep: Sweep | None, stop: asyncio.Event
    ) -> Reading:
        covered = await self._archive.covered_ranges(chat, self._thread)
        newest, _ = await self._ask(chat, top=0, low=low)
        read: Range | None = None
        # What was asked for up to a higher top, and never answered, has to be accounted for even if it is all gone.
        high = max(newest.highest or 0, await self._archive.asked_top(chat, self._thread))
        if not self._thread:
            await self._archive.note_whole(chat, newest.highest or 0)
        if newest.highest is not None and newest.lowest is not None:
            asked, read = Range(low, newest.highest), Range(newest.lowest, newest.highest)
            # The message that is answered was asked for by itself.
            report.asked = AskedRange(self._thread or low, asked.high, is_part=bool(self._thread))
            if self._thread:
                await self._archive.note_asked(chat, asked, self._thread)
            lacking = (newest.total or 0) - await self._archive.count_stored(chat, asked)
            await self._source.expect(max(0, lacking - len(newest.rows)))
        if high >= low:
            known = [*covered, *([read] if read else ()), *self._horizon.veil(chat)]
            frontier = Frontier(plan_windows(known, Range(low, high)))
            frontier.note_density(newest)
            await self._fetch_windows(chat, frontier, stop)
        if sweep is None or stop.is_set():
            return Reading(newest.pts)
        visible = Range(self._horizon.lowest(chat), HIGHEST)
        plan = await self._archive.plan_sweep(
            chat,
            clip_ranges([*covered, *await self._list_above(chat, newest.highest or 0)], visible),
            read,
            sweep.refresh,
            now=sweep.now,
            topic=self._thread or None,
        )
        await self._fetch_windows(chat, Frontier(plan.windows, are_pages=True), stop)
        known_from = plan.known_from if visible.holds(plan.known_from.id) else KnownFrom(visible.low)
        return Reading(newest.pts, None if stop.is_set() else known_from)

    async def _list_above(self, chat: Chat, top: int) -> list[Range]:
        """Return the ids above the chat's top if messages are stored there: a search found them, and they are gone."""
        above = Range(top + 1, HIGHEST)
        return [above] if await self._archive.count_stored(chat, above) else []

    async def fetch_range(self, chat: Chat, asked: Range, stop: asyncio.Event) -> None:
        """Fetch every id of the range that is not covered, as `fetch_chat` does, and no message below it.

        The range must not reach above the chat's top: what is listed there later would count as empty.
        """
        await self._archive.note_asked(chat, asked)
        self._floor = asked.low
        covered = [*await self._archive.covered_ranges(chat), *self._horizon.veil(chat)]
        await self._fetch_windows(chat, Frontier(plan_windows(covered, asked)), stop)

    async def look_up(self, chat: Chat, ids: Sequence[int], stop: asyncio.Event) -> bool:
        """Ask for messages by id, the newest first; tell whether all were asked for."""
        return await self._look_up(chat, ids, {}, stop)

    async def try_again(self, chat: Chat, layers: Mapping[int, int], stop: asyncio.Event) -> None:
        """Ask by id for messages that could not be read when the client knew these layers.

        Where that was this layer and the first ones still cannot be read, the others mostly wait for a later run.
        """
        await self._look_up(chat, sorted(layers, reverse=True), layers, stop)

    async def _look_up(
        self, chat: Chat, ids: Sequence[int], layers: Mapping[int, int], stop: asyncio.Event
    ) -> bool:
        starts = range(0, len(ids), IDS_PER_REQUEST)
        batches = deque(list(ids[start : start + IDS_PER_REQUEST]) for start in starts)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._walkers, len(batches))):
                group.create_task(self._look_up_some(chat, batches, layers, stop))
        if self._failure:
            raise self._failure
        return not stop.is_set()

    async def _look_up_some(
        self, chat: Chat, batches: deque[list[int]], layers: Mapping[int, int], stop: asyncio.Event
    ) -> None:
        while batches and not (stop.is_set() or self._failure):
            some = batches.popleft()
            alone = some[0] if len(some) == 1 else 0
            try:
                _, decoded = await self._send(
                    partial(self._source.fetch_by_id, chat, some),
                    partial(Fetched, is_lookup=True, unreadable=alone),
                )
            except TobsError as error:
                self._failure = self._failure or error
                return
            rest = list_rest(some, decoded)
            if layers and not (decoded.rows or decoded.empty):
                rest = [each for each in (thin_out(part, layers, self._layer) for part in rest) if each]
            batches.extend(rest)

    async def _fetch_windows(self, chat: Chat, frontier: Frontier, stop: asyncio.Event) -> None:
        changed = asyncio.Condition()
        async with asyncio.TaskGroup() as group:
            for _ in range(self._walkers):
                group.create_task(self._walk(chat, frontier, changed, stop))
        if self._failure:
            raise self._failure

    async def _walk(
        self, chat: Chat, frontier: Frontier, changed: asyncio.Condition, stop: asyncio.Event
    ) -> None:
        while piece := await self._next_piece(frontier, changed, stop):
            try:
                await self._fetch_piece(chat, frontier, piece)
            except TobsError as error:
                self._failure = self._failure or error
                frontier.close()
            finally:
                async with changed:
                    changed.notify_all()

    async def _next_piece(
        self, frontier: Frontier, changed: asyncio.Condition, stop: asyncio.Event
    ) -> Piece | None:
        """Return a piece to ask for, waiting while others may still give some back; None at the end."""
        async with changed:
            while not (frontier.is_done or stop.is_set()):
                if piece := frontier.take():
                    return piece
                await changed.wait()
        return None

    async def _fetch_piece(self, chat: Chat, frontier: Frontier, piece: Piece) -> None:
        top = piece.high
        try:
            decoded, low = await self._ask(chat, top=top, low=piece.low)
        except TobsError:
            frontier.drop(piece)
            raise
        if frontier.settle(piece, decoded, low=low) is None:
            self._astray[top] += 1
            # A page may overlap what lies above it; but without progress the walk would go on for ever.
            if self._astray[top] >= MOST_ASTRAY:
                raise ServerError(
                    f"Telegram listed messages of {chat.title} above {top}, which were not asked for."
                )

    async def _ask(self, chat: Chat, *, top: int, low: int) -> tuple[Decoded, int]:
        """Return what came, and down to which id it could list anything.

        That is the newest page from `top` down, or the one unreadable message that is the first there.
        """
        size = self._sizes.take(top)
        ask = partial(self._source.fetch_history, chat, top=top, thread=self._thread)

        def ask_one(low: int, floor: int) -> Awaitable[RawPage]:
            return ask(low=low, floor=floor, limit=1)

        fetch = partial(ask, low=low, floor=self._floor, limit=size)
        page, decoded = await self._ask_past(chat, fetch, ask_one, top=top, low=low, floor=self._floor)
        self._sizes.note(decoded, size)
        return decoded, page.asked.low

    async def fetch_found(self, chat: Chat, search: Search) -> Decoded:
        """Fetch one page of what the server finds, or the one unreadable message that is the first there."""

        def ask_one(_low: int, floor: int) -> Awaitable[RawPage]:
            return self._source.search(chat, replace(search, floor=floor, limit=1))

        fetch = partial(self._source.search, chat, search)
        _, decoded = await self._ask_past(chat, fetch, ask_one, top=search.top, floor=search.floor)
        return decoded

    async def _ask_past(
        self, chat: Chat, fetch: Ask, ask_one: AskOne, *, top: int, floor: int, low: int = 1
    ) -> Answer:
        """Return a page, or the one unreadable message that hides the rest of it."""
        for _ in range(MOST_ASTRAY):
            answer = await self._send(fetch)
            if is_blind(answer[1]):
                answer = await self._isolate(ask_one, top=top, low=low, floor=floor) or answer
            if not is_blind(answer[1]):
                return answer
        raise ServerError(
            f"A message of {chat.title} at {top or 'the top'} could not be told from the others."
        )

    async def _isolate(self, ask: AskOne, *, top: int, low: int, floor: int) -> Answer | None:
        """Store the unreadable message that is the first from `top` down; None when it is not there any more."""

        async def probe(above: int) -> Decoded:
            _, decoded = await self._send(partial(ask, low, above), partial(Fetched, is_probe=True))
            return decoded

        found = await find_unreadable(probe, high=top or HIGHEST, floor=floor)
        if found is None:
            return None
        answer = await self._send(partial(ask, max(low, found), found), partial(Fetched, unreadable=found))
        return answer if answer[1].is_cut else None

    async def _send(self, fetch: Ask, wrap: Callable[..., Fetched] = Fetched) -> Answer:
        """Return what the answer holds, once it is in line to be stored; garbled ones are asked for again."""
        for _ in range(MOST_GARBLED - 1):
            try:
                return await self._send_once(fetch, wrap)
            except Damaged as error:
                log.warning("asking again: %s", error)
        return await self._send_once(fetch, wrap)

    async def _send_once(self, fetch: Ask, wrap: Callable[..., Fetched]) -> Answer:
        for _ in range(MOST_ASTRAY):
            page = await self._fetch_page(fetch)
            self._throttle.note(page, is_backlogged=self._pages.full())
            decoded: asyncio.Future[Decoded] = asyncio.get_running_loop().create_future()
            self._layer = page.layer
            await self._pages.put(wrap(page, decoded))
            if not lacks_media(page, await decoded):
                return page, decoded.result()
            self._source.note_withheld(page.chat)
        raise ServerError(f"Telegram withholds the media of {page.chat.title} whichever way it is asked.")

    async def _fetch_page(self, fetch: Ask) -> RawPage:
        """Return an answer when the throttle has let its request through; all but its latency is waiting."""
        asked_at = self._stopwatch.now()
        async with self._throttle.slot():
            try:
                page = await fetch()
            except TobsError:
                self._stopwatch.meter.record_stage("pipeline_fetch", 0, error=True)
                raise
        self._stopwatch.record("pipeline_fetch", asked_at, page.latency_seconds)
        return page
