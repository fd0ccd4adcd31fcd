"""Links between notes."""

from __future__ import annotations

import posixpath

from tobs.core.model import Chat
from tobs.writers.links import Target
from tobs.writers.markdown.shape import about_path


def link_note(path: str, shown: str = "") -> str:
    """Return a link to a note of messages, by its basename: that is unique in the vault."""
    return f"[[{_name_note(path)}|{shown}]]" if shown else f"[[{_name_note(path)}]]"


def link_block(target: Target, shown: str) -> str:
    """Return a link to the block of a message; `shown` is made for the place behind the bar."""
    return f"[[{_name_note(target.path)}#^{target.anchor}|{shown}]]"


def link_own_note(chat: Chat, shown: str) -> str:
    """Return a link to a chat's own note.

    With its folder, since a note of the vault around the export folder may have the chat's name too.
    """
    return f"[[{about_path(chat).removesuffix('.md')}|{shown}]]"


def _name_note(path: str) -> str:
    return posixpath.basename(path).removesuffix(".md")
