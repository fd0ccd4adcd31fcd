"""The one note that links to all chats."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.model import Chat
from tobs.core.names import has_visible
from tobs.core.ports.writer import INDEX, Rendering
from tobs.core.words import say_count
from tobs.writers.markdown.about import count_messages, say_span
from tobs.writers.markdown.escape import escape_alias
from tobs.writers.markdown.extent import mark_extent
from tobs.writers.markdown.frontmatter import TAG, write_properties
from tobs.writers.markdown.links import link_own_note
from tobs.writers.markdown.shape import INDEX_PATH
from tobs.writers.scene import Stage


def render_index(stage: Stage) -> Rendering:
    """Return the note that lists all chats, in the order in which they were first exported, comments below their channel."""
    chats = list(_order_chats(stage.reader.drawn_chats()))
    lines = [_render_chat(stage, chat, is_below=is_below) for chat, is_below in chats]
    head = write_properties({"chats": len(chats), "timezone": stage.projection.zone, "tags": [TAG]})
    body = "\n".join(lines)
    return Rendering(INDEX_PATH, INDEX, f"{head}\n{body}\n".encode())


def _order_chats(chats: list[Chat]) -> Iterator[tuple[Chat, bool]]:
    """Yield each chat, and whether it stands below the one before: comments below their channel."""
    heads = {each.basename for each in chats}
    for chat in chats:
        if chat.parent not in heads:
            yield chat, False
            yield from ((each, True) for each in chats if each.parent == chat.basename)


def _render_chat(stage: Stage, chat: Chat, *, is_below: bool) -> str:
    scene = stage.set_scene(chat)
    summary = stage.reader.summary(chat)
    link = link_own_note(chat, escape_alias(chat.title if has_visible(chat.title) else chat.basename))
    count = say_count(count_messages(summary), "message")
    words = [link, chat.kind, count, say_span(scene, summary), mark_extent(summary)]
    return f"{'  ' * is_below}- {' · '.join(filter(None, words))}"
