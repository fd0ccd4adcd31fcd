"""The one note that links to all chats."""

from __future__ import annotations

from tobs.core.model import Chat
from tobs.core.names import has_visible
from tobs.core.ports.writer import INDEX, Rendering
from tobs.core.words import say_count
from tobs.writers.markdown.escape import escape_alias
from tobs.writers.markdown.frontmatter import TAG, write_properties
from tobs.writers.markdown.links import link_own_note
from tobs.writers.markdown.shape import INDEX_PATH
from tobs.writers.profile import count_messages, say_span
from tobs.writers.scene import Stage


def render_index(stage: Stage) -> Rendering:
    """Return the note that lists all chats, in the order in which they were first exported."""
    chats = [each for each in stage.reader.chats() if not each.migrated_to]
    lines = [_render_chat(stage, chat) for chat in chats]
    head = write_properties({"chats": len(chats), "timezone": stage.projection.zone, "tags": [TAG]})
    body = "\n".join(lines) or "No chat has been exported yet."
    return Rendering(INDEX_PATH, INDEX, f"{head}\n{body}\n".encode())


def _render_chat(stage: Stage, chat: Chat) -> str:
    scene = stage.set_scene(chat)
    summary = stage.reader.summary(chat)
    link = link_own_note(chat, escape_alias(chat.title if has_visible(chat.title) else chat.basename))
    words = [link, chat.kind, say_count(count_messages(summary), "message"), say_span(scene, summary)]
    return f"- {' · '.join(filter(None, words))}"
