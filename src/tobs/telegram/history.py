"""An account as a source of chats and pages: what `Source` promises, over one connection."""

from __future__ import annotations

from telethon import functions

from tobs.core.model import Chat
from tobs.core.ports import Clock, RawPage
from tobs.core.ranges import Range
from tobs.telegram import faults
from tobs.telegram.client import Client, RawAnswer
from tobs.telegram.directory import Directory

PAGE_SIZE = 100
"""What getHistory gives at most (https://core.telegram.org/api/offsets)."""


class TelegramSource:
    """The account that is logged in."""

    def __init__(self, client: Client, directory: Directory, clock: Clock, account_id: int) -> None:
        self._client = client
        self._directory = directory
        self._clock = clock
        self.account_id = account_id

    async def find_chat(self, name: str) -> Chat:
        """Return the chat that goes by this name (see `Directory.find`)."""
        found = await self._directory.find(name)
        return found.as_chat(self.account_id)

    async def fetch_history(self, chat: Chat, *, top: int, low: int) -> RawPage:
        """Return the newest page with ids ≤ `top` (0: the newest of all), undecoded.

        An address that the server rejects is looked up once more. `min_id` is never sent: it is
        applied after the slice is cut and would make a full page look short.
        """
        try:
            answer = await self._ask(chat, top)
        except faults.BAD_PEER:
            answer = await self._ask_again(chat, top)
        return RawPage(
            chat,
            asked=Range(low, top) if top else Range(0, 0),
            raw=answer.raw,
            layer=self._client.layer,
            received_at=self._clock.now(),
            sent_at=answer.sent_at,
            latency_seconds=answer.latency_seconds,
            told_waits=answer.told_waits,
        )

    async def _ask(self, chat: Chat, top: int) -> RawAnswer:
        request = functions.messages.GetHistoryRequest(
            peer=self._directory.address(chat),
            offset_id=top + 1 if top else 0,
            offset_date=None,
            add_offset=0,
            limit=PAGE_SIZE,
            max_id=0,
            min_id=0,
            hash=0,
        )
        return await self._client.send_raw(request, f"messages of {chat.title}")

    async def _ask_again(self, chat: Chat, top: int) -> RawAnswer:
        self._directory.forget(chat)
        await self._directory.find(f"@{chat.username}" if chat.username else str(chat.id))
        try:
            return await self._ask(chat, top)
        except faults.BAD_PEER as error:
            raise faults.translate(error, chat.title) from error
