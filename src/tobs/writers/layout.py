"""Where a message lands: which partition, which part of it, which file.

How long a partition is, how large its parts are and what files are called is the format's `Shape`. A
partition is one period of a chat, or of a topic where topics have files of their own. It is split into parts
by rank in id order; an album that would be cut belongs to the later part, and one that reaches over a
period's end to the period of its first message, so that an album stands whole in one file.

A supergroup that was a basic group has two halves, whose ids collide. Files, partitions and names are the
supergroup's; the group's messages come first, and parts are counted through both. `place_id` gives each
message of both a number of its own that sorts them so: part starts are such numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from tobs.core.model import GENERAL_TOPIC, Chat, Message
from tobs.core.ports.reader import Reader, Topic
from tobs.core.ports.writer import Partition
from tobs.core.request import Projection
from tobs.writers.calendar import Calendar, Period, Unit

MAX_ALBUM = 10
"""Telegram sends at most that many messages as one album."""


_GROUP_SHIFT = 1 << 32
"""More than any message id."""


class Place(NamedTuple):
    """Where a message stands: `first_id` is its own id, or that of its album's first member."""

    partition: Partition
    part: int
    first_id: int


class Shape(Protocol):
    """How a format cuts chats into files.

    `unit` is how long a partition is, `part_size` how many messages one part holds at most; `has_topics` tells
    whether each topic of a forum, or list of Saved Messages, has partitions of its own.
    """

    unit: Unit
    part_size: int
    has_topics: bool

    def find_path(self, layout: Layout, partition: Partition, part: int) -> str:
        """Return the path, below the export folder, of the file that a part stands in."""
        ...


