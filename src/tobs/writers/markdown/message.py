"""One message, or one album, as blocks of a note."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.actions import describe_action
from tobs.core.model import Action, Message
from tobs.core.names import has_visible
from tobs.writers.links import cut_words, make_anchor
from tobs.writers.markdown.body import (
    list_named,
    name_unsupported,
    render_body,
    render_earlier,
    render_parts,
    say_gone,
)
from tobs.writers.markdown.escape import escape_alias, escape_name
from tobs.writers.markdown.footer import render_buttons, render_counters
from tobs.writers.markdown.links import link_block
from tobs.writers.markdown.reply import find_reply, render_forward, render_quote, render_reply, say_post
from tobs.writers.scene import Scene

_LINK_LENGTH = 50
_MOVES = {
    "chat_migrate_to": ("channel_id", "its first message"),
    "channel_migrate_from": ("chat_id", "the last message before"),
}
"""Where a group ends and where its supergroup begins: the value that names the other chat, and what is there."""


def render_message(scene: Scene, members: list[Message], moment: str, anchor: str) -> str:
    """Return the blocks of a message, or of an album's members, with blank lines between them.

    `moment` is the first member's date as the calendar says it, `anchor` the block id that the header ends
    in and that links lead to (https://help.obsidian.md/links#Link+to+a+block+in+a+note): that of the
    album's first member, also when it is deleted and hidden.
    """
    first = members[0]
    if first.content.action:
        return _render_service(scene, first, first.content.action, moment)
    blocks = [_render_header(scene, members, moment, anchor)]
    if post := scene.across.find_post(scene.links.chat, first.id):
        # The channel's note has the words, and all that came with them.
        blocks.append(render_quote(scene, post))
    else:
        blocks += [*_render_frame(scene, first), *_render_bodies(scene, members)]
    blocks += _render_foot(scene, members)
    return "\n\n".join(filter(None, blocks))


def _is_gone(members: list[Message]) -> bool:
    return bool(members[0].gone_at) and all(each.gone_at for each in members)


def _render_header(scene: Scene, members: list[Message], moment: str, anchor: str) -> str:
    first = members[0]
    sender = scene.people.inline(scene.links.chat.id if first.sender_id is None else first.sender_id)
    content = first.content
    words = [f"**{sender}**", moment[11:]]
    if content.via_bot_id:
        words.append(f"via {_name_bot(scene, content.via_bot_id)}")
    if content.via_business_bot_id:
        words.append(f"by {_name_bot(scene, content.via_business_bot_id)}")
    if has_visible(content.author):
        words.append(f"signed {escape_name(content.author)}")
    is_pinned, edited = False, 0
    for each in members:
        is_pinned = is_pinned or each.counters.is_pinned
        edited = max(edited, _edited_at(each))
    if is_pinned:
        words.append("pinned")
    if edited:
        words.append(f"edited {_say_edit(scene, edited, moment)}")
    if _is_gone(members):
        words.append(say_gone(scene, max(members, key=lambda each: each.gone_at)))
    return f"{' · '.join(words)} ^{anchor}"


def _name_bot(scene: Scene, bot_id: int) -> str:
    username = scene.people.username(bot_id)
    return escape_name(f"@{username}") if username else scene.people.inline(bot_id)


def _edited_at(message: Message) -> int:
    return 0 if message.content.is_edit_hidden else message.edit_date or 0


def _say_edit(scene: Scene, edited: int, moment: str) -> str:
    at = scene.calendar.moment(edited)
    return at[11:] if at[:10] == moment[:10] else at


def _render_frame(scene: Scene, first: Message) -> Iterator[str]:
    if first.content.forward:
        yield render_forward(scene, first.content.forward)
    if first.content.reply or first.reply_to_id:
        yield render_reply(scene, first)
        yield say_post(scene, first)


def _render_bodies(scene: Scene, members: list[Message]) -> Iterator[str]:
    """Yield texts and media; neighbours of an album that are only named, not shown, stand in one list."""
    if len(members) == 1:
        yield from render_body(scene, members[0])
        yield render_earlier(scene, members[0])
        return
    is_partly_gone = any(each.gone_at for each in members) and not _is_gone(members)
    named: list[str] = []
    for member in members:
        text, media, is_named = render_parts(scene, member)
        gone = f"*{say_gone(scene, member)}*" if is_partly_gone and member.gone_at else ""
        rest = [*name_unsupported(member), gone, render_earlier(scene, member)]
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


def _render_foot(scene: Scene, members: list[Message]) -> Iterator[str]:
    for member in members:
        if member.content.buttons:
            yield render_buttons(member.content.buttons)
    # Telegram counts an album as one post: its members' numbers are the same, or stand with one of them.
    for member in members:
        if found := render_counters(
            member.counters,
            is_channel=scene.chat.kind == "channel",
            comments=scene.across.find_comments(member.id),
        ):
            yield found
            return


def _render_service(scene: Scene, message: Message, action: Action, moment: str) -> str:
    sentence = describe_action(
        action, actor=scene.sender_name(message.sender_id), actor_id=message.sender_id, speaker=scene.speaker
    )
    said = f"*{escape_name(sentence)}*"
    words = [f"{said}{_link_subject(scene, message)}", moment[11:]]
    if message.gone_at:
        words = [f"~~{said}~~{_link_subject(scene, message)}", moment[11:], say_gone(scene, message)]
    line = f"{' · '.join(words)} ^{make_anchor(scene.links.chat, message.id)}"
    counters = render_counters(message.counters, is_channel=False)
    return f"{line}\n\n{counters}" if counters else line


def _link_subject(scene: Scene, message: Message) -> str:
    """Return a link to the message that a service message is about, such as the one that was pinned."""
    action = message.content.action
    if action and action.kind in _MOVES:
        return _link_move(scene, action)
    reply = find_reply(message)
    target = scene.links.find(reply.to_id) if reply and reply.to_id and not reply.chat_id else None
    if target is None:
        return ""
    return f" {link_block(target, escape_alias(cut_words(target.words, _LINK_LENGTH)))}"


def _link_move(scene: Scene, action: Action) -> str:
    field, words = _MOVES[action.kind]
    other = scene.halves.get(action.values.get(field, 0))
    target = other.find_move() if other else None
    return f" {link_block(target, words)}" if target else ""
