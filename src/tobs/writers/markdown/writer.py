"""The Markdown format as the pipeline knows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from tobs.core.model import Chat
from tobs.core.ports.reader import Reader
from tobs.core.ports.writer import Part, Partition, Rendering
from tobs.core.request import Projection
from tobs.writers.layout import Layout
from tobs.writers.markdown import owner
from tobs.writers.markdown.about import render_about
from tobs.writers.markdown.index import render_index
from tobs.writers.markdown.notes import render_note
from tobs.writers.markdown.scene import Scene, set_scene

_drawings = count(1)
_scenes: dict[int, Scene] = {}
"""The scene of the last drawing in this process, while no part is being drawn in it."""


class MarkdownWriter:
    """Notes for Obsidian. Each drawing shows the archive as it is then; nothing is held beyond it."""

    name = "markdown"

    def __init__(self, reader: Reader, projection: Projection) -> None:
        self._reader = reader
        self._projection = projection

    def partitions(self, chat: Chat, days: Iterable[tuple[int | None, int]]) -> list[Partition]:
        """Return the months that (topic id, UTC day) pairs fall into."""
        return Layout(self._reader, self._projection).partitions(chat, days)

    def list_parts(self, partition: Partition) -> list[Part]:
        """Return the notes that one month takes, earliest first."""
        starts = tuple(Layout(self._reader, self._projection).part_starts(partition))
        drawing = next(_drawings)
        return [Part(partition, number, starts, drawing) for number in range(1, len(starts) + 1)]

    def render_part(self, part: Part) -> Rendering | None:
        """Return one note, or None when all its messages stand with albums that began a month earlier."""
        scene = _scenes.pop(part.drawing, None) or self._set_scene(part)
        rendering = render_note(scene, part)
        _scenes.clear()
        if part.number < len(part.starts):
            _scenes[part.drawing] = scene
        return _seal(rendering) if rendering else None

    def render_about(self, chat: Chat) -> Rendering:
        """Return the chat's own note."""
        return _seal(render_about(set_scene(self._reader, self._projection, chat)))

    def render_index(self) -> Rendering:
        """Return the note that lists all chats."""
        return _seal(render_index(self._reader, self._projection))

    def _set_scene(self, part: Part) -> Scene:
        scene = set_scene(self._reader, self._projection, part.partition.chat)
        scene.layout.know_parts(part.partition, list(part.starts))
        return scene

    def fingerprint(self, body: bytes) -> str:
        """Return a hash of our properties by value and of the body."""
        return owner.fingerprint(body)

    def carry_over(self, new: bytes, old: bytes) -> bytes:
        """Return `new` with the owner's properties and tags of `old`."""
        return owner.carry_over(new, old)


def _seal(rendering: Rendering) -> Rendering:
    return replace(rendering, fingerprint=owner.fingerprint(rendering.body))
