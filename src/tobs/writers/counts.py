"""How people took a message, in words."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.model import NO_COUNTERS, Counters, Message
from tobs.core.words import say_count
from tobs.writers.links import Target
from tobs.writers.scene import Scene


def name_reaction(emoji: str) -> str:
    """Return a reaction as it is shown."""
    if emoji.startswith("custom:"):
        return "custom emoji"
    return "⭐ paid" if emoji == "paid" else emoji


def list_counts(scene: Scene, message: Message) -> Iterator[tuple[str, Target | None]]:
    """Yield how often a channel's post was seen, shared and commented; the comments with where they stand."""
    counters = message.counters
    if scene.chat.kind != "channel" or message.content.action:
        return
    if counters.views:
        yield say_count(counters.views, "view"), None
    if counters.forwards:
        yield say_count(counters.forwards, "forward"), None
    if counters.replies:
        yield say_count(counters.replies, "comment"), scene.across.find_comments(message.id)


def has_counts(counters: Counters, *, is_channel: bool) -> bool:
    """Tell whether there is anything to say."""
    return bool(
        counters.reactions or (is_channel and (counters.views or counters.forwards or counters.replies))
    )


def find_counted(scene: Scene, members: list[Message]) -> Message | None:
    """Return the member whose numbers are an album's.

    Telegram counts an album as one post: its members' numbers are the same, or stand with one of them.
    """
    is_channel = scene.chat.kind == "channel"
    for each in members:
        if each.counters is not NO_COUNTERS and has_counts(each.counters, is_channel=is_channel):
            return each
    return None
