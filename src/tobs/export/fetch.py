"""Asks for what the archive lacks of one chat, and again for its last messages, with several requests in flight."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tobs.core.model import Chat, Decoded
from tobs.core.ports.archive import Archive
from tobs.core.ports.source import RawPage, Source
from tobs.core.ranges import Range
from tobs.core.report import AskedRange, ChatReport, KnownFrom
from tobs.core.request import Refresh
from tobs.errors import ServerError, TobsError
from tobs.export.frontier import Frontier, Piece
from tobs.export.plan import plan_windows
from tobs.export.throttle import Throttle

MOST_ASTRAY = 5
"""How often one place may be answered with other messages than those asked for."""


IDS_PER_REQUEST = 100
"""How many ids one look by id may name."""


@dataclass(slots=True)
class Fetched:
    """A page on its way, and the place where process says what it holds.

    `is_lookup`: single ids were asked for, so the page accounts for no range.
    """

    page: RawPage
    decoded: asyncio.Future[Decoded]
    is_lookup: bool = False


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is read again, as seen from `now` (UTC seconds)."""

    refresh: Refresh
    now: float


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
        *,
        walkers: int,
    ) -> None:
        self._source = source
        self._archive = archive
        self._pages = pages
        self._throttle = throttle
        self._walkers = walkers
        self._floor = 1
        self._thread = 0
        self._failure: TobsError | None = None
        self._astray: Counter[int] = Counter()

    async def fetch_chat(
        self, chat: Chat, report: ChatReport, sweep: Sweep, stop: asyncio.Event
    ) -> KnownFrom | None:
        """Fetch every id from 1 to the chat's top that is not covered, then sweep; ends early when `stop` is set.

        The top is the highest id of the first answer: what arrives later belongs to the next run. Returns
        down to where all changes are known then, or None. An error lets the pages in flight arrive before
        it is raised.
        """
        return await self._fetch_to_top(chat, 1, report, sweep, stop)

    async def fetch_thread(
        self, chat: Chat, root: int, report: ChatReport, sweep: Sweep, stop: asyncio.Event
    ) -> None:
        """Fetch every message of a topic, or below a message, that is not covered; sweep a topic, too.

        A topic's first message is in it; a message that is answered is not among its answers.
        """
        self._thread = root
        is_topic = chat.kind == "forum"
        if not is_topic:
            # Which thread a message is in is not kept outside of forums: nothing says what is missing.
            sweep = replace(sweep, refresh=Refresh(0))
        await self._fetch_to_top(chat, root if is_topic else root + 1, report, sweep, stop)

    async def _fetch_to_top(
        self, chat: Chat, low: int, report: ChatReport, sweep: Sweep, stop: asyncio.Event
    ) -> KnownFrom | None:
        covered = await self._archive.covered_ranges(chat, self._thread)
        newest = await self._ask(chat, top=0, low=low)
        read: Range | None = None
        if newest.highest is not None and newest.lowest is not None:
            asked, read = Range(low, newest.highest), Range(newest.lowest, newest.highest)
            report.asked = AskedRange(*asked, is_part=bool(self._thread))
            await self._archive.note_asked(chat, asked, self._thread)
            frontier = Frontier(plan_windows([*covered, read], asked))
            frontier.note_density(newest)
            await self._fetch_windows(chat, frontier, stop)
        if not sweep.refresh.is_on or stop.is_set():
            return None
        plan = await self._archive.plan_sweep(
            chat, covered, read, sweep.refresh, now=sweep.now, topic=self._thread or None
        )
        await self._fetch_windows(chat, Frontier(plan.windows, are_pages=True), stop)
        return None if stop.is_set() else plan.known_from

    async def fetch_range(self, chat: Chat, asked: Range, stop: asyncio.Event) -> None:
        """Fetch every id of the range that is not covered, as `fetch_chat` does, and no message below it.

        The range must not reach above the chat's top: what is listed there later would count as empty.
        """
        await self._archive.note_asked(chat, asked)
        self._floor = asked.low
        covered = await self._archive.covered_ranges(chat)
        await self._fetch_windows(chat, Frontier(plan_windows(covered, asked)), stop)

    async def look_up(self, chat: Chat, ids: Sequence[int], stop: asyncio.Event) -> bool:
        """Ask for messages by id, the newest first; tell whether all were asked for."""
        starts = iter(range(0, len(ids), IDS_PER_REQUEST))
        async with asyncio.TaskGroup() as group:
            for _ in range(self._walkers):
                group.create_task(self._look_up_some(chat, ids, starts, stop))
        if self._failure:
            raise self._failure
        return not stop.is_set()

    async def _look_up_some(
        self, chat: Chat, ids: Sequence[int], starts: Iterator[int], stop: asyncio.Event
    ) -> None:
        while not (stop.is_set() or self._failure):
            start = next(starts, None)
            if start is None:
                return
            some = list(ids[start : start + IDS_PER_REQUEST])
            try:
                await self._send(partial(self._source.fetch_by_id, chat, some), is_lookup=True)
            except TobsError as error:
                self._failure = self._failure or error

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
            decoded = await self._ask(chat, top=top, low=piece.low)
        except TobsError:
            frontier.drop(piece)
            raise
        if frontier.settle(piece, decoded) is None:
            self._astray[top] += 1
            # A page may overlap what lies above it; but without progress the walk would go on for ever.
            if self._astray[top] >= MOST_ASTRAY:
                raise ServerError(
                    f"Telegram listed messages of {chat.title} above {top}, which were not asked for."
                )

    async def _ask(self, chat: Chat, *, top: int, low: int) -> Decoded:
        return await self._send(
            partial(
                self._source.fetch_history, chat, top=top, low=low, floor=self._floor, thread=self._thread
            )
        )

    async def _send(self, fetch: Callable[[], Awaitable[RawPage]], *, is_lookup: bool = False) -> Decoded:
        async with self._throttle.slot():
            page = await fetch()
        self._throttle.note(page, is_backlogged=self._pages.full())
        decoded: asyncio.Future[Decoded] = asyncio.get_running_loop().create_future()
        await self._pages.put(Fetched(page, decoded, is_lookup))
        return await decoded
