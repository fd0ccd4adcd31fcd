"""Chats, people and messages by number, as Telegram Desktop writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tobs.core.ids import bare_id, is_group, is_user
from tobs.core.model import Chat, Message
from tobs.writers.scene import Scene

GROUP_SHIFT = 1_000_000_000
"""What is taken off the ids of the group that a supergroup was: they lie below the supergroup's own."""

_SERVICE_CHATS = {1_271_266_957: "replies", 489_000: "verification_codes"}
_TYPES = {
    "saved": "saved_messages",
    "bot": "bot_chat",
    "group": "private_group",
    "supergroup": "supergroup",
    "forum": "supergroup",
    "channel": "channel",
}


def name_peer_id(marked_id: int) -> str:
    """Return `user5`, `chat5` for a basic group, `channel5` for a supergroup or channel."""
    kind = "user" if is_user(marked_id) else "chat" if is_group(marked_id) else "channel"
    return f"{kind}{bare_id(marked_id)}"


def number_peer(marked_id: int) -> int:
    """Return the number that Desktop has for a peer in itself: its kind stands above the lowest 48 bits."""
    kind = 0 if is_user(marked_id) else 1 if is_group(marked_id) else 2
    return bare_id(marked_id) + (kind << 48)


def name_type(chat: Chat) -> str:
    """Return what Desktop calls such a chat."""
    if chat.id in _SERVICE_CHATS:
        return _SERVICE_CHATS[chat.id]
    name = _TYPES.get(chat.kind, "personal_chat")
    if name in {"supergroup", "channel"}:
        return f"{'public' if chat.username else 'private'}_{name}"
    return name


def shift_id(scene: Scene, message_id: int) -> int:
    """Return the id under which a message of the half that is being written stands in the file."""
    return message_id - GROUP_SHIFT if scene.links.chat.migrated_to else message_id


def list_target(scene: Scene, message: Message, key: str) -> Iterator[tuple[str, Any]]:
    """Yield under `key` the message that another one is about, and the chat where that is another one."""
    reply = message.content.reply
    if reply is None or not reply.to_id:
        return
    if reply.chat_id:
        yield key, reply.to_id
        yield "reply_to_peer_id", name_peer_id(reply.chat_id)
    else:
        yield key, shift_id(scene, reply.to_id)
