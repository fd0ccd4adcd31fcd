"""What a chat's own page tells in words, whatever the format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tobs.core.fidelity import Omissions, list_words
from tobs.core.model import Chat
from tobs.core.names import fold_name, has_visible
from tobs.core.ports.reader import ChatSummary, Extent, Topic
from tobs.core.words import say_count, say_some
from tobs.writers.census import Census, count_partitions
from tobs.writers.extent import find_extent, say_extent
from tobs.writers.kinds import name_kind
from tobs.writers.layout import own_name
from tobs.writers.scene import Scene
from tobs.writers.told import name_topic

PEOPLE_SHOWN = 50
"""How many people are named; the archive knows them all."""


class Thread(NamedTuple):
    """A topic or list with its title as typed; `periods` is empty when the archive has no message of it."""

    id: int
    title: str
    periods: list[Census]


def title_chat(chat: Chat) -> str:
    """Return a chat's title, or what stands for one that shows nothing."""
    return chat.title if has_visible(chat.title) else f"Chat {chat.id}"


def order_chats(chats: list[Chat]) -> Iterator[tuple[Chat, bool]]:
    """Yield each chat, and whether it stands below the one before: comments below their channel."""
    heads = {each.basename for each in chats}
    for chat in chats:
        if chat.parent not in heads:
            yield chat, False
            yield from ((each, True) for each in chats if each.parent == chat.basename)


def say_part(extent: Extent, chats: int) -> str:
    """Return which part of an archive these chats are, or an empty string for all of it."""
    words = [f"{chats:,} of {say_count(chats + extent.left_out, 'chat')}"] if extent.left_out else []
    words += [f"messages {extent.say_dates()}"] if extent.is_dated else []
    return f"A part of an archive: {', '.join(words)}" if words else ""


def link_chat(chat: Chat) -> str:
    """Return the t.me address of a chat that has a public name, or an empty string."""
    return f"https://t.me/{chat.username}" if chat.username else ""


def say_span(scene: Scene, summary: ChatSummary) -> str:
    """Return `2024-01-03 to 2026-03-14`, or an empty string for a chat without messages."""
    if summary.first_date is None or summary.last_date is None:
        return ""
    first, last = (scene.calendar.day(each).isoformat() for each in (summary.first_date, summary.last_date))
    return first if first == last else f"{first} to {last}"


def count_messages(summary: ChatSummary) -> int:
    """Return how many messages are stored, service messages included."""
    return sum(summary.kinds.values())


def list_numbers(scene: Scene, summary: ChatSummary) -> Iterator[str]:
    """Yield how many messages there are, and how complete they are, in sentences without a full stop; titles are as typed."""
    count = count_messages(summary)
    span = say_span(scene, summary)
    yield f"{say_count(count, 'message')}{f', {span}' if span else ''}{_say_before(scene)}"
    yield from filter(None, _list_ids(scene, summary))


def _list_ids(scene: Scene, summary: ChatSummary) -> Iterator[str]:
    if scene.reader.extent.is_dated:
        yield f"A part of an archive: messages {scene.reader.extent.say_dates()}"
    else:
        yield say_extent(scene, summary)
        yield _say_tally(summary)
        yield _say_unreadable(scene.chat, summary)


def say_partner(scene: Scene) -> tuple[str, Chat] | None:
    """Return the words before the name of the chat that has this one's comments or posts, and that chat."""
    partner = scene.across.partner
    if partner is None:
        return None
    return ("Comments are in" if scene.chat.discussion_id else "Comments on posts of"), partner


NOT_SHOWN = "Not shown here"
"""The heading above what stands only in the archive."""

KEPT = "The archive has all that Telegram sent; tobs verify --fidelity counts all that is not shown."
"""What stands below that, whatever it is: small things are only counted there."""


