"""How formats are cut that have one file a chat."""

from __future__ import annotations

from tobs.core.ports.writer import Partition
from tobs.writers.calendar import Unit
from tobs.writers.layout import Layout


class WholeShape:
    """All messages of a chat in one file of its folder, topics and all, drawn `part_size` at a time."""

    unit: Unit = "all"
    has_topics = False

    def __init__(self, name: str, part_size: int) -> None:
        self._name = name
        self.part_size = part_size

    def find_path(self, _layout: Layout, partition: Partition, _part: int) -> str:
        """Return the path of the chat's file."""
        return f"{partition.chat.folder}/{self._name}"
