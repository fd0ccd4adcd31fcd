"""What a supergroup or channel says of itself: the group that it was or has its comments in, and what is hidden.

https://core.telegram.org/constructor/channelFull
"""

from __future__ import annotations

from typing import Any

from telethon import functions, utils
from telethon.tl import types as tl

from tobs.core.ids import mark_channel, mark_group
from tobs.core.model import Chat
from tobs.telegram.answers import Send, read_answer
from tobs.telegram.directory import Directory
from tobs.telegram.peers import entity_name, mark_entity


def find_origin(answer: Any, supergroup: Chat, account: int) -> Chat | None:
    """Return the basic group that a supergroup was, as the account has it; None when it never was one."""
    origin = answer.full_chat.migrated_from_chat_id
    if not origin:
        return None
    marked = mark_group(origin)
    titles = {mark_entity(each): entity_name(each) for each in answer.chats}
    return Chat(account, marked, "group", titles.get(marked) or supergroup.title)


def find_group(answer: Any, directory: Directory, account: int) -> Chat | None:
    """Return the group that is linked to a channel; None when there is none. Raises NoAccess."""
    linked = answer.full_chat.linked_chat_id
    if not linked:
        return None
    marked = mark_channel(linked)
    group = next(each for each in answer.chats if mark_entity(each) == marked)
    return directory.take(group).as_chat(account)


def find_hidden(answer: Any) -> int:
    """Return the highest id that the account may not see, 0 when it sees all."""
    return int(answer.full_chat.available_min_id or 0)


async def read_full(send: Send) -> Any:
    """Return what a channel says of itself. Raises ServerError for what is no such answer."""
    return read_answer((await send(_ask_full)).raw, tl.messages.ChatFull, "description of a channel")


def _ask_full(address: Any) -> Any:
    return functions.channels.GetFullChannelRequest(channel=utils.get_input_channel(address))
