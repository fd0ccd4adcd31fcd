"""What a message says: its text and media, struck through when it is gone, and how they were before."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.model import FILE_KINDS, Message
from tobs.writers.bodies import list_earlier, list_entities, name_unsupported
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.media import render_media
from tobs.writers.markdown.spans import quote_block, render_text
from tobs.writers.scene import Scene

_EARLIER = "[!note]- Earlier versions"
"""A folded callout (https://help.obsidian.md/callouts)."""


def render_body(scene: Scene, message: Message) -> Iterator[str]:
    """Yield the blocks of one message by itself."""
    text, media, _ = render_parts(scene, message)
    yield from filter(None, (text, *media, *render_unsupported(message)))


def render_parts(scene: Scene, message: Message) -> tuple[str, list[str], bool]:
    """Return a message's text, its media, and whether those are files that are only named here."""
    content = message.content
    text = render_text(message.text, list_entities(message)) if message.text else ""
    media = list(render_media(scene, content, message.counters)) if content.media else []
    is_file = content.media is not None and content.media.kind in FILE_KINDS
    return text, media, is_file and media[0][0] == "*"


def list_named(lines: list[str]) -> str:
    """Return named files as one block: a list when there are several."""
    return "\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0]


def render_unsupported(message: Message) -> Iterator[str]:
    """Yield what cannot be shown of a message, if there is anything."""
    return (f"*{escape_name(each)}*" for each in name_unsupported(message))


def render_earlier(scene: Scene, message: Message) -> str:
    """Return the earlier versions of a message, folded."""
    versions = list_earlier(scene, message, lambda each: "\n\n".join(render_body(scene, each)))
    blocks = [f"*{moment}*\n\n{body}" for moment, body in versions]
    return quote_block("\n\n".join(blocks), _EARLIER) if blocks else ""
