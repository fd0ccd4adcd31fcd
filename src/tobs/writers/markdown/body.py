"""What a message says: its text and media, struck through when it is gone, and how they were before."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.media import FILE_KINDS, Entity
from tobs.core.model import Message
from tobs.core.words import say_money
from tobs.writers.markdown.blocks import render_page
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.media import render_media
from tobs.writers.markdown.spans import quote_block, render_text
from tobs.writers.scene import Scene

_EARLIER = "[!note]- Earlier versions"
"""A folded callout (https://help.obsidian.md/callouts)."""


def render_body(scene: Scene, message: Message) -> Iterator[str]:
    """Yield the blocks of one message by itself."""
    text, media, _ = render_parts(scene, message)
    page = render_page(scene, message.content.page) if message.content.page else ()
    yield from filter(
        None, (text, *page, *media, *name_unsupported(message), *_render_notices(scene, message))
    )


def _render_notices(scene: Scene, message: Message) -> Iterator[str]:
    """Yield what others than the sender added to a message."""
    check = message.counters.fact_check
    if check and check.text:
        country = f" ({escape_name(check.country)})" if check.country else ""
        yield quote_block(render_text(check.text, check.entities), f"[!info] Fact check{country}")
    if post := message.counters.suggestion:
        words = ["Suggested post", say_money(post.amount, post.currency) if post.amount else ""]
        words.append(f"for {scene.calendar.moment(post.date)}" if post.date else "")
        words.append("accepted" if post.is_accepted else "rejected" if post.is_rejected else "")
        yield f"*{' · '.join(filter(None, words))}*"


def render_parts(scene: Scene, message: Message) -> tuple[str, list[str], bool]:
    """Return a message's text, its media, and whether those are files that are only named here."""
    content = message.content
    entities = _strike(message) if message.gone_at else content.entities
    text = render_text(message.text, entities) if message.text else ""
    media = list(render_media(scene, content, message.counters)) if content.media else []
    is_file = content.media is not None and content.media.kind in FILE_KINDS
    return text, media, is_file and media[0][0] == "*"


def list_named(lines: list[str]) -> str:
    """Return named files as one block: a list when there are several."""
    return "\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0]


def name_unsupported(message: Message) -> Iterator[str]:
    """Yield what cannot be shown of a message, if there is anything."""
    if message.kind == "withheld":
        yield "*Medium withheld by Telegram*"
    if message.content.unsupported:
        yield f"*Not understood by this version of tobs: {escape_name(message.content.unsupported)}*"


def render_earlier(scene: Scene, message: Message) -> str:
    """Return the earlier versions of a message, folded; those that looked like the next one are left out."""
    if not scene.projection.show_edits:
        return ""
    versions = scene.reader.versions(scene.links.chat, message.id)
    bodies = ["\n\n".join(render_body(scene, each)) for each in (*versions, message)]
    blocks = [
        f"*{scene.calendar.moment(each.edit_date or each.date)}*\n\n{body}"
        for each, body, following in zip(versions, bodies, bodies[1:], strict=False)
        if body and body != following
    ]
    return quote_block("\n\n".join(blocks), _EARLIER) if blocks else ""


def say_gone(scene: Scene, message: Message) -> str:
    """Return that a message is deleted, and on which day that was noticed."""
    return f"deleted, noticed {scene.calendar.day(int(message.gone_at))}"


def _strike(message: Message) -> list[Entity]:
    # One style over all of the text; what was struck through by its writer is so as well.
    units = len(message.text.encode("utf-16-le", "surrogatepass")) // 2
    others = [each for each in message.content.entities if each.kind != "strike"]
    return [Entity("strike", 0, units), *others]
