"""The messages of one part in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.model import Chat, Message
from tobs.core.ports.writer import Part
from tobs.writers.layout import find_id
from tobs.writers.scene import Scene

_OPEN_ALBUMS = 64
"""Members of an album come close together; one that is forgotten meanwhile is looked up again."""


def gather_messages(scene: Scene, part: Part, *, has_albums: bool) -> Iterator[list[Message]]:
    """Yield the messages of all halves of a chat; the scene's links are those of the half yielded.

    With `has_albums` the members of an album come together where its first one is, else one by one.
    """
    for half, topic_id in scene.layout.list_sources(part.partition.chat, part.partition.topic_id):
        scene.links = scene.halves[half.id]
        low, high = (find_id(half, each) for each in part.ids)
        found = scene.reader.messages(
            half, topic_id=topic_id, start=part.partition.start, end=part.partition.end, ids=(low, high)
        )
        yield from _join_albums(scene, half, found) if has_albums else ([each] for each in found)


def _join_albums(scene: Scene, chat: Chat, messages: Iterator[Message]) -> Iterator[list[Message]]:
    known: dict[int, None] = {}
    for message in messages:
        if message.album_id is None:
            yield [message]
        elif message.album_id not in known:
            members = scene.reader.album(chat, message.album_id) or [message]
            known[message.album_id] = None
            if len(known) > _OPEN_ALBUMS:
                del known[next(iter(known))]
            if members[0].id == message.id:
                yield members
