"""Where a message stands in the files of a folder, for whoever has only the archive before them."""

from __future__ import annotations

from typing import NamedTuple

from tobs.core.model import Chat
from tobs.core.ports.reader import Reader
from tobs.core.request import Projection
from tobs.writers.registry import FORMATS
from tobs.writers.scene import Scene, Stage

_FOR_PEOPLE = ("markdown", "html")


class Spot(NamedTuple):
    """A file below the export folder, and the name of a place in it: empty where files have none."""

    path: str
    anchor: str


class Places:
    """Finds messages in the files that people open first: notes, else pages, else what there is."""

    def __init__(self, reader: Reader, projection: Projection) -> None:
        self._reader = reader
        formats = [each for each in _FOR_PEOPLE if each in projection.formats] or projection.formats
        self.format = formats[0]
        shown = FORMATS[self.format]
        self._stage = Stage(reader, projection, shown.shape(projection), shown.escape)
        self._scenes: dict[tuple[int, int], Scene] = {}

    def find(self, chat: Chat, message_id: int) -> Spot | None:
        """Return where a message stands; None when it is hidden."""
        target = self._scene(chat).halves[chat.id].find(message_id)
        if target is None:
            return None
        mark = {"markdown": "^", "html": ""}.get(self.format)
        return Spot(target.path, "" if mark is None else f"{mark}{target.anchor}")

    def name_sender(self, chat: Chat, sender_id: int | None) -> str:
        """Return who wrote a message, as notes say it; where Telegram names nobody it is the chat itself."""
        return self._scene(chat).people.plain(chat.id if sender_id is None else sender_id)

    def _scene(self, chat: Chat) -> Scene:
        head = self._find_head(chat)
        if head.key not in self._scenes:
            self._scenes[head.key] = self._stage.set_scene(head)
        return self._scenes[head.key]

    def _find_head(self, chat: Chat) -> Chat:
        if not chat.migrated_to:
            return chat
        return next(each for each in self._reader.drawn_chats() if each.id == chat.migrated_to)
