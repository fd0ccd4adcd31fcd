"""One message, or one album, as blocks of a note."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.model import Message
from tobs.writers.answers import find_subject
from tobs.writers.counts import find_counted
from tobs.writers.heads import Head, are_gone, find_head, say_action, say_gone
from tobs.writers.links import cut_words, make_anchor
from tobs.writers.markdown.body import (
    list_named,
    render_body,
    render_earlier,
    render_parts,
    render_unsupported,
)
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.footer import render_buttons, render_counters
from tobs.writers.markdown.links import link_block
from tobs.writers.markdown.reply import LINK_LENGTH, render_forward, render_quote, render_reply, say_post
from tobs.writers.scene import Scene


def render_message(scene: Scene, members: list[Message], moment: str, anchor: str) -> str:
    """Return the blocks of a message, or of an album's members, with blank lines between them.

    `moment` is the first member's date as the calendar says it, `anchor` what links to it lead to: that of
    the album's first member, also when it is deleted and hidden.
    """
    first = members[0]
    if first.content.action:
        return _render_service(scene, first, moment)
    blocks = [_render_header(scene, members, moment, anchor)]
    if post := scene.across.find_post(scene.links.chat, first.id):
        # The channel's note has the words, and all that came with them.
        blocks.append(render_quote(scene, post))
    else:
        if first.content.forward or first.content.reply or first.reply_to_id:
            blocks += _render_frame(scene, first)
        if len(members) == 1:
            blocks += render_body(scene, first)
            blocks.append(render_earlier(scene, first))
        else:
            blocks += _render_album(scene, members)
    for each in members:
        if each.content.buttons:
            blocks.append(render_buttons(each.content.buttons))
    if counted := find_counted(scene, members):
        blocks.append(render_counters(scene, counted))
    return "\n\n".join(filter(None, blocks))


def _render_header(scene: Scene, members: list[Message], moment: str, anchor: str) -> str:
    head = find_head(scene, members, moment)
    line = f"**{scene.people.inline(head.sender_id)}** · {moment[11:]}"
    return flavor_of(scene).mark_place(
        " · ".join([line, *_list_marks(head)]) if any(head[1:]) else line, anchor
    )


def _list_marks(head: Head) -> list[str]:
    words: list[str] = []
    if head.via:
        words.append(f"via {escape_name(head.via)}")
    if head.by:
        words.append(f"by {escape_name(head.by)}")
    if head.author:
        words.append(f"signed {escape_name(head.author)}")
    if head.is_pinned:
        words.append("pinned")
    if head.edited:
        words.append(f"edited {head.edited}")
    if head.gone:
        words.append(head.gone)
    return words


def _render_frame(scene: Scene, first: Message) -> Iterator[str]:
    if first.content.forward:
        yield render_forward(scene, first.content.forward)
    if first.content.reply or first.reply_to_id:
        yield render_reply(scene, first)
        yield say_post(scene, first)


def _render_album(scene: Scene, members: list[Message]) -> Iterator[str]:
    """Yield texts and media; neighbours that are only named, not shown, stand in one list."""
    is_partly_gone = any(each.gone_at for each in members) and not are_gone(members)
    named: list[str] = []
    for member in members:
        text, media, is_named = render_parts(scene, member)
        gone = f"*{say_gone(scene, member)}*" if is_partly_gone and member.gone_at else ""
        rest = [*render_unsupported(member), gone, render_earlier(scene, member)]
        if named and (text or not is_named):
            yield list_named(named)
            named = []
        yield text
        if is_named:
            named += media
        else:
            yield from media
        if named and any(rest):
            yield list_named(named)
            named = []
        yield from rest
    if named:
        yield list_named(named)


def _render_service(scene: Scene, message: Message, moment: str) -> str:
    said = f"*{escape_name(say_action(scene, message))}*"
    words = [f"{said}{_link_subject(scene, message)}", moment[11:]]
    if message.gone_at:
        struck = flavor_of(scene).strike(said)
        words = [f"{struck}{_link_subject(scene, message)}", moment[11:], say_gone(scene, message)]
    line = flavor_of(scene).mark_place(" · ".join(words), make_anchor(scene.links.chat, message.id))
    counters = render_counters(scene, message)
    return f"{line}\n\n{counters}" if counters else line


def _link_subject(scene: Scene, message: Message) -> str:
    """Return a link to the message that a service message is about."""
    subject = find_subject(scene, message)
    if subject is None:
        return ""
    target, words = subject
    return f" {link_block(scene, target, cut_words(words, LINK_LENGTH))}"
