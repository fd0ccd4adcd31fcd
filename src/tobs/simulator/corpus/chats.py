"""Makers of the TL entities of groups and channels."""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

_FOUNDED = datetime(2024, 5, 6, 10, 0, tzinfo=UTC)


def group(group_id: int, title: str, members: int, **fields: Any) -> types.Chat:
    """Return a basic group."""
    return types.Chat(group_id, title, types.ChatPhotoEmpty(), members, _FOUNDED, version=3, **fields)


def supergroup(channel_id: int, title: str, username: str | None = None, **fields: Any) -> types.Channel:
    """Return a supergroup; `forum=True` makes it a forum. The world gives the access hash."""
    fields.setdefault("participants_count", 12)
    return types.Channel(
        channel_id,
        title,
        types.ChatPhotoEmpty(),
        _FOUNDED,
        megagroup=True,
        access_hash=0,
        username=username,
        **fields,
    )


def broadcast(channel_id: int, title: str, username: str | None = None, **fields: Any) -> types.Channel:
    """Return a broadcast channel."""
    fields.setdefault("participants_count", 1840)
    return types.Channel(
        channel_id,
        title,
        types.ChatPhotoEmpty(),
        _FOUNDED,
        broadcast=True,
        access_hash=0,
        username=username,
        **fields,
    )
