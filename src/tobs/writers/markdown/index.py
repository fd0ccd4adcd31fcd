"""The one note that links to all chats."""

from __future__ import annotations

from tobs.core.model import Chat
from tobs.core.names import has_visible
from tobs.core.ports.reader import Reader
from tobs.core.ports.writer import INDEX, Rendering
from tobs.core.request import Projection
from tobs.core.words import say_count
from tobs.writers.layout import INDEX_PATH
from tobs.writers.markdown.about import count_messages, say_span
from tobs.writers.markdown.escape import escape_alias
from tobs.writers.markdown.extent import mark_extent
from tobs.writers.markdown.frontmatter import TAG, write_properties
from tobs.writers.markdown.links import link_own_note
from tobs.writers.markdown.scene import set_scene


def render_index(reader: Reader, projection: Projection) -> Rendering:
    """Return the note that lists all chats, in the order in which they were first exported."""
    chats = [each for each in reader.chats() if not each.migrated_to]
    lines = [_render_chat(reader, projection, chat) for chat in chats]
    head = write_properties({"chats": len(chats), "timezone": projection.zone, "tags": [TAG]})
    body = "\n".join(lines) or "No chat has been exported yet."
    return Rendering(INDEX_PATH, INDEX, f"{head}\n{body}\n".encode())


def _render_chat(reader: Reader, projection: Projection, chat: Chat) -> str:
    scene = set_scene(reader, projection, chat)
    summary = reader.summary(chat)
    link = link_own_note(chat, escape_alias(chat.title if has_visible(chat.title) else chat.basename))
    count = say_count(count_messages(summary), "message")
    words = [link, chat.kind, count, say_span(scene, summary), mark_extent(summary)]
    return f"- {' · '.join(filter(None, words))}"
