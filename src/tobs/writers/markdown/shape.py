"""How notes are cut and what they are called."""

from __future__ import annotations

from tobs.core.model import Chat
from tobs.core.names import safe_name
from tobs.core.ports.writer import Partition
from tobs.core.request import LayoutName, Projection
from tobs.writers.calendar import Unit
from tobs.writers.layout import Layout, name_place, own_name

INDEX_PATH = "Chats.md"

_UNITS: dict[LayoutName, Unit] = {
    "month": "month", "day": "day", "year": "year", "post": "day", "single": "all",
}  # fmt: skip
_BY_YEAR = frozenset({"month", "day", "post"})


class NoteShape:
    """Notes of the layout that is chosen; basenames are unique in the vault.

    Parts are numbered, but for those of one post: they are called by its id, so that a message that comes in
    between moves no other note.
    """

    has_topics = True

    def __init__(self, projection: Projection) -> None:
        self._layout = projection.layout
        self.unit = _UNITS[self._layout]
        self.part_size = 1 if self._layout == "post" else projection.part_size

    def find_path(self, layout: Layout, partition: Partition, part: int) -> str:
        """Return the path of one part's note."""
        chat = partition.chat
        file = f"{_find_basename(layout, partition)} {self._name_part(layout, partition, part)}.md"
        inner = "" if chat.parent else self._name_folder(layout, partition)
        return f"{chat.folder}/{inner}{file}"

    def _name_part(self, layout: Layout, partition: Partition, part: int) -> str:
        period = name_period(partition)
        if self._layout == "post":
            return f"{period} {name_place(layout.part_starts(partition)[part - 1])}"
        return period if part == 1 else f"{period} ({part})"

    def _name_folder(self, layout: Layout, partition: Partition) -> str:
        """Return the folder of a note in its chat's, with a slash: its year, or that of its topic or list."""
        chat, topic_id = partition.chat, partition.topic_id
        if topic_id is None or topic_id == chat.id:
            return f"{name_period(partition)[:4]}/" if self._layout in _BY_YEAR else ""
        topic = layout.topic(chat, topic_id)
        if chat.kind == "saved":
            return f"lists/{safe_name(own_name(chat, topic), fallback=str(topic_id))}/"
        return f"topics/{safe_name(f'{topic.id} {own_name(chat, topic)}', fallback=str(topic.id))}/"


def name_period(partition: Partition) -> str:
    """Return a partition's period without its topic: `2026-03`."""
    return partition.key.rpartition("/")[2]


def _find_basename(layout: Layout, partition: Partition) -> str:
    if partition.topic_id is None or partition.topic_id == partition.chat.id:
        return partition.chat.basename
    return layout.topic(partition.chat, partition.topic_id).basename


def about_path(chat: Chat) -> str:
    """Return the path of the chat's own note below the export folder."""
    return f"{chat.folder}/{chat.basename}.md"
