"""What formats have in common: whose files nothing is the owner's, and that have one file a chat."""

from __future__ import annotations

import hashlib

from tobs.core.fidelity import Omissions
from tobs.core.ports.writer import Partition, Rendering
from tobs.writers.calendar import Unit
from tobs.writers.layout import Layout
from tobs.writers.scene import Scene, Stage


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


class Ownerless:
    """What every format has in common of whose files nothing is their owner's."""

    def escape(self, name: str) -> str:
        """Return the name as it is."""
        return name

    def fingerprint(self, body: bytes) -> str:
        """Return the SHA-256 of the file."""
        return hashlib.sha256(body).hexdigest()

    def holds_words(self, _body: bytes) -> bool:
        """Return False: there is no place for them."""
        return False

    def carry_over(self, new: bytes, _old: bytes) -> bytes:
        """Return `new`."""
        return new


class WholeFile(Ownerless):
    """What the formats have in common that have one file a chat, and none beside: for programs."""

    has_albums = False

    def list_about(self, _scene: Scene, _omissions: Omissions) -> list[Rendering]:
        """Return nothing: a chat has its messages only."""
        return []

    def list_index(self, _stage: Stage) -> list[Rendering]:
        """Return nothing."""
        return []
