"""The lists into which Telegram sorts Saved Messages by where they came from.

https://core.telegram.org/api/saved-messages
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from telethon import functions
from telethon.tl import types as tl

from tobs.core.model import TopicRow
from tobs.telegram.answers import Send, read_answer
from tobs.telegram.peers import entity_name, input_peer, mark_entity, mark_peer

LISTS_PER_REQUEST = 100
"""What messages.getSavedDialogs gives at most."""

_KINDS = (tl.messages.SavedDialogs, tl.messages.SavedDialogsSlice)


async def list_saved(send: Send) -> list[TopicRow]:
    """Return every list once, by the marked id of the chat that its messages came from."""
    found: dict[int, TopicRow] = {}
    offset: tuple[int, int, Any] = (0, 0, tl.InputPeerEmpty())
    while True:
        raw = (await send(partial(_ask_lists, offset=offset))).raw
        answer = read_answer(raw, _KINDS, "lists of saved messages")
        entities = {mark_entity(each): each for each in (*answer.users, *answer.chats)}
        fresh = {mark_peer(each.peer) or 0: each.top_message for each in answer.dialogs}
        fresh = {marked: top for marked, top in fresh.items() if marked not in found}
        for marked, top in fresh.items():
            name = entity_name(entities[marked]) if marked in entities else ""
            found[marked] = TopicRow(marked, name, top)
        if not fresh or isinstance(answer, tl.messages.SavedDialogs) or len(found) >= answer.count:
            return list(found.values())
        marked, top = list(fresh.items())[-1]
        dates = {each.id: getattr(each, "date", 0) for each in answer.messages}
        hash_ = getattr(entities.get(marked), "access_hash", None) or 0
        offset = (dates.get(top, 0), top, input_peer(marked, hash_))


def _ask_lists(_address: Any, *, offset: tuple[int, int, Any]) -> Any:
    date, top_message, peer = offset
    return functions.messages.GetSavedDialogsRequest(
        offset_date=datetime.fromtimestamp(date, UTC) if date else None,
        offset_id=top_message,
        offset_peer=peer,
        limit=LISTS_PER_REQUEST,
        hash=0,
    )
