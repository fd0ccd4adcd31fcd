"""Rich messages and instant views: Telegram's trees of RichText and PageBlock as text with entities and as blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from telethon.tl import types as tl

from tobs.core.media import Block, Button, Entity, File, Media, Page, Place
from tobs.telegram.documents import find_document, find_photo
from tobs.telegram.entities import snake_name
from tobs.telegram.peers import mark_entity
from tobs.telegram.rest import Rest, plain_value

PICTURE = "\ufffc"
"""Stands in a text for a picture that has no words."""

_KINDS = {
    tl.TextFixed: "code",
    tl.TextUrl: "text_url",
    tl.TextEmail: "text_url",
    tl.TextPhone: "text_url",
    tl.TextAutoUrl: "url",
    tl.TextAutoEmail: "email",
    tl.TextAutoPhone: "phone",
    tl.TextDate: "formatted_date",
    tl.TextDiff: "diff_replace",
}
"""Texts that are another kind of entity than their own names say."""

_ARGUMENTS = {
    tl.TextUrl: ("url", ""),
    tl.TextEmail: ("email", "mailto:"),
    tl.TextPhone: ("phone", "tel:"),
    tl.TextAnchor: ("name", ""),
    tl.TextImage: ("document_id", ""),
    tl.TextCustomEmoji: ("document_id", ""),
    tl.TextMentionName: ("user_id", ""),
    tl.TextDate: ("date", ""),
}
"""The field that becomes an entity's value, and what goes before it."""

_TEXT = Rest("text", "source", "alt", "old_text", *(name for name, _ in _ARGUMENTS.values()))


def read_rich(text: Any) -> tuple[str, list[Entity]]:
    """Return a RichText as text with entities; those outside stand before those inside."""
    writer = _TextWriter()
    writer.write(text)
    return "".join(writer.pieces), writer.entities


class _TextWriter:
    """Walks a RichText, and counts UTF-16 code units."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.entities: list[Entity] = []
        self._units = 0

    def write(self, text: Any) -> None:
        if isinstance(text, str):
            self._put(text)
        elif isinstance(text, tl.TextPlain):
            self._put(text.text)
        elif isinstance(text, tl.TextConcat):
            for each in text.texts:
                self.write(each)
        elif text is not None and not isinstance(text, tl.TextEmpty):
            self._write_span(text)

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self._units += len(text.encode("utf-16-le", "surrogatepass")) // 2

    def _write_span(self, text: Any) -> None:
        kind = type(text)
        entity = Entity(_KINDS.get(kind) or snake_name(kind, "Text"), self._units, 0, other=_TEXT.read(text))
        if kind is tl.TextDiff:
            entity.value, styles = read_rich(text.old_text)
            if styles:
                entity.other["old_text"] = plain_value(text.old_text)
        elif kind in _ARGUMENTS:
            name, lead = _ARGUMENTS[kind]
            entity.value = f"{lead}{getattr(text, name)}"
        elif url := getattr(getattr(text, "type", None), "url", ""):
            entity.value = url
        self.entities.append(entity)
        if hasattr(text, "text"):
            self.write(text.text)
        else:
            self._put(getattr(text, "source", "") or getattr(text, "alt", "") or PICTURE)
        entity.length = self._units - entity.offset


class _Library:
    """The photos and documents that a page's blocks name by their ids."""

    def __init__(self, photos: Iterable[Any], documents: Iterable[Any]) -> None:
        self._photos = {each.id: found for each in photos if (found := find_photo(each))}
        self._documents = {each.id: found for each in documents if (found := find_document(each))}
        self._shown: set[int] = set()

    def photo(self, number: int) -> Media:
        self._shown.add(number)
        return self._photos.get(number) or Media("photo", File(number, "photo"))

    def document(self, number: int) -> Media:
        self._shown.add(number)
        return self._documents.get(number) or Media("document", File(number, "document"))

    def list_rest(self) -> list[Media]:
        """Return what no block has asked for."""
        found = {**self._photos, **self._documents}
        return [media for number, media in found.items() if number not in self._shown]


_PAGE = Rest("blocks", "photos", "documents", "rtl", "part", "url")


def decode_blocks(page: Any) -> Page:
    """Return a RichMessage, or the Page of an instant view."""
    library = _Library(page.photos, page.documents)
    blocks = [_read_block(each, library) for each in page.blocks]
    return Page(
        blocks,
        is_part=bool(page.part),
        is_rtl=bool(page.rtl),
        url=getattr(page, "url", ""),
        media=library.list_rest(),
        other=_PAGE.read(page),
    )