def list_not_shown(scene: Scene, summary: ChatSummary, omissions: Omissions) -> Iterator[str]:
    """Yield what there is beside the messages as this format shows them."""
    if scene.projection.keep_deleted == "hide":
        yield "deleted messages"
    if not scene.projection.show_edits:
        yield "earlier versions of edited messages"
    if summary.withheld:
        yield f"{say_count(summary.withheld, 'medium', 'media')} withheld by Telegram"
    yield from list_words(omissions, with_minor=False)


def title_topic(scene: Scene, topic_id: int) -> str:
    """Return the title of a topic, or the name of a list, as typed, or what stands for one that shows nothing."""
    title = name_topic(scene, topic_id)
    return title if has_visible(title) else f"Topic {topic_id}"


def list_topics(scene: Scene) -> Iterator[Thread]:
    """Yield the topics of a forum by id; titles that several have come with what tells them apart.

    Of a part of an archive only those that it holds a message of.
    """
    topics = scene.reader.topics(scene.chat)
    uses = Counter(fold_name(topic.title) for topic in topics.values())
    for topic_id, topic in sorted(topics.items()):
        is_shared = uses[fold_name(topic.title)] > 1
        title = own_name(scene.chat, scene.layout.topic(scene.chat, topic_id)) if is_shared else topic.title
        shown = title if has_visible(title) else f"Topic {topic_id}"
        periods = count_partitions(scene.layout, scene.chat, topic_id)
        if periods or not scene.reader.extent.is_dated:
            yield Thread(topic_id, f"{shown}{_say_flags(topic)}", periods)


def list_lists(scene: Scene) -> Iterator[Thread]:
    """Yield the lists of Saved Messages by name; one's own notes are none."""
    if scene.chat.kind != "saved":
        return
    lists = [each for each in scene.reader.topics(scene.chat) if each != scene.chat.id]
    found = [(each, count_partitions(scene.layout, scene.chat, each)) for each in lists]
    named = [Thread(each, scene.people.plain(each), periods) for each, periods in found if periods]
    yield from sorted(named, key=lambda thread: (thread.title.casefold(), thread.id))


def list_kinds(summary: ChatSummary) -> list[str]:
    """Return how many messages there are of each kind; what became of their files changes with every run."""
    ordered = sorted(summary.kinds.items(), key=lambda each: (-each[1], each[0]))
    return [name_kind(kind, count) for kind, count in ordered]


def _say_unreadable(chat: Chat, summary: ChatSummary) -> str:
    count, shown = summary.tally.unreadable, summary.unreadable
    if not count:
        return ""
    # An id of the group that a supergroup was is told from the supergroup's own as in anchors.
    named = say_some([str(each) if half == chat.id else f"g{each}" for half, each in shown], count)
    return f"{say_count(count, 'message')} cannot be read by this version of tobs: {named}"


def _say_before(scene: Scene) -> str:
    """Return how much of a supergroup is from the time when it was a basic group."""
    if not scene.chat.migrated_from:
        return ""
    summaries = [scene.reader.summary(each) for each in scene.layout.halves(scene.chat)[:-1]]
    count = sum(map(count_messages, summaries))
    if not count and scene.reader.extent.is_dated:
        return ""
    if not count:
        return "; those from before it was a supergroup are not in this archive"
    return f"; {count:,} of them from before it was a supergroup"


def _say_tally(summary: ChatSummary) -> str:
    tally = summary.tally
    if find_extent(summary) in {"search", "none"}:
        return ""
    words = [f"{tally.stored:,} stored", f"{tally.empty:,} empty", f"{tally.unknown:,} unknown"]
    if tally.unreadable:
        words.append(f"{tally.unreadable:,} unreadable")
    if tally.hidden:
        words.append(f"{tally.hidden:,} not visible to the account that was used last")
    return f"Of the ids asked for: {', '.join(words)}"


def _say_flags(topic: Topic) -> str:
    words = ["closed"] * topic.is_closed + ["hidden"] * topic.is_hidden
    return f" ({', '.join(words)})" if words else ""
