"""Members of groups, as far as Telegram shows them.

https://core.telegram.org/method/channels.getParticipants and https://core.telegram.org/method/messages.getFullChat
"""

from __future__ import annotations

from functools import partial
from typing import Any

from telethon import functions, utils
from telethon.tl import types as tl

from tobs.core.chatname import ChatName, NameKind
from tobs.core.model import Chat
from tobs.errors import NoAccess
from tobs.telegram.answers import Send, read_answer
from tobs.telegram.dialogs import Dialog
from tobs.telegram.directory import Directory
from tobs.telegram.peers import entity_name, mark_entity

_MOST = 200
"""What getParticipants gives at most."""


async def find_members(send: Send, directory: Directory, chat: Chat, name: ChatName) -> list[Dialog]:
    """Return the users with this name, in any case, or id among the members of a group; lately found ones as remembered.

    A supergroup is searched by name only; members of channels and of private chats are never looked for. Raises
    NoAccess the first time that this account is not shown them.
    """
    is_shown_by_name = chat.kind in {"supergroup", "forum"} and name.kind is NameKind.TITLE
    if chat.kind != "group" and not is_shown_by_name:
        return []
    known = directory.book.find_people(name.value, chat.id)
    if known is not None:
        return known
    try:
        users = await (_list_group(send) if chat.kind == "group" else _search_supergroup(send, name.value))
    except NoAccess:
        directory.book.keep_people(name.value, [], chat.id)
        raise
    # A min user has no address (https://core.telegram.org/api/min).
    found = [each for each in users if isinstance(each, tl.User) and not each.min and _fits(each, name)]
    return directory.book.keep_people(name.value, [directory.take(each) for each in found], chat.id)


def _fits(user: Any, name: ChatName) -> bool:
    if name.kind is NameKind.ID:
        return mark_entity(user) == int(name.value)
    return entity_name(user).casefold() == name.value.casefold()


async def _list_group(send: Send) -> list[Any]:
    answer = read_answer((await send(_ask_group)).raw, tl.messages.ChatFull, "description of a group")
    return list(answer.users)


async def _search_supergroup(send: Send, words: str) -> list[Any]:
    users: dict[int, Any] = {}
    offset = 0
    while True:
        raw = (await send(partial(_ask_members, words=words, offset=offset))).raw
        answer = read_answer(raw, tl.channels.ChannelParticipants, "list of members")
        users |= {each.id: each for each in answer.users}
        offset += len(answer.participants)
        if not answer.participants or offset >= answer.count:
            return [*users.values()]


def _ask_group(address: Any) -> Any:
    return functions.messages.GetFullChatRequest(chat_id=address.chat_id)


def _ask_members(address: Any, *, words: str, offset: int) -> Any:
    return functions.channels.GetParticipantsRequest(
        channel=utils.get_input_channel(address),
        filter=tl.ChannelParticipantsSearch(words),
        offset=offset,
        limit=_MOST,
        hash=0,
    )
