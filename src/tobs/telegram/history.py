"""An account as a source of chats and pages: what `Source` promises, over one connection."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from telethon import functions, utils
from telethon.tl import types as tl

from tobs.core.ids import is_channel
from tobs.core.model import Chat, TopicRow
from tobs.core.ports.services import Clock
from tobs.core.ports.source import Discussion, Look, RawPage
from tobs.core.ranges import Range
from tobs.core.request import ListedChats, Selection
from tobs.telegram import faults
from tobs.telegram.client import Client, RawAnswer
from tobs.telegram.decode import decode_page
from tobs.telegram.directory import Directory
from tobs.telegram.discussions import find_discussion, find_group
from tobs.telegram.saved import list_saved
from tobs.telegram.selection import Selected, select_dialogs
from tobs.telegram.topics import find_topics, list_topics

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

    async def list_chats(self, selection: Selection) -> ListedChats:
        """Return the chats of the account's list that are meant."""
        found = await self.select(selection)
        chats = [each.as_chat(self.account_id) for each in found.dialogs]
        return ListedChats(chats, [*found.missing], found.notes)

    async def select(self, selection: Selection) -> Selected:
        """Return the same with addresses."""
        return await select_dialogs(
            self._client, self._directory, selection, account=self.account_id, now=self._clock.now()
        )

    async def fetch_history(
        self, chat: Chat, *, top: int, low: int, floor: int = 1, thread: int = 0
    ) -> RawPage:
        """Return the newest page with `floor` ≤ id ≤ `top` (0: the newest of all), undecoded.

        An address that the server rejects is looked up once more. `min_id` is sent for the floor only:
        it is applied after the slice is cut, so a page that it shortens is not the end.
        """
        ask = partial(_ask_replies, root=thread) if thread else _ask_history
        answer = await self._send(chat, partial(ask, top=top, min_id=floor - 1))
        page = self._pack(chat, Range(low, top) if top else Range(0, 0), answer)
        if thread:
            page.scope, page.method = thread, "messages.getReplies"
        return page

    async def look(self, chat: Chat, look: Look) -> RawPage:
        """Return some messages that are not to be stored, undecoded."""
        request = partial(
            _ask_history, top=look.top, before=look.before, add_offset=look.skip, limit=look.limit
        )
        return self._pack(chat, Range(0, 0), await self._send(chat, request))

    async def fetch_by_id(self, chat: Chat, ids: list[int]) -> RawPage:
        """Return the answer for at most 100 ids of the chat, undecoded.

        Outside channels an id names a message of the account, whichever chat it is in: ask only for ids
        that are known to be this chat's.
        """
        is_own = is_channel(chat.id)
        answer = await self._send(chat, partial(_ask_by_id if is_own else _ask_account_by_id, ids=ids))
        page = self._pack(chat, Range(min(ids), max(ids)), answer)
        page.method = "channels.getMessages" if is_own else "messages.getMessages"
        return page

    async def count_messages(self, chat: Chat) -> int:
        """Return how many messages Telegram counts in the chat; its counts may be off."""
        answer = await self._send(chat, partial(_ask_history, top=0, limit=1))
        page = decode_page(answer.raw, chat_id=chat.id, account=self.account_id, is_forum=False)
        return page.total or 0

    async def find_discussion(self, channel: Chat, post_id: int) -> Discussion | None:
        """Return where the comments of a post are; None when it has none, or is not there."""
        return await find_discussion(partial(self._send, channel), self._directory, self.account_id, post_id)

    async def find_group(self, channel: Chat) -> Chat | None:
        """Return the group in which a channel's posts are commented on; None when it has none."""
        if channel.discussion_id and (known := self._directory.recall(channel.discussion_id)):
            return known.as_chat(self.account_id)
        return await find_group(partial(self._send, channel), self._directory, self.account_id)

    async def list_topics(self, chat: Chat) -> list[TopicRow]:
        """Return every topic of a forum, General and hidden ones included, or every list of Saved Messages."""
        list_all = list_saved if chat.kind == "saved" else list_topics
        return await list_all(partial(self._send, chat))

    async def find_topics(self, chat: Chat, ids: list[int]) -> list[TopicRow]:
        """Return what Telegram knows about these topics of a forum."""
        return await find_topics(partial(self._send, chat), ids)

    def _pack(self, chat: Chat, asked: Range, answer: RawAnswer) -> RawPage:
        return RawPage(
            chat,
            asked,
            raw=answer.raw,
            layer=self._client.layer,
            received_at=self._clock.now(),
            sent_at=answer.sent_at,
            latency_seconds=answer.latency_seconds,
            told_waits=answer.told_waits,
        )

    async def _send(self, chat: Chat, make_request: Callable[[Any], Any]) -> RawAnswer:
        """Return the answer to the request made from the chat's address; a rejected one is looked up again."""
        what = f"messages of {chat.title}"
        try:
            return await self._client.send_raw(make_request(self._directory.address(chat)), what)
        except faults.BAD_PEER:
            self._directory.forget(chat)
            await self._directory.find(f"@{chat.username}" if chat.username else str(chat.id))
        try:
            return await self._client.send_raw(make_request(self._directory.address(chat)), what)
        except faults.BAD_PEER as error:
            raise faults.translate(error, chat.title) from error


def _ask_history(
    address: Any,
    *,
    top: int,
    before: int = 0,
    add_offset: int = 0,
    limit: int = PAGE_SIZE,
    min_id: int = 0,
) -> Any:
    return functions.messages.GetHistoryRequest(
        peer=address,
        offset_id=top + 1 if top else 0,
        offset_date=before or None,
        add_offset=add_offset,
        limit=limit,
        max_id=0,
        min_id=min_id,
        hash=0,
    )


def _ask_replies(address: Any, *, root: int, top: int, min_id: int) -> Any:
    return functions.messages.GetRepliesRequest(
        peer=address,
        msg_id=root,
        offset_id=top + 1 if top else 0,
        offset_date=None,
        add_offset=0,
        limit=PAGE_SIZE,
        max_id=0,
        min_id=min_id,
        hash=0,
    )


def _ask_by_id(address: Any, *, ids: list[int]) -> Any:
    return functions.channels.GetMessagesRequest(
        channel=utils.get_input_channel(address), id=[tl.InputMessageID(each) for each in ids]
    )


def _ask_account_by_id(_address: Any, *, ids: list[int]) -> Any:
    return functions.messages.GetMessagesRequest(id=[tl.InputMessageID(each) for each in ids])
