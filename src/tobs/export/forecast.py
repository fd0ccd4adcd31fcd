"""What an export of a chat would take: counted by the server where it counts, else estimated from samples.

At most ten requests for a chat, and nothing is stored.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from functools import partial
from statistics import fmean, stdev
from typing import Protocol

from tobs.core.events import Progressed
from tobs.core.forecast import ChatForecast, KindForecast
from tobs.core.media import FILE_KINDS
from tobs.core.model import Chat, Decoded
from tobs.core.ports.services import Emit, Pool
from tobs.core.ports.source import Decoder, KindCount, RawPage, Search, Source
from tobs.core.request import Refresh
from tobs.errors import NoAccess, ServerError, Stopped, TobsError
from tobs.export.choose import ENDS_THE_RUN, Wanted, note_failure

PAGE = 100

MESSAGES_PER_MINUTE = 6_000
MESSAGES_PER_MINUTE_TAKEOUT = 60_000
"""What one account was given, outside of takeout and under it, as the readme of tg-chat-dump tells; Telegram
publishes no numbers."""

DISK_PER_RECEIVED_BYTE = 2.8
"""Archive and notes for each byte of a page; measured with 20,000 messages of the simulator's world `bench`."""

SEARCHED = {
    "photo": "photo",
    "video": "video",
    "round": "round",
    "voice": "voice",
    "audio": "audio",
    "document": "document",
    "gif": "animation",
}
"""The files that Telegram counts by kind: its word for a search, and ours for the medium. Stickers are not among them."""


class CountingSource(Source, Protocol):
    """A source that also counts by kind."""

    async def count_kinds(self, chat: Chat, kinds: tuple[str, ...]) -> list[KindCount]:
        """Return how many messages of these kinds the server counts in the chat, in one request."""
        ...


