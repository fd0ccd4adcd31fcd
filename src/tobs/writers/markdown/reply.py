"""What a message answers, and where it was forwarded from."""

from __future__ import annotations

from tobs.core.ids import bare_id, is_channel
from tobs.core.model import Forward, Message, Reply
from tobs.core.names import has_visible
from tobs.writers.links import EXCERPT_LENGTH, Target, cut_words
from tobs.writers.markdown.addresses import make_link
from tobs.writers.markdown.escape import escape_alias, escape_name, escape_text
from tobs.writers.markdown.links import link_block
from tobs.writers.markdown.spans import quote_block, render_line, render_text
from tobs.writers.scene import Scene

_LINK_LENGTH = 50


def find_reply(message: Message) -> Reply | None:
    """Return what a message really answers: to stand in a topic is no answer to the topic's first message."""
    reply = message.content.reply
    if reply is None:
        return Reply(message.reply_to_id) if message.reply_to_id else None
    if reply.is_topic and (reply.top_id in {0, reply.to_id} or reply.to_id == message.topic_id):
        return None
    return reply


def render_reply(scene: Scene, message: Message) -> str:
    """Return the quote above a message that answers another, or an empty string."""
    reply = find_reply(message)
    if reply is None:
        return ""
    origin, words = _find_origin(scene, reply)
    if not reply.quote:
        return quote_block(f"{origin}: {words}" if words else origin)
    if "\n" in reply.quote:
        return quote_block(f"{origin}:\n\n{render_text(reply.quote, reply.entities)}")
    return quote_block(f"{origin}: {render_line(reply.quote, reply.entities)}")


def render_quote(scene: Scene, target: Target) -> str:
    """Return a link to a message of the other chat, and its first words, as a quote."""
    origin, words = _quote_across(scene, target)
    return quote_block(f"{origin}: {words}" if words else origin)


def say_post(scene: Scene, message: Message) -> str:
    """Return a link to the post below which an answer to another comment stands, or an empty string."""
    reply = message.content.reply
    if reply is None or reply.top_id in {0, reply.to_id} or reply.is_topic:
        return ""
    post = scene.across.find_post(scene.links.chat, reply.top_id)
    return f"*On* {link_block(post, escape_alias(cut_words(post.words, _LINK_LENGTH)))}" if post else ""


def _quote_across(scene: Scene, target: Target) -> tuple[str, str]:
    partner = scene.across.partner
    assert partner is not None
    sender = partner.id if target.sender_id is None else target.sender_id
    return link_block(target, escape_alias(scene.people.plain(sender))), escape_text(target.words)


def _find_origin(scene: Scene, reply: Reply) -> tuple[str, str]:
    """Return what is answered as Markdown, and its first words when it is in this chat or its other half."""
    if reply.story_id:
        return (f"*Story of {_name_origin(scene, reply)}*" if _has_origin(reply) else "*A story*"), ""
    links = scene.halves.get(reply.chat_id) if reply.chat_id else scene.links
    if links is None:
        return f"*Message in {_name_origin(scene, reply)}*", ""
    if not reply.to_id:
        return (
            f"*Message of {_name_origin(scene, reply)}*" if _has_origin(reply) else "*A message elsewhere*"
        ), ""
    if post := scene.across.find_post(links.chat, reply.to_id):
        return _quote_across(scene, post)
    target = links.find(reply.to_id)
    if target is None:
        is_hidden = links.find_hidden(reply.to_id)
        return ("*A deleted message*" if is_hidden else "*A message that is not in this archive*"), ""
    sender = links.chat.id if target.sender_id is None else target.sender_id
    words = target.words
    if reply.task_id or reply.poll_option:
        part = links.find_part(reply.to_id, task_id=reply.task_id, poll_option=reply.poll_option)
        words = cut_words(part, EXCERPT_LENGTH) or words
    return link_block(target, escape_alias(scene.people.plain(sender))), escape_text(words)


def _has_origin(reply: Reply) -> bool:
    return bool(reply.chat_id or (reply.origin and (reply.origin.from_id or has_visible(reply.origin.name))))


def _name_origin(scene: Scene, reply: Reply) -> str:
    if reply.chat_id or reply.origin is None:
        return scene.people.inline(reply.chat_id)
    return (
        scene.people.inline(reply.origin.from_id) if reply.origin.from_id else escape_name(reply.origin.name)
    )


def render_forward(scene: Scene, forward: Forward) -> str:
    """Return one line that says whose words these were, and when they were written."""
    name = "somebody unknown"
    if forward.from_id:
        name = scene.people.inline(forward.from_id)
        if forward.post_id and is_channel(forward.from_id):
            name = make_link(name, _post_address(scene, forward))
    elif has_visible(forward.name):
        name = escape_name(forward.name)
    signed = f" ({escape_name(forward.author)})" if has_visible(forward.author) else ""
    verb = (
        "Imported" if forward.is_imported else "Announced by a public service" if forward.psa else "Forwarded"
    )
    return f"*{verb} from {name}{signed} · {scene.calendar.moment(forward.date)}*"


def _post_address(scene: Scene, forward: Forward) -> str:
    # The form with c/ opens for members of a chat that has no public name.
    place = scene.people.username(forward.from_id) or f"c/{bare_id(forward.from_id)}"
    return f"https://t.me/{place}/{forward.post_id}"
