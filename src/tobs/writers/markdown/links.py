"""Links between notes, in the flavor of the folder; what is shown of them is plain text."""

from __future__ import annotations

from tobs.core.model import Chat
from tobs.writers.links import Target
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.scene import Scene


def link_note(scene: Scene, path: str, shown: str = "") -> str:
    """Return a link to a note of messages."""
    return flavor_of(scene).link_note(scene.folder, path, shown)


def link_block(scene: Scene, target: Target, shown: str) -> str:
    """Return a link to a message."""
    return flavor_of(scene).link_block(scene.folder, target, shown)


def link_own_note(scene: Scene, chat: Chat, shown: str) -> str:
    """Return a link to a chat's own note."""
    return flavor_of(scene).link_own_note(scene.folder, chat, shown)
