"""The JSONL format."""

from __future__ import annotations

import msgspec

from tobs.core.model import Message
from tobs.core.ports.writer import Part, Traits
from tobs.core.request import Projection
from tobs.writers.format import Sheet
from tobs.writers.heads import say_action
from tobs.writers.jsonl.line import Line
from tobs.writers.layout import Shape
from tobs.writers.scene import Scene
from tobs.writers.shapes import WholeFile, WholeShape
from tobs.writers.shown import EVERYTHING
from tobs.writers.told import describe_file, drop_blank, name_topic, say_moment, tell_versions

_encoder = msgspec.json.Encoder()


class Jsonl(WholeFile):
    """One message a line, in one file a chat: for programs, with everything that the archive has."""

    name = "jsonl"
    shown = EVERYTHING
    traits = Traits(joins_parts=True, has_links=False)
    between = b""

    def shape(self, projection: Projection) -> Shape:
        """Return how files are cut: they are not."""
        return WholeShape("messages.jsonl", projection.part_size)

    def open_sheet(self, scene: Scene, part: Part) -> Sheet:
        """Begin a part of a file."""
        return _Lines(scene, part.partition.chat.main_topic)


class _Lines:
    """The lines of one part."""

    def __init__(self, scene: Scene, main_topic: int) -> None:
        self._scene = scene
        self._main_topic = main_topic

    def begin(self) -> bytes:
        """Return nothing: a line needs no other one."""
        return b""

    def end(self) -> bytes:
        """Return nothing."""
        return b""

    def list_beside(self, _path: str) -> dict[str, bytes]:
        """Return nothing: the file stands alone."""
        return {}

    def message(self, shown: list[Message], _first: Message) -> bytes:
        """Return a line for each message."""
        return b"".join(_encoder.encode(self._make_line(each)) + b"\n" for each in shown)

    def _make_line(self, message: Message) -> Line:
        scene = self._scene
        line = Line(
            version=1,
            chat_id=scene.links.chat.id,
            id=message.id,
            date=say_moment(message.date),
            kind=message.kind,
            edited=say_moment(message.edit_date) if message.edit_date else "",
            reply_to_id=message.reply_to_id or 0,
            album_id=message.album_id or 0,
            text=message.text,
            content=drop_blank(message.content),
            counters=drop_blank(message.counters),
            gone=scene.calendar.day(int(message.gone_at)).isoformat() if message.gone_at else "",
        )
        if message.sender_id:
            line.sender_id, line.sender = message.sender_id, scene.people.plain(message.sender_id)
        if self._main_topic:
            line.topic_id = message.topic_id or self._main_topic
            line.topic = name_topic(scene, line.topic_id)
        line.action = say_action(scene, message)
        line.files = [describe_file(scene, *each) for each in message.content.list_files()]
        line.earlier = tell_versions(scene, message)
        return line
