"""messages.search and messages.getSearchCounters: messages of one chat by sender and kind."""

from __future__ import annotations

from typing import Any

from telethon import functions
from telethon.tl import types as tl

from tobs.core.model import Chat
from tobs.core.ports.source import KindCount, Search
from tobs.errors import ServerError

FILTERS: dict[str, Any] = {
    "photo": tl.InputMessagesFilterPhotos,
    "video": tl.InputMessagesFilterVideo,
    "round": tl.InputMessagesFilterRoundVideo,
    "voice": tl.InputMessagesFilterVoice,
    "audio": tl.InputMessagesFilterMusic,
    "document": tl.InputMessagesFilterDocument,
    "gif": tl.InputMessagesFilterGif,
    "link": tl.InputMessagesFilterUrl,
    "poll": tl.InputMessagesFilterPoll,
    "geo": tl.InputMessagesFilterGeo,
    "contact": tl.InputMessagesFilterContacts,
    "pinned": tl.InputMessagesFilterPinned,
    "mention": tl.InputMessagesFilterMyMentions,
    "call": tl.InputMessagesFilterPhoneCalls,
    "chat-photo": tl.InputMessagesFilterChatPhotos,
}
"""The filter of each of `core.filters.SEARCHED_KINDS`."""


def ask_search(address: Any, *, search: Search, sender: Any | None) -> Any:
    """Return the request for one page; `sender` is the address of `search.sender`.

    Dates are left out: with a filter they select otherwise than in a history. So are ids above; those
    below go into `min_id`, which only takes away from the page.
    """
    return functions.messages.SearchRequest(
        peer=address,
        q="",
        filter=FILTERS[search.kind]() if search.kind else tl.InputMessagesFilterEmpty(),
        min_date=None,
        max_date=None,
        offset_id=search.top + 1 if search.top else 0,
        add_offset=0,
        limit=search.limit,
        max_id=0,
        min_id=search.floor - 1,
        hash=0,
        from_id=sender,
    )


def ask_counts(address: Any, kinds: tuple[str, ...]) -> Any:
    """Return the request for how many messages of each kind there are."""
    return functions.messages.GetSearchCountersRequest(address, [FILTERS[each]() for each in kinds])


def read_counts(answer: list[Any]) -> list[KindCount]:
    """Return what such an answer says, kinds that nobody asked for left out."""
    names = {kind.CONSTRUCTOR_ID: name for name, kind in FILTERS.items()}
    return [
        KindCount(names[each.filter.CONSTRUCTOR_ID], each.count, is_inexact=bool(each.inexact))
        for each in answer
        if each.filter.CONSTRUCTOR_ID in names
    ]


def say_refusal(chat: Chat, search: Search, error: BaseException) -> ServerError:
    """Return why a chat was not searched, with what to do instead."""
    wanted = f"{search.kind} messages" if search.kind else "messages"
    sender = f" of {search.sender.title}" if search.sender else ""
    return ServerError(
        f"Telegram refuses to search {chat.title} for {wanted}{sender}: {error}.",
        hint="Export the chat without --from and --only: what is missing then is fetched without a search.",
    )
