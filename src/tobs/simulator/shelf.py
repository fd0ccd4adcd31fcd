"""All files that the messages, profiles and chats of a world speak of, found when somebody first asks for one."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from telethon.tl import types

from tobs.simulator.contents import Blueprint, Content
from tobs.simulator.model import Chat, World
from tobs.simulator.protection import is_protected

_SIZED = types.PhotoSize | types.PhotoSizeProgressive | types.VideoSize
_LITTLE, _BIG = 160, 640  # pixels of the two sizes of a profile's photo
_LITTLE_BYTES, _BIG_BYTES = 5_200, 41_000


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One photo or document as the server keeps it; `parts` by the type of a size or thumbnail, a document's own is "".

    `is_open` says whether it stands in some message whose content may be saved.
    """

    id: int
    access_hash: int
    reference: bytes
    dc_id: int
    date: int
    is_photo: bool
    parts: dict[str, Blueprint] = field(default_factory=dict)
    is_open: bool = True


class Shelf:
    """Finds files by their ids and by the references in messages; looks again after a change of the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._files: dict[int, StoredFile] = {}
        self._by_reference: dict[bytes, StoredFile] = {}
        self._seen = (-1, -1)  # what of the world has been looked at

    def find(self, file_id: int) -> StoredFile | None:
        """Return the photo or document with that id."""
        self._refresh()
        return self._files.get(file_id)

    def of_reference(self, reference: bytes) -> StoredFile | None:
        """Return the file that came with this reference when the world was made."""
        self._refresh()
        return self._by_reference.get(reference)

    def open(self, stored: StoredFile, part: str) -> Content:
        """Return what a part of a file holds. Raises KeyError when it has no such part."""
        return self._world.contents.open(stored.id, part, stored.parts[part])

    def _refresh(self) -> None:
        state = len(self._world.chats), self._world.event_count
        if state == self._seen:
            return
        self._seen = state
        for chat in self._world.chats:
            self._take(chat.full, is_open=True)
            self._take_messages(chat)

    def _take_messages(self, chat: Chat) -> None:
        is_sealed = is_protected(chat)

        def take(message: Any) -> bool:
            self._take(message, is_open=not (is_sealed or getattr(message, "noforwards", None)))
            return False

        chat.log.matching(take)  # shows each message, and of a bulk log each template

    def _take(self, thing: Any, *, is_open: bool) -> None:
        for found in find_files(thing):
            stored = store_photo(found) if isinstance(found, types.Photo) else store_document(found)
            known = self._files.get(stored.id)
            stored = replace(stored, is_open=is_open or (known is not None and known.is_open))
            self._files[stored.id] = self._by_reference[stored.reference] = stored


def find_files(thing: Any) -> Iterator[Any]:
    """Yield the photos and documents inside a TL object, a list or a dict of them, however deep."""
    if isinstance(thing, types.Photo | types.Document):
        yield thing
    inner = thing if isinstance(thing, list) else list(_fields(thing).values())
    for value in inner:
        if isinstance(value, list | dict) or hasattr(value, "CONSTRUCTOR_ID"):
            yield from find_files(value)


def _fields(thing: Any) -> dict[str, Any]:
    fields: dict[str, Any] = thing if isinstance(thing, dict) else getattr(thing, "__dict__", {})
    return fields


def store_photo(photo: types.Photo) -> StoredFile:
    """Return a photo as the server keeps it; sizes that travel inside of messages have no bytes here."""
    sizes = [size for size in [*photo.sizes, *(photo.video_sizes or [])] if isinstance(size, _SIZED)]
    largest = max((_bytes_of(size) for size in sizes), default=0)
    parts = {size.type: _sketch(size, "image/jpeg", is_main=_bytes_of(size) == largest) for size in sizes}
    return _store(photo, parts, is_photo=True)


def store_document(document: types.Document) -> StoredFile:
    """Return a document as the server keeps it, with its thumbnails."""
    pixels = next((each for each in document.attributes if hasattr(each, "w")), None)
    mime = document.mime_type or ""
    whole = Blueprint(document.size, mime, pixels.w if pixels else 0, pixels.h if pixels else 0)
    thumbs = [
        size
        for size in [*(document.thumbs or []), *(document.video_thumbs or [])]
        if isinstance(size, _SIZED)
    ]
    parts = {size.type: _sketch(size, "image/jpeg", is_main=False) for size in thumbs}
    return _store(document, {**parts, "": whole}, is_photo=False)


def sketch_profile(*, is_big: bool) -> Blueprint:
    """Return a size of a profile's photo, of which TL tells nothing."""
    pixels, size = (_BIG, _BIG_BYTES) if is_big else (_LITTLE, _LITTLE_BYTES)
    return Blueprint(size, "image/jpeg", pixels, pixels, is_main=is_big)


def _store(thing: Any, parts: dict[str, Blueprint], *, is_photo: bool) -> StoredFile:
    date = int(thing.date.timestamp())
    return StoredFile(thing.id, thing.access_hash, thing.file_reference, thing.dc_id, date, is_photo, parts)


def _bytes_of(size: Any) -> int:
    return int(size.sizes[-1] if isinstance(size, types.PhotoSizeProgressive) else size.size)


def _sketch(size: Any, mime: str, *, is_main: bool) -> Blueprint:
    mime = "video/mp4" if isinstance(size, types.VideoSize) else mime
    return Blueprint(_bytes_of(size), mime, size.w, size.h, is_main=is_main)
