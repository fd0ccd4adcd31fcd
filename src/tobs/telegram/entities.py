"""Telegram's MessageEntity constructors as our Entity records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from telethon.tl import types as tl

from tobs.core.model import Entity

_ARGUMENTS = {
    tl.MessageEntityTextUrl: "url",
    tl.MessageEntityPre: "language",
    tl.MessageEntityMentionName: "user_id",
    tl.MessageEntityCustomEmoji: "document_id",
    tl.MessageEntityFormattedDate: "date",
}


def decode_entities(entities: Iterable[Any] | None) -> list[Entity]:
    """Return the entities in the order in which Telegram lists them."""
    if not entities:
        return []
    return [_decode_entity(each) for each in entities]


def _decode_entity(entity: Any) -> Entity:
    kind = type(entity)
    found = Entity(snake_name(kind, "MessageEntity"), entity.offset, entity.length)
    if argument := _ARGUMENTS.get(kind):
        found.value = str(getattr(entity, argument))
    elif kind is tl.MessageEntityBlockquote:
        found.collapsed = bool(entity.collapsed)
    return found


_names: dict[tuple[str, str], str] = {}


def snake_name(constructor: type, prefix: str) -> str:
    """Return a constructor's name in snake case without its prefix: MessageEntityTextUrl is text_url."""
    key = (constructor.__name__, prefix)
    if key not in _names:
        name = constructor.__name__.removeprefix(prefix)
        _names[key] = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return _names[key]
