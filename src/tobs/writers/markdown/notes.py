"""A partition as notes: messages in order, a heading for each day, a new note for each part."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tobs.core.model import Chat, Message
from tobs.core.ports.writer import Part, Partition, Rendering
from tobs.writers.layout import find_id
from tobs.writers.markdown.frontmatter import clean_title, write_properties
from tobs.writers.markdown.links import link_own_note, make_anchor
from tobs.writers.markdown.message import render_message
from tobs.writers.markdown.scene import Scene

_OPEN_ALBUMS = 64
"""Members of an album come close together; one that is forgotten meanwhile is looked up again."""

_ALL_HIDDEN = "*All messages of this note were deleted.*"
"""Stands in a note that shows nothing, so that links to it do not dangle."""


def render_note(scene: Scene, part: Part) -> Rendering | None:
    """Return one part's note, or None when nothing stands in it."""
    note = _Note(scene, part.partition, part.number)
    for members in _gather_halves(scene, part):
        note.add(members)
    return note.finish()


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
        links = self._scene.links
        shown = links.list_shown(members)
        if not shown:
            return
        moment = self._scene.calendar.moment(members[0].date)
        if moment[:10] != self._day:
            self._day = moment[:10]
            self._blocks.append(f"## {self._day}".encode())
        anchor = make_anchor(self._scene.links.chat, members[0].id)
        self._blocks.append(render_message(self._scene, shown, moment, anchor).encode())
        self._messages += len(shown)
        links.pass_by(members)

    def finish(self) -> Rendering | None:
        """Return the note if there is anything in it."""
        if not self._is_begun:
            return None
        head = f"{write_properties(self._list_properties())}\n".encode()
        body = b"".join((head, b"\n\n".join(self._blocks) or _ALL_HIDDEN.encode(), b"\n"))
        self._blocks.clear()
        return Rendering(self._path, self._partition.key, body, frozenset(self._scene.people.shown))

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


def _gather_halves(scene: Scene, part: Part) -> Iterator[list[Message]]:
    """Yield the messages of all halves, albums together; the scene's links are those of the half yielded."""
    for half, topic_id in scene.layout.list_sources(part.partition.chat, part.partition.topic_id):
        scene.links = scene.halves[half.id]
        yield from _gather_albums(scene, half, topic_id, part)


def _gather_albums(scene: Scene, chat: Chat, topic_id: int | None, part: Part) -> Iterator[list[Message]]:
    """Yield the messages of one half, those of an album together where its first one is."""
    low, high = (find_id(chat, each) for each in part.ids)
    known: dict[int, None] = {}
    for message in scene.reader.messages(
        chat, topic_id=topic_id, start=part.partition.start, end=part.partition.end, ids=(low, high)
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
