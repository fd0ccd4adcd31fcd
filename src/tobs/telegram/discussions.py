"""Comments of channel posts: where a post stands in the discussion group.

https://core.telegram.org/api/discussion
"""

from __future__ import annotations

from functools import partial
from typing import Any

from telethon import errors as tg
from telethon import functions
from telethon.tl import types as tl

from tobs.core.ports.source import Discussion
from tobs.errors import ServerError
from tobs.telegram.answers import Send, read_answer
from tobs.telegram.directory import Directory
from tobs.telegram.peers import mark_entity, mark_peer

_NO_COMMENTS = (tg.MsgIdInvalidError,)


async def find_discussion(send: Send, directory: Directory, account: int, post_id: int) -> Discussion | None:
    """Return the group and the message in it that repeats a post; None when there is none."""
    try:
        answer = await send(partial(_ask_discussion, post_id=post_id))
    except ServerError as error:
        if isinstance(error.__cause__, _NO_COMMENTS):
            return None
        raise
    found = read_answer(answer.raw, tl.messages.DiscussionMessage, "place of a post's comments")
    # An album is repeated message by message; comments stand below the first.
    root = min(found.messages, key=lambda each: each.id, default=None)
    if root is None:
        return None
    marked = mark_peer(root.peer_id)
    group = next(each for each in found.chats if mark_entity(each) == marked)
    return Discussion(directory.take(group).as_chat(account), root.id)


def _ask_discussion(address: Any, *, post_id: int) -> Any:
    return functions.messages.GetDiscussionMessageRequest(peer=address, msg_id=post_id)
