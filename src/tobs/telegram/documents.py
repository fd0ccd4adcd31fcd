"""Telegram's photos and documents as media: attributes tell whether it is a video, music, sticker or file."""

from __future__ import annotations

from typing import Any

from telethon.tl import types as tl

from tobs.core.media import File, Media, Values
from tobs.telegram.entities import snake_name
from tobs.telegram.rest import Rest

_PHOTO = Rest("id", "date")
_DOCUMENT = Rest("id", "date", "mime_type", "size", "attributes")
_EMPTY = Rest()
_WEB = Rest("url", "size", "mime_type", "attributes")
_ATTRIBUTES = {
    tl.DocumentAttributeFilename: Rest("file_name"),
    tl.DocumentAttributeImageSize: Rest("w", "h"),
    tl.DocumentAttributeVideo: Rest("duration", "w", "h", "round_message"),
    tl.DocumentAttributeAudio: Rest("duration", "voice", "title", "performer"),
    tl.DocumentAttributeAnimated: Rest(),
    tl.DocumentAttributeSticker: Rest("alt", "stickerset"),
    tl.DocumentAttributeCustomEmoji: Rest("alt", "stickerset"),
}
"""What of each attribute no field of Media or File says."""


def describe_photo(photo: Any) -> Media:
    """Return a photo as media."""
    size_bytes, width, height, _ = _largest_size(photo.sizes)
    file = File(photo.id, "photo", size_bytes, "image/jpeg", date=photo.date, other=_PHOTO.read(photo))
    return Media("photo", file=file, width=width, height=height)


def choose_size(sizes: list[Any]) -> tuple[int, str]:
    """Return bytes and name of the size that is downloaded of a photo."""
    size_bytes, _, _, name = _largest_size(sizes)
    return size_bytes, name


def _largest_size(sizes: list[Any]) -> tuple[int, int, int, str]:
    """Return bytes, width, height and name of the biggest size that Telegram keeps of a photo."""
    best = (0, 0, 0, "")
    for each in sizes:
        if isinstance(each, tl.PhotoSizeProgressive):
            best = max(best, (max(each.sizes, default=0), each.w, each.h, each.type))
        elif isinstance(each, tl.PhotoSize):
            best = max(best, (each.size, each.w, each.h, each.type))
    return best


def find_photo(photo: Any) -> Media | None:
    """Return a photo, None where there is none, and what is left of one that Telegram keeps no longer."""
    if photo is None:
        return None
    if not isinstance(photo, tl.Photo):
        return Media("expired", title="photo", other=_EMPTY.read(photo))
    return describe_photo(photo)


def find_document(document: Any) -> Media | None:
    """Return a document, as `find_photo` returns a photo."""
    if document is None:
        return None
    if not isinstance(document, tl.Document):
        return Media("expired", title="file", other=_EMPTY.read(document))
    return describe_document(document)


def describe_document(document: Any) -> Media:
    """Return a document as media."""
    file = File(document.id, "document", document.size, document.mime_type, date=document.date)
    file.other = _DOCUMENT.read(document)
    found = Media("document", file=file)
    _apply_attributes(found, document.attributes, file.other)
    return found


def describe_web(document: Any) -> Media | None:
    """Return a picture or file that stands on a web server, not on Telegram's."""
    if document is None:
        return None
    found = Media("document", url=document.url, other=_WEB.read(document))
    found.file = File(0, "web", document.size, document.mime_type)
    _apply_attributes(found, document.attributes, found.other)
    return found


def _apply_attributes(found: Media, attributes: list[Any], other: Values) -> None:
    left = []
    for each in attributes:
        _apply_attribute(found, each)
        rest = _ATTRIBUTES.get(type(each))
        values = (rest or _EMPTY).read(each)
        is_said = rest is not None and (
            found.kind != "sticker" or type(each) is not tl.DocumentAttributeAnimated
        )
        if values or not is_said:
            left.append({"_": type(each).__name__, **values})
    if left:
        other["attributes"] = left


def _apply_attribute(found: Media, attribute: Any) -> None:
    if isinstance(attribute, tl.DocumentAttributeFilename) and found.file:
        found.file.name = attribute.file_name
    elif isinstance(attribute, tl.DocumentAttributeImageSize):
        found.width, found.height = attribute.w, attribute.h
    elif isinstance(attribute, tl.DocumentAttributeVideo):
        found.width, found.height, found.duration_s = attribute.w, attribute.h, attribute.duration or 0
        if found.kind == "document":
            found.kind = "round" if attribute.round_message else "video"
    elif isinstance(attribute, tl.DocumentAttributeAudio):
        found.kind = "voice" if attribute.voice else "audio"
        found.duration_s = attribute.duration or 0
        found.title, found.performer = attribute.title or "", attribute.performer or ""
    elif isinstance(attribute, tl.DocumentAttributeAnimated):
        found.kind = "animation" if found.kind != "sticker" else "sticker"
    elif isinstance(attribute, (tl.DocumentAttributeSticker, tl.DocumentAttributeCustomEmoji)):
        found.kind, found.emoji = "sticker", attribute.alt
        found.sticker_set = _name_set(attribute.stickerset)
        found.is_custom_emoji = isinstance(attribute, tl.DocumentAttributeCustomEmoji)


def _name_set(sticker_set: Any) -> str:
    if isinstance(sticker_set, tl.InputStickerSetID):
        return str(sticker_set.id)
    if isinstance(sticker_set, tl.InputStickerSetShortName):
        return str(sticker_set.short_name)
    if isinstance(sticker_set, tl.InputStickerSetEmpty):
        return ""
    name = snake_name(type(sticker_set), "InputStickerSet")
    return " ".join(filter(None, [name, getattr(sticker_set, "emoticon", "")]))
