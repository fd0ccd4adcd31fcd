"""What a message answers, what a service message is about, and where a forwarded one was written."""

from __future__ import annotations

from typing import NamedTuple

from tobs.core.ids import bare_id, is_channel
from tobs.core.model import Forward, Message, Reply
from tobs.core.names import has_visible
from tobs.writers.links import EXCERPT_LENGTH, Links, Target, cut_words
from tobs.writers.scene import Scene

_MOVES = {
    "chat_migrate_to": ("channel_id", "its first message"),
    "channel_migrate_from": ("chat_id", "the last message before"),
}
"""Where a group ends and where its supergroup begins: the value that names the other chat, and what is there."""


class Origin(NamedTuple):
    """What a quote is of: `words` of the message `target` by the person `name`, or else `label` and perhaps a name.

    All as typed. `label` is to be read with the name behind it, and `rest` behind that: `Story of`.
    """

    name: str = ""
    target: Target | None = None
    label: str = ""
    rest: str = ""
    words: str = ""


def find_reply(message: Message) -> Reply | None:
    """Return what a message really answers: to stand in a topic is no answer to the topic's first message."""
    reply = message.content.reply
    if reply is None:
        return Reply(message.reply_to_id) if message.reply_to_id else None
    if reply.is_topic and (reply.top_id in {0, reply.to_id} or reply.to_id == message.topic_id):
        return None
    return reply


def find_origin(scene: Scene, reply: Reply) -> Origin:
    """Return what is answered; with its target when it is in this chat, its other half, or the channel above."""
    name = _name_origin(scene, reply)
    if reply.story_id:
        return Origin(name, label="Story of" if name else "A story")
    links = scene.halves.get(reply.chat_id) if reply.chat_id else scene.links
    if links is None:
        return Origin(name, label="Message in")
    if not reply.to_id:
        return Origin(name, label="Message of" if name else "A message elsewhere")
    if post := scene.across.find_post(links.chat, reply.to_id):
        return look_at_partner(scene, post)
    target = links.find(reply.to_id)
    if target is None:
        return _find_missing(scene, links, reply.to_id)
    sender = links.chat.id if target.sender_id is None else target.sender_id
    words = target.words
    if reply.task_id or reply.poll_option:
        part = links.find_part(reply.to_id, task_id=reply.task_id, poll_option=reply.poll_option)
        words = cut_words(part, EXCERPT_LENGTH) or words
    return Origin(scene.people.plain(sender), target, words=words)


def _find_missing(scene: Scene, links: Links, message_id: int) -> Origin:
    if outside := links.find_outside(message_id):
        sender = scene.people.plain(links.chat.id if outside.sender_id is None else outside.sender_id)
        moment = scene.calendar.moment(outside.date)
        return Origin(sender, label="Message of", rest=f", {moment}, which is not in this part")
    is_hidden = links.find_hidden(message_id)
    return Origin(label="A deleted message" if is_hidden else "A message that is not in this archive")


def look_at_partner(scene: Scene, target: Target) -> Origin:
    """Return a message of the other chat of a channel and its comments as what is quoted."""
    partner = scene.across.partner
    assert partner is not None
    sender = partner.id if target.sender_id is None else target.sender_id
    return Origin(scene.people.plain(sender), target, words=target.words)


def find_post(scene: Scene, message: Message) -> Target | None:
    """Return the post below which an answer to another comment stands."""
    reply = message.content.reply
    if reply is None or reply.top_id in {0, reply.to_id} or reply.is_topic:
        return None
    return scene.across.find_post(scene.links.chat, reply.top_id)


def find_subject(scene: Scene, message: Message) -> tuple[Target, str] | None:
    """Return the message that a service message is about, such as the one that was pinned, and its words."""
    action = message.content.action
    if action and action.kind in _MOVES:
        field, words = _MOVES[action.kind]
        other = scene.halves.get(action.values.get(field, 0))
        target = other.find_move() if other else None
        return (target, words) if target else None
    reply = find_reply(message)
    target = scene.links.find(reply.to_id) if reply and reply.to_id and not reply.chat_id else None
    return (target, target.words) if target else None


def say_forward(forward: Forward) -> str:
    """Return what became of words of elsewhere, to be read with the name of whose they were behind it."""
    if forward.is_imported:
        return "Imported from"
    return "Announced by a public service from" if forward.psa else "Forwarded from"


def name_forwarder(scene: Scene, forward: Forward) -> tuple[str, str]:
    """Return whose words these were, as typed, and the address of the post if they were one."""
    if forward.from_id:
        is_post = bool(forward.post_id) and is_channel(forward.from_id)
        return scene.people.plain(forward.from_id), _post_address(scene, forward) if is_post else ""
    return forward.name if has_visible(forward.name) else "somebody unknown", ""


def _name_origin(scene: Scene, reply: Reply) -> str:
    if reply.story_id or not reply.to_id or (reply.chat_id and reply.chat_id not in scene.halves):
        if reply.chat_id:
            return scene.people.plain(reply.chat_id)
        if reply.origin and reply.origin.from_id:
            return scene.people.plain(reply.origin.from_id)
        return reply.origin.name if reply.origin and has_visible(reply.origin.name) else ""
    return ""


def _post_address(scene: Scene, forward: Forward) -> str:
    # The form with c/ opens for members of a chat that has no public name.
    place = scene.people.username(forward.from_id) or f"c/{bare_id(forward.from_id)}"
    return f"https://t.me/{place}/{forward.post_id}"
