"""Telegram's users and chats as plain values: marked ids, names, rows."""

from __future__ import annotations

from typing import Any

from telethon.tl import types as tl

from tobs.core.ids import mark_channel, mark_group
from tobs.core.model import PeerRow

DELETED_NAME = "Deleted Account"


def mark_peer(peer: Any) -> int | None:
    """Return the marked id of a Peer, or None for none."""
    if isinstance(peer, tl.PeerUser):
        return int(peer.user_id)
    if isinstance(peer, tl.PeerChannel):
        return mark_channel(peer.channel_id)
    if isinstance(peer, tl.PeerChat):
        return mark_group(peer.chat_id)
    return None


def mark_entity(entity: Any) -> int:
    """Return the marked id of a User, Chat or Channel, forbidden and empty ones included."""
    if isinstance(entity, (tl.User, tl.UserEmpty)):
        return int(entity.id)
    if isinstance(entity, (tl.Channel, tl.ChannelForbidden)):
        return mark_channel(entity.id)
    return mark_group(entity.id)


def entity_kind(entity: Any) -> str:
    """Return `private`, `bot`, `group`, `supergroup`, `forum` or `channel`."""
    if isinstance(entity, tl.User):
        return "bot" if entity.bot else "private"
    if not isinstance(entity, (tl.Channel, tl.ChannelForbidden)):
        return "group"
    if getattr(entity, "forum", False):
        return "forum"
    return "supergroup" if entity.megagroup or getattr(entity, "gigagroup", False) else "channel"


def entity_name(entity: Any) -> str:
    """Return the name that Telegram's apps show; empty when there is none."""
    if isinstance(entity, tl.User):
        if entity.deleted:
            return DELETED_NAME
        return " ".join(part for part in (entity.first_name, entity.last_name) if part)
    return getattr(entity, "title", None) or ""


def entity_username(entity: Any) -> str:
    """Return the username without @: the editable one, else the first active one, else nothing."""
    if name := getattr(entity, "username", None):
        return str(name)
    active = [each.username for each in getattr(entity, "usernames", None) or () if each.active]
    return active[0] if active else ""


def list_usernames(entity: Any) -> set[str]:
    """Return every username of a user or chat, in lower case."""
    more = [each.username for each in getattr(entity, "usernames", None) or ()]
    return {str(each).casefold() for each in (getattr(entity, "username", None), *more) if each}


def peer_row(entity: Any) -> PeerRow:
    """Return the row of a user or chat as an answer showed it."""
    return PeerRow(
        id=mark_entity(entity),
        kind=entity_kind(entity),
        name=entity_name(entity),
        username=entity_username(entity),
        is_min=bool(getattr(entity, "min", False)),
        is_deleted=bool(getattr(entity, "deleted", False)),
        is_bot=bool(getattr(entity, "bot", False)),
        is_protected=bool(getattr(entity, "noforwards", False)),
    )


def input_peer(marked: int, access_hash: int) -> Any:
    """Return what a request needs to address a peer."""
    if marked > 0:
        return tl.InputPeerUser(marked, access_hash)
    if marked <= mark_channel(0):
        return tl.InputPeerChannel(-marked + mark_channel(0), access_hash)
    return tl.InputPeerChat(-marked)


def seen_peer(marked: int, chat: Any, message_id: int) -> Any:
    """Return what addresses somebody by a message of a chat (its InputPeer) that shows them."""
    if marked > 0:
        return tl.InputPeerUserFromMessage(chat, message_id, marked)
    return tl.InputPeerChannelFromMessage(chat, message_id, -marked + mark_channel(0))


def mark_input_peer(peer: Any, account: int) -> int | None:
    """Return the marked id of an InputPeer, or None for an empty one."""
    match peer:
        case tl.InputPeerSelf():
            return account
        case tl.InputPeerUser() | tl.InputPeerUserFromMessage():
            return int(peer.user_id)
        case tl.InputPeerChannel() | tl.InputPeerChannelFromMessage():
            return mark_channel(peer.channel_id)
        case tl.InputPeerChat():
            return mark_group(peer.chat_id)
    return None