_PARTS = {
    tl.PageListItemText: "item",
    tl.PageListItemBlocks: "item",
    tl.PageListOrderedItemText: "item",
    tl.PageListOrderedItemBlocks: "item",
    tl.PageTableRow: "row",
    tl.PageTableCell: "cell",
    tl.PageRelatedArticle: "article",
    tl.PageCaption: "caption",
}


def _read_block(thing: Any, library: _Library) -> Block:
    """Return a block or a part of one: what each field of it means follows from the field's name."""
    block = Block(_PARTS.get(type(thing)) or snake_name(type(thing), "PageBlock"))
    for name, put in _PUTTERS.items():
        value = getattr(thing, name, None)
        if value:
            put(block, value, library)
    block.other = _BLOCK.read(thing)
    return block


def _put_text(block: Block, value: Any, _library: _Library) -> None:
    block.text, block.entities = read_rich(value)


def _read_caption(kind: str, value: Any, library: _Library) -> Block | None:
    """Return a caption, title or credit, however Telegram gives it; None for one without words."""
    found = (
        _read_block(value, library) if isinstance(value, tl.PageCaption) else Block(kind, *read_rich(value))
    )
    return found if found.text or found.entities or found.credit else None


def _put_title(block: Block, value: Any, library: _Library) -> None:
    block.title = _read_caption("title", value, library)


def _put_caption(block: Block, value: Any, library: _Library) -> None:
    block.caption = _read_caption("caption", value, library)


def _put_credit(block: Block, value: Any, library: _Library) -> None:
    block.credit = _read_caption("credit", value, library)


def _put_blocks(block: Block, value: Any, library: _Library) -> None:
    block.blocks = [_read_block(each, library) for each in (value if isinstance(value, list) else [value])]


def _put_photo(block: Block, value: int, library: _Library) -> None:
    block.media = library.photo(value)


def _put_document(block: Block, value: int, library: _Library) -> None:
    block.media = library.document(value)


def _put_point(block: Block, value: Any, _library: _Library) -> None:
    block.media = Media("geo", place=decode_point(value))


def _put_value(block: Block, value: str, _library: _Library) -> None:
    block.value = value


def _put_chat(block: Block, value: Any, _library: _Library) -> None:
    block.peer_id, block.text = mark_entity(value), getattr(value, "title", "")


def _put_buttons(block: Block, value: Any, _library: _Library) -> None:
    block.buttons = [decode_button(each) for each in value]


def _put_author(block: Block, value: Any, library: _Library) -> None:
    # The author line of a page is a text of its own; of posts and articles the author is a mere name.
    (_put_credit if isinstance(value, str) else _put_text)(block, value, library)


def _make_putter(field: str) -> Callable[[Block, Any, _Library], None]:
    def put(block: Block, value: Any, _library: _Library) -> None:
        setattr(block, field, value)

    return put


_PUTTERS: dict[str, Callable[[Block, Any, _Library], None]] = {
    **dict.fromkeys(("text", "source"), _put_text),
    **dict.fromkeys(("blocks", "items", "rows", "cells", "articles", "cover"), _put_blocks),
    **dict.fromkeys(("caption", "description"), _put_caption),
    **dict.fromkeys(("photo_id", "poster_photo_id", "author_photo_id"), _put_photo),
    **dict.fromkeys(("video_id", "audio_id", "document_id"), _put_document),
    **dict.fromkeys(("language", "name", "url", "num"), _put_value),
    **dict.fromkeys(("published_date", "date"), _make_putter("date")),
    "title": _put_title,
    "credit": _put_credit,
    "author": _put_author,
    "geo": _put_point,
    "channel": _put_chat,
    "buttons": _put_buttons,
    "checkbox": _make_putter("has_box"),
    "checked": _make_putter("is_done"),
    "header": _make_putter("is_header"),
    "collapsed": _make_putter("is_folded"),
    "colspan": _make_putter("columns"),
    "rowspan": _make_putter("rows"),
}
_BLOCK = Rest(*(name for name in _PUTTERS if name != "channel"))


_BUTTON = Rest("text", "type", "url")
_TYPE = Rest("url")


def decode_button(button: Any) -> Button:
    """Return a button of any sort."""
    text, entities = read_rich(button.text)
    sort = type(button.type)
    prefix = "InlineButtonType" if sort.__name__.startswith("InlineButton") else "ButtonType"
    other = {**_TYPE.read(button.type), **_BUTTON.read(button)}
    return Button(text, getattr(button.type, "url", None) or "", snake_name(sort, prefix), entities, other)


def decode_point(geo: Any) -> Place | None:
    """Return a point on the earth; None for an empty one."""
    if not isinstance(geo, tl.GeoPoint):
        return None
    return Place(geo.lat, geo.long, accuracy_m=geo.accuracy_radius or 0)
