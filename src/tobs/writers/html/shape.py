"""How chats are cut into pages, and what those are called."""

from __future__ import annotations

import posixpath
from urllib.parse import quote

from tobs.core.model import Chat
from tobs.core.ports.writer import Partition
from tobs.core.request import Projection
from tobs.writers.calendar import Unit
from tobs.writers.layout import Layout
from tobs.writers.links import Target

INDEX_PATH = "Chats.html"
INDEX_ASSETS = "tobs-assets"
"""The folder of what Chats.html needs; each chat has its own copy, so that its folder can be moved alone."""

_PAGE_SIZE = 1000
"""So many messages a browser opens at once, on a telephone too."""


class PageShape:
    """A page for a month, or for each thousand messages of it, below `html` in the folder of the chat."""

    unit: Unit = "month"
    has_topics = True

    def __init__(self, projection: Projection) -> None:
        self.part_size = min(projection.part_size, _PAGE_SIZE)

    def find_path(self, _layout: Layout, partition: Partition, part: int) -> str:
        """Return the path of one part's page."""
        return f"{find_folder(partition.chat)}/{name_page(partition, part)}.html"


def name_page(partition: Partition, part: int) -> str:
    """Return what a page is called below `html`, without suffix: topics go by their numbers."""
    chat, topic_id = partition.chat, partition.topic_id
    name = partition.key.rpartition("/")[2] + (f"_{part}" if part > 1 else "")
    if topic_id is None or topic_id == chat.id:
        return name
    return f"{'lists' if chat.kind == 'saved' else 'topics'}/{topic_id}/{name}"


def find_folder(chat: Chat) -> str:
    """Return the folder of a chat's pages."""
    return f"{chat.folder}/html"


def about_path(chat: Chat) -> str:
    """Return the path of the chat's own page."""
    return f"{chat.folder}/index.html"


def link_path(path: str, folder: str) -> str:
    """Return the address of a file as seen from a folder, both below the export folder."""
    return quote_path(posixpath.relpath(path, folder or "."))


def link_target(target: Target, path: str) -> str:
    """Return the address of a message as seen from the page at `path`."""
    page = "" if target.path == path else link_path(target.path, posixpath.dirname(path))
    return f"{page}#{target.anchor}"


def quote_path(path: str) -> str:
    """Return a relative path as an address: no character of it can make it a scheme, a query or a fragment."""
    return quote(path, safe="/", errors="replace")