class Forecaster:
    """Looks at the newest page of a chat, at the server's counts, and at a page of each kind of files."""

    def __init__(
        self,
        source: CountingSource,
        decoder: Decoder,
        pool: Pool,
        held: Mapping[tuple[int, int], int],
        emit: Emit,
    ) -> None:
        """`held` counts, by chat, the messages that need not be fetched again."""
        self._source = source
        self._decoder = decoder
        self._pool = pool
        self._held = held
        self._emit = emit

    async def forecast_chats(
        self, chats: Sequence[Wanted], refresh: Refresh, stop: asyncio.Event
    ) -> list[ChatForecast]:
        """Return what is known of the chats; those that fail have it in their report instead.

        Raises what the next chat would meet as well. `stop` ends it with the chats that are looked at by then.
        """
        found: list[ChatForecast] = []
        for each in chats:
            if stop.is_set():
                break
            self._tell(each.chat, 0, is_done=False)
            try:
                found.append(await self._forecast_chat(each.chat, refresh))
            except Stopped:
                break
            except TobsError as error:
                note_failure(self._emit, each.report, error)
                if isinstance(error, ENDS_THE_RUN):
                    raise
                continue
            self._tell(each.chat, found[-1].messages, is_done=True)
        return found

    def _tell(self, chat: Chat, messages: int, *, is_done: bool) -> None:
        share = 100.0 if is_done else 0.0
        self._emit(Progressed(chat.label, messages, messages, "forecast", share))

    async def _forecast_chat(self, chat: Chat, refresh: Refresh) -> ChatForecast:
        """Return what is known of one chat; a server that does not count or search costs only a note."""
        found = ChatForecast(chat.id, chat.label, chat.account)
        page = await self._source.fetch_history(chat, top=0, low=1)
        newest = await self._decode(page)
        if not newest.rows:
            return found
        found.messages = max(newest.total or 0, len(newest.rows))
        found.stored = min(self._held.get(chat.key, 0), found.messages)
        found.to_fetch = found.messages - found.stored
        _estimate_work(found, refresh)
        found.disk_bytes = int(DISK_PER_RECEIVED_BYTE * newest.size_bytes / len(newest.rows) * found.to_fetch)
        found.is_withheld = any(each.id == chat.id and each.is_protected for each in newest.peers)
        if found.messages == len(newest.rows):
            found.kinds = [_measure(kind, newest) for kind in FILE_KINDS]
        else:
            await self._estimate_files(chat, found, newest)
        found.kinds = [each for each in found.kinds if each.files]
        found.media_bytes = 0 if found.is_withheld else sum(each.size_bytes for each in found.kinds)
        return found

    async def _estimate_files(self, chat: Chat, found: ChatForecast, newest: Decoded) -> None:
        try:
            counts = await self._source.count_kinds(chat, tuple(SEARCHED))
        except (ServerError, NoAccess) as error:
            found.notes.append(f"Files are not counted: {error}")
            return
        if any(each.is_inexact for each in counts):
            found.notes.append("Telegram says that its counts of files may be off.")
        for count in counts:
            if count.count:
                found.kinds.append(await self._sample(chat, found, count, newest))
        share = found.messages / len(newest.rows)
        stickers = _measure("sticker", newest)
        stickers.files = round(stickers.files * share)
        stickers.is_counted = False
        _extrapolate(stickers, [each.size_bytes for each in newest.wants if each.media_kind == "sticker"])
        found.kinds.append(stickers)

    async def _sample(
        self, chat: Chat, found: ChatForecast, count: KindCount, newest: Decoded
    ) -> KindForecast:
        """Return what the files of a kind weigh, by the newest of them."""
        kind = KindForecast(SEARCHED[count.kind], count.count)
        seen = _measure(kind.kind, newest)
        if seen.files == count.count:
            return seen
        try:
            page = await self._source.search(chat, Search(count.kind, limit=PAGE))
        except ServerError as error:
            found.notes.append(f"The size of {kind.kind} files is not known: {error}")
            return kind
        _extrapolate(kind, _weigh(await self._decode(page)))
        return kind

    async def _decode(self, page: RawPage) -> Decoded:
        decode = partial(
            self._decoder,
            chat_id=page.chat.id,
            account=self._source.account_id,
            is_forum=page.chat.kind == "forum",
        )
        return await self._pool.run(decode, page.raw)


def _estimate_work(found: ChatForecast, refresh: Refresh) -> None:
    """Fill in requests and seconds: pages of what is new, and of what is read again."""
    again = 0 if refresh.seconds else min(refresh.messages, found.stored)
    found.requests = 1 + math.ceil(found.to_fetch / PAGE) + math.ceil(again / PAGE)
    messages = found.to_fetch + again
    found.seconds = math.ceil(60 * messages / MESSAGES_PER_MINUTE)
    found.seconds_takeout = math.ceil(60 * messages / MESSAGES_PER_MINUTE_TAKEOUT)


def _measure(kind: str, page: Decoded) -> KindForecast:
    """Return the files of one kind in a page, all of them looked at."""
    sizes = [each.size_bytes for each in page.wants if each.media_kind == kind]
    return KindForecast(kind, len(sizes), sum(sizes), len(sizes))


def _weigh(page: Decoded) -> list[int]:
    """Return the bytes that each message of a page wants."""
    sizes = dict.fromkeys((each.id for each in page.rows), 0)
    for want in page.wants:
        sizes[want.message_id] += want.size_bytes
    return [*sizes.values()]


def _extrapolate(kind: KindForecast, sizes: Sequence[int]) -> None:
    """Fill in what so many files weigh when these are typical, and how far off that may be."""
    number = len(sizes)
    kind.sampled = number
    if not number:
        return
    kind.size_bytes = round(fmean(sizes) * kind.files)
    if number >= kind.files:
        return
    spread = stdev(sizes) if number > 1 else sizes[0]
    # Two standard errors of a total, without replacement.
    kind.margin_bytes = round(2 * kind.files * spread * math.sqrt((1 - number / kind.files) / number))
