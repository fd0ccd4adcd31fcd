"""A small notation in which the corpora are written: tags and bare links become text with Telegram's entities."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from telethon.tl import types

_TAG = re.compile(r"<(/?)(b|i|u|s|sp|q|qq|code|pre|a|id|emoji)(?: ([^<>]*))?>")

_PLAIN: dict[str, Callable[..., Any]] = {
    "b": types.MessageEntityBold,
    "i": types.MessageEntityItalic,
    "u": types.MessageEntityUnderline,
    "s": types.MessageEntityStrike,
    "sp": types.MessageEntitySpoiler,
    "q": types.MessageEntityBlockquote,
    "code": types.MessageEntityCode,
}

# What the service finds by itself in a text that was typed.
_FOUND: tuple[tuple[re.Pattern[str], Callable[..., Any]], ...] = (
    (re.compile(r"https?://[^\s<>]*[^\s<>.,;:!?)\"']"), types.MessageEntityUrl),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), types.MessageEntityEmail),
    (re.compile(r"(?<![\w@/.])@[A-Za-z]\w{3,31}\b"), types.MessageEntityMention),
    (re.compile(r"(?<![\w#&/])#(?=\w*[^\W\d])\w+"), types.MessageEntityHashtag),
    (re.compile(r"(?<!\w)\$[A-Z]{3,8}\b"), types.MessageEntityCashtag),
    (re.compile(r"(?<![\w/:.])/[a-z]\w{1,31}(?:@\w+)?\b(?!/)"), types.MessageEntityBotCommand),
)


def utf16(text: str) -> int:
    """Return the length in UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def parse(source: str) -> tuple[str, list[Any] | None]:
    """Return the text without its tags, and its entities in order of their offset (None: it has none).

    `<b> <i> <u> <s> <sp> <q> <qq> <code> <pre lang> <a url> <id user> <emoji document>`; anything else is literal.
    """
    text, entities = _strip_tags(source)
    taken = [_span(entity) for entity in entities if _hides_links(entity)]
    for entity in _find(text):
        first, last = _span(entity)
        if all(last <= start or end <= first for start, end in taken):
            entities.append(entity)
            taken.append((first, last))
    entities.sort(key=lambda entity: (entity.offset, -entity.length))
    return text, entities or None


def _strip_tags(source: str) -> tuple[str, list[Any]]:
    text, end = "", 0
    opened: list[tuple[str, str, int]] = []
    entities: list[Any] = []
    for tag in _TAG.finditer(source):
        text += source[end : tag.start()]
        end = tag.end()
        if tag[1]:
            name, argument, offset = opened.pop()
            entities.append(_entity(name, argument, offset, utf16(text) - offset))
        else:
            opened.append((tag[2], tag[3] or "", utf16(text)))
    return text + source[end:], entities


def _entity(name: str, argument: str, offset: int, length: int) -> Any:
    match name:
        case "qq":
            return types.MessageEntityBlockquote(offset, length, collapsed=True)
        case "pre":
            return types.MessageEntityPre(offset, length, argument)
        case "a":
            return types.MessageEntityTextUrl(offset, length, argument)
        case "id":
            return types.MessageEntityMentionName(offset, length, int(argument))
        case "emoji":
            return types.MessageEntityCustomEmoji(offset, length, int(argument))
        case _:
            return _PLAIN[name](offset, length)


def _find(text: str) -> Iterator[Any]:
    for pattern, entity in _FOUND:
        for hit in pattern.finditer(text):
            yield entity(utf16(text[: hit.start()]), utf16(hit[0]))


def _hides_links(entity: Any) -> bool:
    """Say whether nothing is looked for inside this entity."""
    return isinstance(
        entity,
        types.MessageEntityCode
        | types.MessageEntityPre
        | types.MessageEntityTextUrl
        | types.MessageEntityMentionName,
    )


def _span(entity: Any) -> tuple[int, int]:
    return entity.offset, entity.offset + entity.length
