"""An account as a source of chats and pages: what `Source` promises, over one connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any, TypeVar

from telethon import functions, utils
from telethon.tl import types as tl

from tobs.core.chatname import parse_chat_name
from tobs.core.ids import is_channel, is_group
from tobs.core.model import Chat, TopicRow
from tobs.core.ports.services import Clock
from tobs.core.ports.source import (
    Difference,
    Discussion,
    KindCount,
    Look,
    RawPage,
    Search,
    Sighting,
    State,
)
from tobs.core.ranges import Range
from tobs.core.request import ListedChats, Selection
from tobs.errors import TobsError
from tobs.telegram import differences, faults
from tobs.telegram.client import OUTSIDE, Client, RawAnswer
from tobs.telegram.decode import decode_page
from tobs.telegram.directory import Directory
from tobs.telegram.discussions import find_discussion
from tobs.telegram.full import find_group, find_hidden, find_origin, read_full
from tobs.telegram.members import find_members
from tobs.telegram.protection import Protection
from tobs.telegram.saved import list_saved
from tobs.telegram.search import ask_counts, ask_search, read_counts, say_refusal
from tobs.telegram.selection import Selected, select_dialogs
from tobs.telegram.splits import Split, Splits
from tobs.telegram.takeout import Takeout
from tobs.telegram.topics import find_topics, list_topics

T = TypeVar("T")

PAGE_SIZE = 100
"""What getHistory gives at most (https://core.telegram.org/api/offsets)."""


class TelegramSource:
    """The account that is logged in."""

    def __init__(
        self, client: Client, directory: Directory, takeout: Takeout, clock: Clock, account_id: int
    ) -> None:
        self._client = client
        self._directory = directory
        self._takeout = takeout
        self._protection = Protection(client, directory)
        self._splits = Splits(client, takeout)
        self._clock = clock
        self._full: dict[int, Any] = {}
        self.account_id = account_id

    async def prepare(self, kinds: AbstractSet[str]) -> None:
        """Learn of which kinds the chats of the run are (see `Takeout.prepare`)."""
        await self._takeout.prepare(kinds)

    async def expect(self, messages: int) -> None:
        """Learn how much is still to come (see `Takeout.expect`)."""
        await self._takeout.expect(messages)

    def note_withheld(self, chat: Chat) -> None:
        """Ask a chat outside of the takeout from now on."""
        self._protection.note(chat)

    async def find_chat(self, name: str) -> Chat:
        """Return the chat that goes by this name (see `Directory.find`)."""
        found = await self._directory.find(name)
        return found.as_chat(self.account_id)

    async def list_called(self, title: str) -> list[Chat]:
        """Return the chats of the account's list with this title, in any case."""
        return [each.as_chat(self.account_id) for each in await self._directory.list_called(title)]

    async def find_members(self, chat: Chat, name: str) -> list[Chat]:
        """Return the members of a group with this name, in any case, or id."""
        send = partial(self._send, chat)
        found = await find_members(send, self._directory, chat, parse_chat_name(name))
        return [each.as_chat(self.account_id) for each in found]

    def forget_people(self, name: str, chats: list[Chat]) -> None:
        """Look for this name anew the next time, in the list of chats and among the members of these."""
        self._directory.book.forget_people(parse_chat_name(name).value, [each.id for each in chats])

    def note_seen(self, person: Chat, sightings: list[Sighting]) -> None:
        """Address somebody by these messages where nothing better is known."""
        self._directory.note_seen(person, sightings)

    async def list_chats(self, selection: Selection) -> ListedChats:
        """Return the chats of the account's list that are meant."""
        found = await self.select(selection)
        chats = [each.as_chat(self.account_id) for each in (line.dialog for line in found.lines)]
        return ListedChats(chats, [*found.missing], found.notes)

    async def select(self, selection: Selection) -> Selected:
        """Return the same with all that the list says of them."""
        return await select_dialogs(
            self._client, self._directory, selection, account=self.account_id, now=self._clock.now()
        )

    async def find_origin(self, chat: Chat) -> Chat | None:
        """Return the basic group that a supergroup was, or None."""
        return find_origin(await self._read_full(chat), chat, self.account_id)

    async def find_hidden(self, chat: Chat) -> int:
        """Return up to which id the account sees nothing of a supergroup."""
        return find_hidden(await self._read_full(chat))

    async def find_group(self, channel: Chat) -> Chat | None:
        """Return the group in which a channel's posts are commented on; None when it has none."""
        if channel.discussion_id and (known := self._directory.recall(channel.discussion_id)):
            return known.as_chat(self.account_id)
        return find_group(await self._read_full(channel), self._directory, self.account_id)

    async def find_discussion(self, channel: Chat, post_id: int) -> Discussion | None:
        """Return where the comments of a post are; None when it has none, or is not there."""
        return await find_discussion(partial(self._send, channel), self._directory, self.account_id, post_id)

    async def list_topics(self, chat: Chat) -> list[TopicRow]:
        """Return every topic of a forum, General and hidden ones included, or every list of Saved Messages."""
        list_all = list_saved if chat.kind == "saved" else list_topics
        return await list_all(partial(self._send, chat))

    async def find_topics(self, chat: Chat, ids: list[int]) -> list[TopicRow]:
        """Return what Telegram knows about these topics of a forum."""
        return await find_topics(partial(self._send, chat), ids)

    async def fetch_history(
        self,
        chat: Chat,
        *,
        top: int,
        low: int,
        floor: int = 1,
        limit: int = PAGE_SIZE,
        thread: int = 0,
    ) -> RawPage:
        """Return the newest page with `floor` ≤ id ≤ `top` (0: the newest of all), undecoded.

        An address that the server rejects is looked up once more. `min_id` is sent for the floor only:
        it is applied after the slice is cut, so a page that it shortens is not the end. A page asked for
        in one range of a takeout accounts for no id below that range.
        """
        ask = partial(_ask_replies, root=thread) if thread else _ask_history
        page = await self._fetch_page(
            chat, Range(low, top), partial(ask, top=top, min_id=floor - 1, limit=limit), is_plain=floor == 1
        )
        if thread:
            page.scope, page.method = thread, "messages.getReplies"
        return page

    async def _fetch_page(
        self, chat: Chat, asked: Range, request: Callable[..., Any], *, is_plain: bool
    ) -> RawPage:
        """Return the newest page of the range, or of the chat when it has no top."""
        low, top = asked
        splits = await self._list_splits(chat, top)
        if not top:
            found = await self._find_newest(chat, splits, request, is_plain=is_plain)
            return self._pack(chat, Range(0, 0), *found)
        if not splits:
            return self._pack(chat, asked, await self._send(chat, request))
        answer = await self._send(chat, request, splits[0])
        return self._pack(chat, Range(max(low, splits[0].low), top), answer, splits[0])

    async def look(self, chat: Chat, look: Look) -> RawPage:
        """Return some messages that are not to be stored, undecoded."""
        request = partial(_ask_history, top=look.top, before=look.before, limit=look.limit)
        splits = await self._list_splits(chat, look.top)
        return self._pack(chat, Range(0, 0), *await self._find_newest(chat, splits, request, skip=look.skip))

    async def fetch_by_id(self, chat: Chat, ids: list[int]) -> RawPage:
        """Return the answer for at most 100 ids of the chat, undecoded.

        Outside channels an id names a message of the account, whichever chat it is in: ask only for ids
        that are known to be this chat's.
        """
        is_own = is_channel(chat.id)
        if is_own:
            answer = await self._send(chat, partial(_ask_by_id, ids=ids))
        else:  # needs no address, so that chats which nobody named in this run can be asked about
            # Outside of a takeout, which would withhold the media of a protected chat.
            what = f"messages of {chat.title}"
            answer = await self._client.send_raw(_ask_account_by_id(ids), what, takeout=OUTSIDE)
        page = self._pack(chat, Range(min(ids), max(ids)), answer)
        page.method = "channels.getMessages" if is_own else "messages.getMessages"
        return page

    async def channel_difference(self, chat: Chat, pts: int) -> Difference:
        """Return what was touched in a channel since that state."""

        async def fetch(state: State) -> bytes:
            request = partial(differences.ask_channel, pts=state.pts)
            return (await self._send(chat, request, is_optional=True)).raw

        return await differences.read_slices(fetch, State(pts))

    async def account_state(self) -> State:
        """Return the state of the account's private chats and basic groups."""
        request = functions.updates.GetStateRequest()
        answer = await self._client.send_raw(request, "the state of the account", is_optional=True)
        return differences.read_state(answer.raw)

    async def account_difference(self, state: State) -> Difference:
        """Return what was touched in all those chats since that state."""

        async def fetch(since: State) -> bytes:
            request = differences.ask_account(since)
            what = "the changes of the account"
            return (await self._client.send_raw(request, what, is_optional=True)).raw

        return await differences.read_slices(fetch, state)

    async def count_messages(self, chat: Chat) -> int:
        """Return how many messages Telegram counts in the chat; its counts may be off."""
        answer = await self._send(chat, partial(_ask_history, top=0, limit=1))
        page = decode_page(answer.raw, chat_id=chat.id, account=self.account_id, is_forum=False)
        return page.total or 0

    async def search(self, chat: Chat, search: Search) -> RawPage:
        """Return one page of what the server finds, undecoded. Raises ServerError where it refuses to search.

        A sender whose message is gone is addressed by the next one.
        """
        sender = self._directory.address(search.sender) if search.sender else None
        try:
            answer = await self._send(chat, partial(ask_search, search=search, sender=sender))
        except (TobsError, *faults.NOT_SEARCHED) as error:
            reason = error.__cause__ if isinstance(error, TobsError) else error
            is_lost = isinstance(reason, faults.LOST_SIGHT) and search.sender is not None
            if is_lost and search.sender and await self._readdress(search.sender, sender):
                return await self.search(chat, search)
            if is_lost or isinstance(reason, (*faults.NOT_SEARCHED, faults.NEEDS_ADMIN)):
                raise say_refusal(chat, search, reason or error) from error
            raise
        if search.sender:
            await self._directory.check(search.sender.id, answer.raw)
        page = self._pack(chat, Range(search.floor, search.top) if search.top else Range(0, 0), answer)
        page.method, page.proves = "messages.search", False
        return page

    async def _readdress(self, person: Chat, address: Any) -> bool:
        """Drop the address by which somebody was not found, and tell whether there is another."""
        return self._directory.reject(person, address) or await self._directory.renew(person)

    async def count_kinds(self, chat: Chat, kinds: tuple[str, ...]) -> list[KindCount]:
        """Return how many messages of these kinds Telegram counts in the chat, in one request."""
        try:
            return read_counts(await self._ask(chat, partial(ask_counts, kinds=kinds), self._client.send))
        except faults.ANSWERS as error:
            raise faults.translate(error, f"messages of {chat.label}") from error

    async def _list_splits(self, chat: Chat, top: int) -> list[Split]:
        """Return the ranges in which the chat is asked, the newest first; none when it is asked as a whole."""
        splits = await self._splits.list_for(chat, top=top)
        return [] if splits and await self._protection.is_protected(chat) else splits

    async def _find_newest(
        self,
        chat: Chat,
        splits: list[Split],
        request: Callable[..., Any],
        *,
        skip: int = 0,
        is_plain: bool = False,
    ) -> tuple[RawAnswer, Split | None]:
        """Return the first answer with messages, going down the ranges; the last one when all are empty.

        `skip` counts messages from the first range on downwards, whichever they lie in. `is_plain`: nothing
        but the range limits the request, so that an empty answer says that the range is empty.
        """
        if not splits:
            return await self._send(chat, partial(request, add_offset=skip)), None
        for split in splits:
            answer = await self._send(chat, partial(request, add_offset=skip), split)
            page = decode_page(answer.raw, chat_id=chat.id, account=self.account_id, is_forum=False)
            if page.rows or page.is_cut or not answer.is_takeout:
                break
            if is_plain and not page.total:
                self._splits.note_empty(chat, split)
            elif skip > 0 and page.total:
                skip = max(0, skip - page.total)
        return answer, split

    def _pack(self, chat: Chat, asked: Range, answer: RawAnswer, split: Split | None = None) -> RawPage:
        return RawPage(
            chat,
            asked,
            raw=answer.raw,
            layer=self._client.layer,
            received_at=self._clock.now(),
            sent_at=answer.sent_at,
            latency_seconds=answer.latency_seconds,
            told_waits=answer.told_waits,
            is_takeout=answer.is_takeout,
            is_part=split is not None and answer.is_takeout,
        )

    async def _read_full(self, chat: Chat) -> Any:
        """Return what a channel says of itself; it is asked once in a run."""
        if chat.id not in self._full:
            self._full[chat.id] = await read_full(partial(self._send, chat))
        return self._full[chat.id]

    async def _send(
        self,
        chat: Chat,
        make_request: Callable[[Any], Any],
        split: Split | None = None,
        *,
        is_optional: bool = False,
    ) -> RawAnswer:
        """Send through the takeout if there is one, unless it would withhold the media of this chat."""

        async def send(request: Any, what: str) -> RawAnswer:
            way = None
            if await self._takeout.find_way() and await self._protection.is_protected(chat):
                way = OUTSIDE
            within = split.range if split else None
            return await self._client.send_raw(
                request, what, takeout=way, split=within, is_optional=is_optional
            )

        answer = await self._ask(chat, make_request, send)
        await self._directory.check(chat.id, answer.raw)
        return answer

    async def _ask(
        self, chat: Chat, make_request: Callable[[Any], Any], send: Callable[[Any, str], Awaitable[T]]
    ) -> T:
        """Return the answer to the request made from the chat's address; a rejected one is looked up again."""
        what = f"messages of {chat.label}"
        try:
            return await send(make_request(self._directory.address(chat)), what)
        except faults.BAD_PEER as error:
            if is_group(chat.id):  # its number is all of its address
                raise faults.translate(error, chat.label) from error
            self._directory.forget(chat)
            await self._directory.find(f"@{chat.username}" if chat.username else str(chat.id))
        try:
            return await send(make_request(self._directory.address(chat)), what)
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


def _ask_replies(address: Any, *, root: int, top: int, min_id: int, limit: int, add_offset: int = 0) -> Any:
    return functions.messages.GetRepliesRequest(
        peer=address,
        msg_id=root,
        offset_id=top + 1 if top else 0,
        offset_date=None,
        add_offset=add_offset,
        limit=limit,
        max_id=0,
        min_id=min_id,
        hash=0,
    )


def _ask_by_id(address: Any, *, ids: list[int]) -> Any:
    return functions.channels.GetMessagesRequest(
        channel=utils.get_input_channel(address), id=[tl.InputMessageID(each) for each in ids]
    )


def _ask_account_by_id(ids: list[int]) -> Any:
    return functions.messages.GetMessagesRequest(id=[tl.InputMessageID(each) for each in ids])
