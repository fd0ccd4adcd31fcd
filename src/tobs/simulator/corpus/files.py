"""Media of the corpora: every number of a file follows from its key, so that the same key is the same file."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

_UPLOADED = datetime(2026, 1, 2, 8, 0, tzinfo=UTC)
_DC = 2
# The 27 bytes that a stripped JPEG of some pixels takes; clients put their own header before it.
_STRIPPED = bytes.fromhex("0114280a5bd5ff0028a28a00fffe0014280a5bd5ff0028a28a00ff")


def file_id(key: str) -> int:
    """Return the id of the file with that key: 62 positive bits, as the service's look."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little") >> 2


def file_reference(key: str) -> bytes:
    """Return the file reference that the service would give at first."""
    return b"\x01" + hashlib.blake2b(key.encode(), digest_size=20).digest()


def photo(key: str, width: int = 1280, height: int = 960, **fields: Any) -> types.Photo:
    """Return a photo with the sizes of a real one; the largest has exactly these pixels."""
    size = width * height // 9
    number = file_id("photo/" + key)
    return types.Photo(
        id=number,
        access_hash=number ^ 0x5EED,
        file_reference=file_reference(key),
        date=_UPLOADED,
        sizes=[
            types.PhotoStrippedSize("i", _STRIPPED),
            types.PhotoSize("m", 320, max(1, 320 * height // width), size // 14),
            types.PhotoSizeProgressive("y", width, height, [size // 8, size // 4, size // 2, size]),
        ],
        dc_id=_DC,
        **fields,
    )


def photo_media(key: str, width: int = 1280, height: int = 960, **fields: Any) -> types.MessageMediaPhoto:
    """Return the media of a photo message; `fields` belong to the media."""
    return types.MessageMediaPhoto(photo=photo(key, width, height), **fields)


def document(
    key: str, mime: str, size: int, attributes: list[Any], thumbs: list[Any] | None = None
) -> types.Document:
    """Return a document."""
    number = file_id("document/" + key)
    return types.Document(
        id=number,
        access_hash=number ^ 0x5EED,
        file_reference=file_reference(key),
        date=_UPLOADED,
        mime_type=mime,
        size=size,
        dc_id=_DC,
        attributes=attributes,
        thumbs=thumbs,
    )


def named(name: str | None, mime: str, size: int, key: str | None = None) -> types.MessageMediaDocument:
    """Return a plain file with the name that its sender gave it, or none."""
    attributes = [] if name is None else [types.DocumentAttributeFilename(name)]
    return types.MessageMediaDocument(document=document(key or f"file/{name}", mime, size, attributes))


def video(
    key: str, seconds: float = 12.5, size: int = 3_400_000, **fields: Any
) -> types.MessageMediaDocument:
    """Return a video."""
    attributes = [
        types.DocumentAttributeVideo(seconds, 1280, 720, supports_streaming=True),
        types.DocumentAttributeFilename(f"{key}.mp4"),
    ]
    thumbs = [types.PhotoStrippedSize("i", _STRIPPED), types.PhotoSize("m", 320, 180, 9_214)]
    return types.MessageMediaDocument(
        video=True, document=document(key, "video/mp4", size, attributes, thumbs), **fields
    )


def round_video(key: str, seconds: float = 9.0) -> types.MessageMediaDocument:
    """Return a round video message."""
    attributes = [types.DocumentAttributeVideo(seconds, 384, 384, round_message=True)]
    return types.MessageMediaDocument(
        video=True, round=True, document=document(key, "video/mp4", 812_345, attributes)
    )


def voice(key: str, seconds: int = 14) -> types.MessageMediaDocument:
    """Return a voice message."""
    waveform = hashlib.shake_128(key.encode()).digest(63)
    attributes = [types.DocumentAttributeAudio(seconds, voice=True, waveform=waveform)]
    return types.MessageMediaDocument(
        voice=True, document=document(key, "audio/ogg", seconds * 3_900, attributes)
    )


def audio(
    key: str, title: str | None, performer: str | None, seconds: int = 201
) -> types.MessageMediaDocument:
    """Return a piece of music."""
    attributes = [
        types.DocumentAttributeAudio(seconds, title=title, performer=performer),
        types.DocumentAttributeFilename(f"{key}.mp3"),
    ]
    return types.MessageMediaDocument(document=document(key, "audio/mpeg", seconds * 24_000, attributes))


_STICKER_FILES = {
    "static": ("image/webp", "sticker.webp", 22_340),
    "animated": ("application/x-tgsticker", "AnimatedSticker.tgs", 14_002),
    "video": ("video/webm", "sticker.webm", 91_277),
}


def sticker(key: str, alt: str, form: str = "static") -> types.MessageMediaDocument:
    """Return a sticker, `static`, `animated` or `video`."""
    mime, name, size = _STICKER_FILES[form]
    attributes: list[Any] = [
        types.DocumentAttributeSticker(alt, types.InputStickerSetID(773947703670341636, 889012345)),
        types.DocumentAttributeFilename(name),
        types.DocumentAttributeImageSize(512, 512),
    ]
    if form == "video":
        attributes[2] = types.DocumentAttributeVideo(2.9, 512, 512, nosound=True)
    return types.MessageMediaDocument(document=document(f"{form}/{key}", mime, size, attributes))


def animation(key: str) -> types.MessageMediaDocument:
    """Return what Telegram calls a GIF: a video without sound."""
    attributes = [
        types.DocumentAttributeVideo(3.2, 480, 270, nosound=True),
        types.DocumentAttributeFilename(f"{key}.gif.mp4"),
        types.DocumentAttributeAnimated(),
    ]
    return types.MessageMediaDocument(document=document(key, "video/mp4", 240_011, attributes))


def custom_emoji(key: str, alt: str) -> types.Document:
    """Return the document of a custom emoji."""
    attributes = [
        types.DocumentAttributeImageSize(100, 100),
        types.DocumentAttributeCustomEmoji(alt, types.InputStickerSetID(5_208_880_351, 77), free=True),
        types.DocumentAttributeFilename("AnimatedSticker.tgs"),
    ]
    return document(key, "application/x-tgsticker", 8_021, attributes)


def web_page(url: str, title: str, description: str, site: str, **fields: Any) -> types.MessageMediaWebPage:
    """Return the preview of a link."""
    shown = url.split("://", 1)[1]
    page = types.WebPage(
        file_id(url),
        url,
        shown,
        0,
        type="article",
        site_name=site,
        title=title,
        description=description,
        **fields,
    )
    return types.MessageMediaWebPage(page)


def place(lat: float, long: float) -> types.GeoPoint:
    """Return a point on the map."""
    return types.GeoPoint(long, lat, access_hash=0)


def venue(lat: float, long: float, title: str, address: str) -> types.MessageMediaVenue:
    """Return a place with a name."""
    return types.MessageMediaVenue(place(lat, long), title, address, "foursquare", "4b0588f2f964a520", "")
