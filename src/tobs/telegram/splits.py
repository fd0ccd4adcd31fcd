"""The ranges of ids by which a takeout gives out an account's private chats and basic groups.

Those share one sequence of ids, and a long one does not lie in one place at Telegram: messages.getSplitRanges
tells how it is cut, and a request for history is to be asked of one range after the other
(https://core.telegram.org/api/takeout).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from telethon import functions

from tobs.core.ids import is_channel
from tobs.core.model import Chat
from tobs.telegram import faults
from tobs.telegram.client import OUTSIDE, Client
from tobs.telegram.takeout import Takeout

_NO_END = 1 << 62


@dataclass(frozen=True, slots=True)
class Split:
    """One range: the ids that it accounts for, and Telegram's own object for it."""

    low: int
    high: int
    range: Any = field(compare=False)


class Splits:
    """The ranges of the takeout that is open, and which of them hold nothing of a chat."""

    def __init__(self, client: Client, takeout: Takeout) -> None:
        self._client = client
        self._takeout = takeout
        self._of = OUTSIDE
        self._splits: list[Split] = []
        self._empty: set[tuple[int, Split]] = set()
        self._asking = asyncio.Lock()

    async def list_for(self, chat: Chat, *, top: int = 0) -> list[Split]:
        """Return the ranges to ask for what a chat has up to `top` (0: at all), the newest first.

        Those that turned out to hold nothing of it are left out, but never all of them. There are none
        outside of a takeout, nor for channels, which have ids of their own.
        """
        if is_channel(chat.id) or not await self._takeout.find_way():
            return []
        splits = [each for each in await self._read() if not top or each.low <= top]
        return [each for each in splits if (chat.id, each) not in self._empty] or splits[-1:]

    def note_empty(self, chat: Chat, split: Split) -> None:
        """Remember that a range holds nothing of a chat."""
        self._empty.add((chat.id, split))

    async def _read(self) -> list[Split]:
        async with self._asking:
            while (takeout_id := await self._takeout.find_way()) != self._of:
                if not takeout_id:
                    return []
                request = functions.messages.GetSplitRangesRequest()
                try:
                    answer = await self._client.send(request, "the ranges of ids", takeout=takeout_id)
                except faults.TAKEOUT_OVER:
                    await self._takeout.lose(takeout_id)
                    continue
                self._of, self._splits = takeout_id, list_splits(answer)
        return self._splits


def list_splits(ranges: Sequence[Any]) -> list[Split]:
    """Return the ranges, the newest first, so that each id from 1 on lies in exactly one of them."""
    splits: list[Split] = []
    ordered = sorted(ranges, key=lambda each: each.max_id)
    for each in ordered:
        low = splits[-1].high + 1 if splits else 1
        splits.append(Split(low, _NO_END if each is ordered[-1] else each.max_id, each))
    return splits[::-1]
