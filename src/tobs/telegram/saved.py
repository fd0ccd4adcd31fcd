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
from tobs.telegram.answers import Send
from tobs.telegram.lists import read_list
from tobs.telegram.peers import entity_name, input_peer, mark_peer

LISTS_PER_REQUEST = 100
"""What messages.getSavedDialogs gives at most."""


async def list_saved(send: Send) -> list[TopicRow]:
    """Return every list once, by the marked id of the chat that its messages came from."""
    found: dict[int, TopicRow] = {}
    offset: tuple[int, int, Any] = (0, 0, tl.InputPeerEmpty())
    while True:
        raw = (await send(partial(_ask_lists, offset=offset))).raw
        answer = read_list(raw, "lists of saved messages")
        entities = answer.entities
        fresh = {mark_peer(each.peer) or 0: each.top_message for each in answer.dialogs}
        fresh = {marked: top for marked, top in fresh.items() if marked not in found}
        for marked, top in fresh.items():
            name = entity_name(entities[marked]) if marked in entities else ""
            found[marked] = TopicRow(marked, name, top, is_told=True)
        if not fresh or answer.count is None or len(found) >= answer.count:
            return list(found.values())
        marked, top = list(fresh.items())[-1]
        hash_ = getattr(entities.get(marked), "access_hash", None) or 0
        offset = (answer.dates.get((marked, top), 0), top, input_peer(marked, hash_))


def _ask_lists(_address: Any, *, offset: tuple[int, int, Any]) -> Any:
    date, top_message, peer = offset
    return functions.messages.GetSavedDialogsRequest(
        offset_date=datetime.fromtimestamp(date, UTC) if date else None,
        offset_id=top_message,
        offset_peer=peer,
        limit=LISTS_PER_REQUEST,
        hash=0,
    )
