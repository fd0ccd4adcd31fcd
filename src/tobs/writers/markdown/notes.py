"""A partition as notes: messages in order, a heading for each day, a new note for each part."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tobs.core.model import Chat, Message
from tobs.core.ports.writer import Partition, Rendering
from tobs.writers.layout import find_part
from tobs.writers.markdown.frontmatter import clean_title, write_properties
from tobs.writers.markdown.links import link_own_note
from tobs.writers.markdown.message import render_message
from tobs.writers.markdown.scene import Scene

_OPEN_ALBUMS = 64
"""Members of an album come close together; one that is forgotten meanwhile is looked up again."""

_ALL_HIDDEN = "*All messages of this note were deleted.*"
"""Stands in a note that shows nothing, so that links to it do not dangle."""


def render_notes(scene: Scene, partition: Partition) -> Iterator[Rendering]:
    """Yield the partition's notes, one part in memory at a time."""
    starts = scene.layout.part_starts(partition)
    note = _Note(scene, partition, 1)
    for members in _gather_albums(scene, partition):
        part = find_part(starts, members[0].id)
        if part != note.part:
            yield from note.finish()
            note = _Note(scene, partition, part)
        note.add(members)
    yield from note.finish()


class _Note:
    """One part while it grows."""

    def __init__(self, scene: Scene, partition: Partition, part: int) -> None:
        self.part = part
        self._scene = scene
        self._partition = partition
        self._path = scene.layout.note_path(partition, part)
        # Bytes, since one emoji makes a text of four bytes a character.
        self._blocks: list[bytes] = []
        self._messages = 0
        self._is_begun = False
        self._day = ""
        scene.folder = posixpath.dirname(self._path)
        scene.people.start_note()

    def add(self, members: list[Message]) -> None:
        """Add a message, or the members of an album; a note of hidden messages only is still a note."""
        self._is_begun = True
        shown = [each for each in members if not self._scene.links.hides(each)]
        if not shown:
            return
        moment = self._scene.calendar.moment(members[0].date)
        if moment[:10] != self._day:
            self._day = moment[:10]
            self._blocks.append(f"## {self._day}".encode())
        self._blocks.append(render_message(self._scene, shown, moment, members[0].id).encode())
        self._messages += len(shown)
        for each in members:
            self._scene.links.pass_by(each)

    def finish(self) -> Iterator[Rendering]:
        """Yield the note if there is anything in it."""
        if not self._is_begun:
            return
        head = f"{write_properties(self._list_properties())}\n".encode()
        body = b"".join((head, b"\n\n".join(self._blocks) or _ALL_HIDDEN.encode(), b"\n"))
        self._blocks.clear()
        yield Rendering(self._path, self._partition.key, body, frozenset(self._scene.people.shown))

    def _list_properties(self) -> dict[str, object]:
        chat, topic_id = self._partition.chat, self._partition.topic_id
        properties: dict[str, object] = {"chat": link_own_note(chat, chat.basename)}
        if topic_id is not None and topic_id != chat.id:
            properties |= self._name_topic(chat, topic_id)
        properties["month"] = self._partition.key.rpartition("/")[2]
        if self.part > 1:
            properties["part"] = self.part
        return properties | {"messages": self._messages, "timezone": self._scene.calendar.zone}

    def _name_topic(self, chat: Chat, topic_id: int) -> dict[str, object]:
        if chat.kind == "saved":
            name = self._scene.people.plain(topic_id)
            return {"list": clean_title(name, name), "list_id": topic_id}
        title = self._scene.layout.topic(chat, topic_id).title
        return {"topic": clean_title(title, f"Topic {topic_id}"), "topic_id": topic_id}


def _gather_albums(scene: Scene, partition: Partition) -> Iterator[list[Message]]:
    """Yield the partition's messages, those of an album together where its first one is."""
    chat = partition.chat
    known: dict[int, None] = {}
    for message in scene.reader.messages(
        chat, topic_id=partition.topic_id, start=partition.start, end=partition.end
    ):
        if message.album_id is None:
            yield [message]
        elif message.album_id not in known:
            members = scene.reader.album(chat, message.album_id) or [message]
            known[message.album_id] = None
            if len(known) > _OPEN_ALBUMS:
                del known[next(iter(known))]
            if members[0].id == message.id:
                yield members
