"""Telegram's MessageEntity constructors as our Entity records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from telethon.tl import types as tl

from tobs.core.media import Entity
from tobs.telegram.rest import Rest

_ARGUMENTS = {
    tl.MessageEntityTextUrl: "url",
    tl.MessageEntityPre: "language",
    tl.MessageEntityMentionName: "user_id",
    tl.MessageEntityCustomEmoji: "document_id",
    tl.MessageEntityFormattedDate: "date",
    tl.MessageEntityDiffReplace: "old_text",
}
_REST = Rest("offset", "length", "collapsed", *_ARGUMENTS.values())


def decode_entities(entities: Iterable[Any] | None) -> list[Entity]:
    """Return the entities in the order in which Telegram lists them."""
    if not entities:
        return []
    return [_decode_entity(each) for each in entities]


def text_of(value: Any) -> tuple[str, list[Entity]]:
    """Return text and entities of a textWithEntities (or of a plain string, in older constructors)."""
    if isinstance(value, str) or value is None:
        return value or "", []
    return value.text, decode_entities(value.entities)


def _decode_entity(entity: Any) -> Entity:
    kind = type(entity)
    found = Entity(snake_name(kind, "MessageEntity"), entity.offset, entity.length)
    if len(entity.__dict__) > 2:  # most have nothing but offset and length
        if argument := _ARGUMENTS.get(kind):
            found.value = str(getattr(entity, argument))
        elif kind is tl.MessageEntityBlockquote:
            found.collapsed = bool(entity.collapsed)
        found.other = _REST.read(entity)
    return found


_names: dict[tuple[type, str], str] = {}


def snake_name(constructor: type, prefix: str) -> str:
    """Return a constructor's name in snake case without its prefix: MessageEntityTextUrl is text_url."""
    key = (constructor, prefix)
    if key not in _names:
        name = constructor.__name__.removeprefix(prefix)
        _names[key] = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return _names[key]
