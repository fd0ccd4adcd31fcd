"""What stands at the head of a message: who, by which bot, when edited, and since when it is gone."""

from __future__ import annotations

from typing import NamedTuple

from tobs.core.actions import describe_action
from tobs.core.model import NO_CONTENT, Message
from tobs.core.names import has_visible
from tobs.writers.scene import Scene


class Head(NamedTuple):
    """The words of a header; names are as typed, and what does not apply is empty."""

    sender_id: int
    via: str = ""
    by: str = ""
    author: str = ""
    is_pinned: bool = False
    edited: str = ""
    gone: str = ""


def find_head(scene: Scene, members: list[Message], moment: str) -> Head:
    """Return the head of a message or album; `moment` is its date as the calendar says it."""
    first = members[0]
    content = first.content
    sender_id = scene.links.chat.id if first.sender_id is None else first.sender_id
    if not any(map(_has_marks, members)):
        return Head(sender_id)
    is_pinned, edited = False, 0
    for each in members:
        is_pinned = is_pinned or each.counters.is_pinned
        edited = max(edited, 0 if each.content.is_edit_hidden else each.edit_date or 0)
    return Head(
        sender_id,
        _name_bot(scene, content.via_bot_id) if content.via_bot_id else "",
        _name_bot(scene, content.via_business_bot_id) if content.via_business_bot_id else "",
        content.author if has_visible(content.author) else "",
        is_pinned,
        _say_edit(scene, edited, moment) if edited else "",
        say_gone(scene, max(members, key=lambda each: each.gone_at)) if are_gone(members) else "",
    )


def _has_marks(message: Message) -> bool:
    """Tell whether a header may say more than who and when."""
    content = message.content
    if message.edit_date or message.gone_at or message.counters.is_pinned:
        return True
    return content is not NO_CONTENT and bool(
        content.via_bot_id or content.via_business_bot_id or content.author
    )


def say_action(scene: Scene, message: Message) -> str:
    """Return what a service message says, as one sentence; empty for any other message."""
    action = message.content.action
    if action is None:
        return ""
    actor = scene.sender_name(message.sender_id)
    return describe_action(action, actor=actor, actor_id=message.sender_id, speaker=scene.speaker)


def are_gone(members: list[Message]) -> bool:
    """Tell whether all members of an album are deleted."""
    return bool(members[0].gone_at) and all(each.gone_at for each in members)


def say_gone(scene: Scene, message: Message) -> str:
    """Return that a message is deleted, and on which day that was noticed."""
    return f"deleted, noticed {scene.calendar.day(int(message.gone_at))}"


def _name_bot(scene: Scene, bot_id: int) -> str:
    username = scene.people.username(bot_id)
    return f"@{username}" if username else scene.people.plain(bot_id)


def _say_edit(scene: Scene, edited: int, moment: str) -> str:
    at = scene.calendar.moment(edited)
    return at[11:] if at[:10] == moment[:10] else at
