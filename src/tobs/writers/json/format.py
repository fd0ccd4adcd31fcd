"""The JSON format."""

from __future__ import annotations

from typing import Any

import msgspec

from tobs.core.ids import bare_id
from tobs.core.model import Chat, Message
from tobs.core.ports.writer import Part, Traits
from tobs.core.request import Projection
from tobs.writers.format import Sheet
from tobs.writers.json.entry import make_entry
from tobs.writers.json.ids import name_type
from tobs.writers.layout import Shape
from tobs.writers.scene import Scene
from tobs.writers.shapes import WholeFile, WholeShape
from tobs.writers.shown import EVERYTHING

_BETWEEN = b",\n"
_DEPTH = b"  "
"""How far a message is indented."""

_SEPARATORS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))
"""What JSON allows inside of a text, and many programs take for the end of a line."""

VERSION = 1
"""Grows when what tobs adds can no longer be read as before; new fields do not count."""

_encoder = msgspec.json.Encoder()


class Json(WholeFile):
    """One file a chat in the form of Telegram Desktop's result.json, with what Desktop leaves out added."""

    name = "json"
    shown = EVERYTHING
    traits = Traits(joins_parts=True, between=_BETWEEN, has_links=False)
    between = _BETWEEN

    def shape(self, projection: Projection) -> Shape:
        """Return how files are cut: they are not."""
        return WholeShape("result.json", projection.part_size)

    def open_sheet(self, scene: Scene, part: Part) -> Sheet:
        """Begin a part of a file."""
        return _Entries(scene, part.partition.chat)


class _Entries:
    """The messages of one part."""

    def __init__(self, scene: Scene, chat: Chat) -> None:
        self._scene = scene
        self._chat = chat
        scene.people.shown.add(chat.id)  # the file begins with its title

    def begin(self) -> bytes:
        """Return what Desktop's files begin with."""
        chat = self._chat
        first = {"name": chat.title, "type": name_type(chat), "id": bare_id(chat.id), "messages": []}
        return _print(first).removesuffix(b"]\n}") + b"\n"

    def end(self) -> bytes:
        """Return what tobs says about the chat: plain values only, since some programs count brackets."""
        last: dict[str, Any] = {
            "tobs_version": VERSION,
            "tobs_timezone": self._scene.calendar.zone,
            "tobs_chat_id": self._chat.id,
            "tobs_chat_kind": self._chat.kind,
        }
        if self._chat.username:
            last["tobs_username"] = self._chat.username
        return b"\n ],\n" + _print(last).removeprefix(b"{\n")

    def list_beside(self, _path: str) -> dict[str, bytes]:
        """Return nothing: the file stands alone."""
        return {}

    def message(self, shown: list[Message], _first: Message) -> bytes:
        """Return the messages as items of the list."""
        return _BETWEEN.join(self._print_entry(each) for each in shown)

    def _print_entry(self, message: Message) -> bytes:
        return _DEPTH + _print(make_entry(self._scene, message)).replace(b"\n", b"\n" + _DEPTH)


def _print(value: dict[str, Any]) -> bytes:
    """Return an object with one key a line. No text has a line break in it, only its escape."""
    body = msgspec.json.format(_encoder.encode(value), indent=1)
    for raw, escaped in _SEPARATORS:
        if raw in body:
            body = body.replace(raw, escaped)
    return body
