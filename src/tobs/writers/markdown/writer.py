"""The Markdown format as the pipeline knows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tobs.core.model import Chat
from tobs.core.ports.reader import Reader
from tobs.core.ports.writer import Partition, Rendering
from tobs.core.request import Projection
from tobs.writers.layout import Layout
from tobs.writers.markdown import owner
from tobs.writers.markdown.about import render_about
from tobs.writers.markdown.index import render_index
from tobs.writers.markdown.notes import render_notes
from tobs.writers.markdown.scene import set_scene


class MarkdownWriter:
    """Notes for Obsidian. Holds nothing between two calls, so that each shows the archive as it is then."""

    name = "markdown"

    def __init__(self, reader: Reader, projection: Projection) -> None:
        self._reader = reader
        self._projection = projection

    def partitions(self, chat: Chat, days: Iterable[tuple[int | None, int]]) -> list[Partition]:
        """Return the months that (topic id, UTC day) pairs fall into."""
        return Layout(self._reader, self._projection).partitions(chat, days)

    def render(self, partition: Partition) -> Iterator[Rendering]:
        """Yield the notes of one month, one part in memory at a time."""
        return render_notes(set_scene(self._reader, self._projection, partition.chat), partition)

    def render_about(self, chat: Chat) -> Rendering:
        """Return the chat's own note."""
        return render_about(set_scene(self._reader, self._projection, chat))

    def render_index(self) -> Rendering:
        """Return the note that lists all chats."""
        return render_index(self._reader, self._projection)

    def fingerprint(self, body: bytes) -> str:
        """Return a hash of our properties by value and of the body."""
        return owner.fingerprint(body)

    def carry_over(self, new: bytes, old: bytes) -> bytes:
        """Return `new` with the owner's properties and tags of `old`."""
        return owner.carry_over(new, old)
