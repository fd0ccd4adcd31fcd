"""How notes are cut and what they are called."""

from __future__ import annotations

from tobs.core.model import Chat
from tobs.core.names import safe_name
from tobs.core.ports.writer import Partition
from tobs.core.request import Projection
from tobs.writers.calendar import Unit
from tobs.writers.layout import Layout, own_name

INDEX_PATH = "Chats.md"


class NoteShape:
    """A note a month, in the folder of its year or topic; basenames are unique in the vault."""

    unit: Unit = "month"
    has_topics = True

    def __init__(self, projection: Projection) -> None:
        self.part_size = projection.part_size

    def find_path(self, layout: Layout, partition: Partition, part: int) -> str:
        """Return the path of one part's note."""
        chat = partition.chat
        month = partition.key.rpartition("/")[2]
        name = f"{_find_basename(layout, partition)} {month}"
        file = f"{name}.md" if part == 1 else f"{name} ({part}).md"
        return (
            f"{chat.folder}/{file}"
            if chat.parent
            else f"{chat.folder}/{_name_folder(layout, partition)}/{file}"
        )


def _find_basename(layout: Layout, partition: Partition) -> str:
    if partition.topic_id is None or partition.topic_id == partition.chat.id:
        return partition.chat.basename
    return layout.topic(partition.chat, partition.topic_id).basename


def _name_folder(layout: Layout, partition: Partition) -> str:
    """Return the folder of a month: its year, or that of its topic or list."""
    chat, topic_id = partition.chat, partition.topic_id
    if topic_id is None or topic_id == chat.id:
        return partition.key.rpartition("/")[2][:4]
    topic = layout.topic(chat, topic_id)
    if chat.kind == "saved":
        return f"lists/{safe_name(own_name(chat, topic), fallback=str(topic_id))}"
    return f"topics/{safe_name(f'{topic.id} {own_name(chat, topic)}', fallback=str(topic.id))}"


def about_path(chat: Chat) -> str:
    """Return the path of the chat's own note below the export folder."""
    return f"{chat.folder}/{chat.basename}.md"
