"""What a message says: its text and media, struck through when it is gone, and how they were before."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.media import FILE_KINDS
from tobs.core.model import Counters, Message
from tobs.writers.bodies import (
    is_unsupported,
    list_earlier,
    list_entities,
    name_unsupported,
    say_suggestion,
    title_check,
)
from tobs.writers.markdown.blocks import render_page
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.media import render_media
from tobs.writers.markdown.spans import render_text
from tobs.writers.scene import Scene


def render_body(scene: Scene, message: Message) -> list[str]:
    """Return the blocks of one message by itself; some may be empty."""
    text, media, _ = render_parts(scene, message)
    blocks, counters = [text], message.counters
    if message.content.page:
        blocks += render_page(scene, message.content.page)
    blocks += media
    if is_unsupported(message):
        blocks += render_unsupported(message)
    if counters.fact_check or counters.suggestion:
        blocks += _render_notices(scene, counters)
    return blocks


def _render_notices(scene: Scene, counters: Counters) -> Iterator[str]:
    """Yield what others than the sender added to a message."""
    check = counters.fact_check
    if check and check.text:
        said = render_text(check.text, check.entities, flavor_of(scene).kinds)
        yield flavor_of(scene).call_out(said, "[!info]", escape_name(title_check(check)))
    if post := counters.suggestion:
        yield f"*{say_suggestion(scene, post)}*"


def render_parts(scene: Scene, message: Message) -> tuple[str, list[str], bool]:
    """Return a message's text, its media, and whether those are files that are only named here."""
    content = message.content
    text = render_text(message.text, list_entities(message), flavor_of(scene).kinds) if message.text else ""
    if content.media is None:
        return text, [], False
    media = list(render_media(scene, content, message.counters))
    return text, media, content.media.kind in FILE_KINDS and media[0][0] == "*"


def list_named(lines: list[str]) -> str:
    """Return named files as one block: a list when there are several."""
    return "\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0]


def render_unsupported(message: Message) -> list[str]:
    """Return what cannot be shown of a message, if there is anything."""
    return [f"*{escape_name(each)}*" for each in name_unsupported(message)]


def render_earlier(scene: Scene, message: Message) -> str:
    """Return the earlier versions of a message, folded, where they are asked for."""
    if not scene.projection.show_edits:
        return ""
    versions = list_earlier(scene, message, lambda each: "\n\n".join(filter(None, render_body(scene, each))))
    blocks = [f"*{moment}*\n\n{body}" for moment, body in versions]
    return flavor_of(scene).call_out("\n\n".join(blocks), "[!note]-", "Earlier versions") if blocks else ""
