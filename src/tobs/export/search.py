"""Finds messages of a chat by sender and kind at the server; what is found is stored and proves nothing."""

from __future__ import annotations

import asyncio
import heapq
from array import array
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, islice, product

from tobs.core.events import Said
from tobs.core.model import Chat, Decoded
from tobs.core.ports.archive import Archive
from tobs.core.ports.source import Search, Source
from tobs.core.ranges import Range
from tobs.core.report import ChatReport, Searched
from tobs.core.request import ExportRequest
from tobs.core.span import Limits
from tobs.errors import ServerError, TobsError
from tobs.export.anchor import Anchorer
from tobs.export.fetch import Fetcher
from tobs.export.isolate import MOST_ASTRAY, is_blind
from tobs.export.people import PeopleFinder
from tobs.export.pipeline import Pipeline

PAGE = 100

Ask = Callable[[Search], Awaitable[Decoded]]


async def find_searches(source: Source, archive: Archive, request: ExportRequest) -> tuple[Search, ...]:
    """Return one search for each sender and kind, none without a filter.

    Raises ChatNotFound or UsageError when it is not clear who is meant: nothing is fetched then.
    """
    wanted = request.filter
    if not wanted.is_on:
        return ()
    people = PeopleFinder(source, archive, request)
    senders: dict[int | None, Chat | None] = {}
    for name in wanted.senders:
        found = await people.find_sender(name)
        senders[found.id] = found
    pairs = product(senders.values() or [None], wanted.kinds or [""])
    return tuple(Search(kind, sender) for sender, kind in pairs)


@dataclass(slots=True)
class _Trail:
    """One search under way: the ids that it found, falling, and how many the server counts.

    `strangers` counts messages of other senders: Telegram ignores the sender in private chats.
    """

    search: Search
    ids: array[int] = field(default_factory=partial(array, "q"))
    counted: int = 0
    strangers: int = 0

    def note(self, page: Decoded) -> None:
        """Take in a page; what it lists above the ids found, or outside of those wanted, does not count."""
        self.counted = self.counted or page.total or 0
        search = self.search
        for row in sorted(page.rows, reverse=True):
            if (
                row.id < search.floor
                or row.id > (search.top or row.id)
                or (self.ids and row.id >= self.ids[-1])
            ):
                continue
            if search.sender and row.sender_id not in {search.sender.id, None}:
                self.strangers += 1
            else:
                self.ids.append(row.id)


class ChatSearch:
    """All searches of one chat, each a chain of pages; they are under way together."""

    def __init__(self, pipeline: Pipeline, chat: Chat, report: ChatReport, stop: asyncio.Event) -> None:
        self._pipeline = pipeline
        self._chat = chat
        self._report = report
        self._stop = stop
        self._trails: list[_Trail] = []

    async def store_found(self, searches: Sequence[Search], limits: Limits) -> None:
        """Store what is found within the limits, and fill in the report.

        Raises an error of one of the searches; where the server refuses one, the others come to their end.
        """
        searched = self._report.searched = Searched(
            list(dict.fromkeys(_say_sender(each.sender) for each in searches if each.sender)),
            list(dict.fromkeys(each.kind for each in searches if each.kind)),
        )
        most = await self._prepare(searches, limits)

        async def feed(fetcher: Fetcher) -> None:
            failures = await self._follow_all(partial(fetcher.fetch_found, self._chat), most)
            if failures:
                raise failures[0]

        writer = self._pipeline.make_writer(self._chat, self._report)
        try:
            await self._pipeline.run(feed, writer, self._pipeline.make_throttle())
            searched.is_whole = not self._stop.is_set()
        finally:
            searched.found = sum(1 for _ in self._list_found())
            self._tell_strangers()

    async def _prepare(self, searches: Sequence[Search], limits: Limits) -> int | None:
        """Set the searches out within the limits; return how many messages each may find, None for all.

        Of several searches nobody knows beforehand how their results lie among each other: for the newest of
        all, they are followed once for the ids alone, and then down to the last of these.
        """
        within = replace(limits, last=None)
        if not within.is_open:
            anchorer = Anchorer(self._pipeline.source, self._pipeline.decoder, self._pipeline.pool)
            anchored = await anchorer.find_range(self._chat, within)
            searches = [_narrow(each, anchored.ids) for each in searches] if anchored else []
        self._trails = [_Trail(each) for each in searches]
        if limits.last is None or len(searches) < 2:
            return limits.last
        for failure in await self._follow_all(self._look, limits.last):
            if not isinstance(failure, ServerError):  # a refusal comes again, and is told then
                raise failure
        newest = list(islice(self._list_found(), limits.last))
        self._trails = [_Trail(_narrow(each, Range(newest[-1], newest[0]))) for each in searches if newest]
        return None

    async def _look(self, search: Search) -> Decoded:
        """Return a page that is not to be stored."""
        line, chat = self._pipeline, self._chat
        page = await line.source.search(chat, search)
        decode = partial(
            line.decoder, chat_id=chat.id, account=line.source.account_id, is_forum=chat.kind == "forum"
        )
        return await line.pool.run(decode, page.raw)

    async def _follow_all(self, ask: Ask, most: int | None) -> list[TobsError]:
        """Follow every search to its end; return what went wrong, what is not a refusal first."""
        failures: list[TobsError] = []

        async def follow(trail: _Trail) -> None:
            try:
                await self._follow(trail, ask, most)
            except TobsError as error:
                failures.append(error)

        async with asyncio.TaskGroup() as group:
            for each in self._trails:
                group.create_task(follow(each))
        return sorted(failures, key=lambda each: isinstance(each, ServerError))

    async def _follow(self, trail: _Trail, ask: Ask, most: int | None) -> None:
        """Ask for page after page downwards, until one is empty, the floor is reached, or enough is found.

        A short page is not the end (https://core.telegram.org/api/offsets).
        """
        top, astray = trail.search.top, 0
        while not self._stop.is_set():
            left = PAGE if most is None else most - len(trail.ids)
            if left <= 0:
                return
            # A page of few that overlaps what lies above may hold nothing else: then a whole one is asked for.
            limit = PAGE if astray else min(PAGE, left)
            page = await ask(replace(trail.search, top=top, limit=limit))
            if page.lowest is None:
                if is_blind(page):
                    raise ServerError(
                        f"What Telegram found in {self._chat.title} holds a message of an unknown type.",
                        hint="Search without --last, or for one kind and sender at a time.",
                    )
                return
            trail.note(page)
            self._report.total = sum(each.counted for each in self._trails)
            if not top or page.lowest <= top:
                top = page.lowest - 1
            elif (astray := astray + 1) >= MOST_ASTRAY:
                raise ServerError(
                    f"Telegram found messages of {self._chat.title} above {top}, which were not searched for."
                )
            if top < trail.search.floor:
                return

    def _list_found(self) -> Iterator[int]:
        """Yield the ids that were found, each once, falling."""
        together = heapq.merge(*(each.ids for each in self._trails), reverse=True)
        return (number for number, _ in groupby(together))

    def _tell_strangers(self) -> None:
        if strangers := sum(each.strangers for each in self._trails):
            self._pipeline.emit(
                Said(
                    "warning",
                    f"{self._chat.title}: Telegram does not search private chats by sender. What else it listed"
                    f" was stored too ({strangers:,}).",
                )
            )


def _narrow(search: Search, ids: Range) -> Search:
    return replace(search, top=ids.high, floor=ids.low)


def _say_sender(sender: Chat) -> str:
    return "me" if sender.kind == "saved" else sender.title