class Layout:
    """Answers where things lie, from the archive as it is now; made anew for each rendering."""

    def __init__(self, reader: Reader, projection: Projection, shape: Shape) -> None:
        self.reader = reader
        self.shape = shape
        self.calendar = Calendar(projection.zone)
        self._parts: dict[tuple[tuple[int, int], str], list[int]] = {}
        self._halves: dict[tuple[int, int], list[Chat]] = {}
        self._topics: dict[tuple[int, int], dict[int, Topic]] = {}
        self._last: Partition | None = None
        self._last_file: tuple[Partition, int, str] | None = None

    def partitions(self, chat: Chat, days: Iterable[tuple[int | None, int]]) -> list[Partition]:
        """Return the partitions that (topic id, UTC day) pairs fall into, by topic, then time."""
        found = {
            (self._find_topic(chat, topic), period)
            for topic, day in days
            for period in self.calendar.periods_of_day(day, self.shape.unit)
        }
        return [make_partition(chat, topic or None, period) for topic, period in sorted(found)]

    def find_path(self, partition: Partition, part: int) -> str:
        """Return the path, below the export folder, of the file that a part stands in."""
        last = self._last_file  # where most answers stand as well
        if last is None or last[0] is not partition or last[1] != part:
            last = self._last_file = (partition, part, self.shape.find_path(self, partition, part))
        return last[2]

    def halves(self, chat: Chat) -> list[Chat]:
        """Return the chats whose messages stand in this one's notes, in their order."""
        if chat.key not in self._halves:
            self._halves[chat.key] = self.reader.halves(chat)
        return self._halves[chat.key]

    def list_sources(self, chat: Chat, topic_id: int | None) -> list[tuple[Chat, int | None]]:
        """Return which halves, and which topic of each, stand in the notes of a chat or topic.

        A basic group had no topics: in a forum its messages are in General, as Telegram's apps have them.
        """
        *groups, head = self.halves(chat)
        has_group = topic_id in {None, GENERAL_TOPIC}
        return [*((each, None) for each in groups if has_group), (head, topic_id)]

    def locate(self, head: Chat, chat: Chat, message: Message) -> Place:
        """Return where a message of a half of `head`, or the album that it belongs to, stands."""
        first = self._first_of(chat, message)
        partition = self._find_home(head, first)
        part = find_part(self.part_starts(partition), place_id(chat, first.id))
        return Place(partition, part, first.id)

    def stands_in(self, partition: Partition, chat: Chat, message: Message) -> bool:
        """Tell whether a message of these dates stands here, and not with an album that began a period earlier."""
        return self._find_home(partition.chat, self._first_of(chat, message)).key == partition.key

    def part_starts(self, partition: Partition) -> list[int]:
        """Return the lowest `place_id` of each part; empty when the partition has no message."""
        key = (partition.chat.key, partition.key)
        if key not in self._parts:
            self._parts[key] = self._find_starts(partition)
        return self._parts[key]

    def know_parts(self, partition: Partition, starts: list[int]) -> None:
        """Take over what `part_starts` said elsewhere."""
        self._parts[partition.chat.key, partition.key] = starts

    def _find_topic(self, chat: Chat, topic_id: int | None) -> int:
        """Return the topic by which a message of that topic is filed, 0 for none."""
        return (topic_id or chat.main_topic) if self.shape.has_topics else 0

    def _find_starts(self, partition: Partition) -> list[int]:
        start, end, before = partition.start, partition.end, 0
        starts: list[int] = []
        sources = self.list_sources(partition.chat, partition.topic_id)
        for chat, topic_id in sources:
            found = self.reader.part_starts(
                chat, topic_id=topic_id, start=start, end=end, size=self.shape.part_size, before=before
            )
            starts += (place_id(chat, each) for each in found)
            if chat is not sources[-1][0]:
                before += self.reader.count(chat, topic_id=topic_id, start=start, end=end)
        return starts

    def may_part(self, messages: int) -> bool:
        """Tell whether that many messages do not fit into one part."""
        return messages > self.shape.part_size

    def topic(self, chat: Chat, topic_id: int) -> Topic:
        """Return a topic of a forum; one that has no basename yet goes by its number."""
        if chat.key not in self._topics:
            self._topics[chat.key] = self.reader.topics(chat)
        topic = self._topics[chat.key].get(topic_id)
        if topic and topic.basename:
            return topic
        title = topic.title if topic else "General" if topic_id == GENERAL_TOPIC else f"Topic {topic_id}"
        return Topic(topic_id, title, f"{chat.basename} ({topic_id})")

    def _find_home(self, head: Chat, first: Message) -> Partition:
        topic_id = (self._find_topic(head, first.topic_id) or None) if head.main_topic else None
        return self._find_partition(head, topic_id, first.date)

    def _find_partition(self, chat: Chat, topic_id: int | None, date: int) -> Partition:
        last = self._last  # most answers stay within their period
        if last and last.start <= date < last.end and last.topic_id == topic_id and last.chat is chat:
            return last
        self._last = make_partition(chat, topic_id, self.calendar.period(date, self.shape.unit))
        return self._last

    def _first_of(self, chat: Chat, message: Message) -> Message:
        if message.album_id is None:
            return message
        first_id = self.reader.album_first(chat, message.album_id)
        return message if first_id == message.id else self.reader.message(chat, first_id) or message


def own_name(chat: Chat, topic: Topic) -> str:
    """Return a topic's name as its files have it, without the chat's: no two topics have the same."""
    return topic.basename.removeprefix(chat.basename).strip()


def make_partition(chat: Chat, topic_id: int | None, period: Period) -> Partition:
    """Return one period of a chat or topic as a partition."""
    key = period.name if topic_id is None else f"{topic_id}/{period.name}"
    return Partition(chat, topic_id, key, period.start, period.end)


def place_id(chat: Chat, message_id: int) -> int:
    """Return a number that sorts messages as notes have them: a group's before its supergroup's."""
    return message_id - _GROUP_SHIFT if chat.migrated_to else message_id


def find_id(chat: Chat, place: int) -> int:
    """Return the message id of a `place_id`, which may lie outside of the ids that the chat can have."""
    return place + _GROUP_SHIFT if chat.migrated_to else place


def name_place(place: int) -> str:
    """Return the message id of a `place_id` as names have it: a group's with a g before it."""
    return str(place) if place > 0 else f"g{place + _GROUP_SHIFT}"


def find_part(starts: list[int], place: int) -> int:
    """Return the number, from 1, of the part that holds a `place_id`."""
    return max(1, bisect_right(starts, place))
