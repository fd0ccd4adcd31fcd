"""The one note that links to all chats."""

from __future__ import annotations

from tobs.core.model import Chat
from tobs.core.names import has_visible
from tobs.core.ports.writer import INDEX, Rendering
from tobs.core.words import say_count
from tobs.writers.extent import mark_extent
from tobs.writers.markdown.frontmatter import TAG, Properties, list_dates, write_properties
from tobs.writers.markdown.links import link_own_note
from tobs.writers.markdown.shape import INDEX_PATH
from tobs.writers.profile import count_messages, order_chats, say_part, say_span
from tobs.writers.scene import Stage


def render_index(stage: Stage) -> Rendering:
    """Return the note that lists all chats, in the order in which they were first exported, comments below their channel."""
    chats = list(order_chats(stage.reader.drawn_chats()))
    lines = [_render_chat(stage, chat, is_below=is_below) for chat, is_below in chats]
    extent = stage.reader.extent
    properties: Properties = {"chats": len(chats), "timezone": stage.projection.zone, "tags": [TAG]}
    head = write_properties(properties | list_dates(extent))
    body = "\n".join(lines)
    if part := say_part(extent, len(chats)):
        body = f"*{part}*\n\n{body}"
    return Rendering(INDEX_PATH, INDEX, f"{head}\n{body}\n".encode())


def _render_chat(stage: Stage, chat: Chat, *, is_below: bool) -> str:
    scene = stage.set_scene(chat)
    summary = stage.reader.summary(chat)
    link = link_own_note(scene, chat, chat.title if has_visible(chat.title) else chat.basename)
    count = say_count(count_messages(summary), "message")
    words = [link, chat.kind, count, say_span(scene, summary), mark_extent(summary)]
    return f"{'  ' * is_below}- {' · '.join(filter(None, words))}"
