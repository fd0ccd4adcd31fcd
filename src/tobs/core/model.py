"""What a message is, once it is out of Telegram's own types.

Content and counters are records (core/record.py) of plain values: the archive stores them as JSON without their
defaults, which anything reads.

Ids of chats and people are marked ids (core/ids.py), dates are UTC seconds. What `other` holds is said in
core/media.py, where the records inside of a message are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as column
from typing import NamedTuple

import msgspec
from msgspec import field

from tobs.core.media import FILE_KINDS, Button, Entity, File, Media, Page, Values
from tobs.core.record import Record


class Reply(Record):
    """What a message answers.

    `chat_id` is 0 for the same chat; `top_id` is the thread's first message; `quote` the words that
    the sender picked, with their own entities, from `quote_offset` on; `is_quote` is False for words that
    Telegram chose. `story_id` when a story is answered, `task_id` for one entry of a to-do list, `poll_option` (hex)
    for one answer of a poll. What is answered in another chat brings its `origin` and `media` along.
    """

    to_id: int = 0
    chat_id: int = 0
    top_id: int = 0
    is_topic: bool = False
    quote: str = ""
    entities: list[Entity] = field(default_factory=list)
    story_id: int = 0
    is_quote: bool = False
    quote_offset: int = 0
    task_id: int = 0
    poll_option: str = ""
    origin: Forward | None = None
    media: Media | None = None
    other: Values = field(default_factory=dict)


class Forward(Record):
    """Where a forwarded message comes from: a peer, or only a name when the origin hides itself.

    The `saved_` fields say where it stood when it was forwarded or saved, and by whom and when it was sent there;
    `is_imported` from another app, `psa` the sort of a public service announcement.
    """

    date: int
    from_id: int = 0
    name: str = ""
    post_id: int = 0
    author: str = ""
    saved_chat_id: int = 0
    saved_id: int = 0
    saved_from_id: int = 0
    saved_name: str = ""
    saved_date: int = 0
    is_imported: bool = False
    psa: str = ""
    other: Values = field(default_factory=dict)


class Action(Record):
    """What a service message says: `kind` in snake case without `messageAction`, and its values as in `other`."""

    kind: str
    values: Values = field(default_factory=dict)


class Content(Record):
    """What makes a message this message: a change here is an edit, and makes a version.

    `keyboard` is what `buttons` are: empty for buttons below the message, else `keyboard`, `keyboard_hide` or
    `force_reply`. `effect_id` is the animation that was sent with it, `paid_stars` what its sender paid for
    sending it, `ttl_seconds` after how long it disappears.
    """

    entities: list[Entity] = field(default_factory=list)
    media: Media | None = None
    reply: Reply | None = None
    forward: Forward | None = None
    action: Action | None = None
    via_bot_id: int = 0
    author: str = ""
    buttons: list[list[Button]] = field(default_factory=list)
    is_silent: bool = False
    is_protected: bool = False
    is_edit_hidden: bool = False
    unsupported: str = ""
    page: Page | None = None
    keyboard: str = ""
    effect_id: int = 0
    paid_stars: int = 0
    ttl_seconds: int = 0
    via_business_bot_id: int = 0
    other: Values = field(default_factory=dict)

    def list_files(self) -> Iterator[tuple[Media, File]]:
        """Yield what is bytes: the medium's, those of a rich message, and what a live photo moves by."""
        media = [self.media] if self.media else []
        if self.page:
            media += [each.media for each in self.page.list_blocks() if each.media] + self.page.media
        while media:
            each = media.pop(0)
            media[:0] = each.items
            if each.kind == "photo" and each.clip:
                media.insert(0, each.clip)
            if each.file and each.kind in FILE_KINDS:
                yield each, each.file


class Reaction(Record):
    """One kind of reaction: an emoji, `custom:<document id>` or `paid`, and how often.

    `order` is the place of an own one among one's own.
    """

    emoji: str
    count: int
    is_own: bool = False
    order: int = 0


class Reactor(Record):
    """Somebody who reacted: with what and when, or for how many Stars (`count`); 0 is somebody unnamed."""

    peer_id: int = 0
    emoji: str = ""
    date: int = 0
    count: int = 0
    is_own: bool = False
    is_big: bool = False
    other: Values = field(default_factory=dict)


class PollResult(Record):
    """Votes for one answer, named by its option bytes in hex; `recent` are some of who gave them."""

    option: str
    voters: int
    is_own: bool = False
    is_correct: bool = False
    recent: list[int] = field(default_factory=list)


class FactCheck(Record):
    """What checkers wrote below a message, and for which country."""

    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    country: str = ""
    other: Values = field(default_factory=dict)


class Suggestion(Record):
    """What a suggested post costs, when it is to appear, and whether that was agreed on."""

    is_accepted: bool = False
    is_rejected: bool = False
    amount: int = 0
    currency: str = ""
    date: int = 0
    other: Values = field(default_factory=dict)


class Counters(Record):
    """What changes without being an edit; the newest state replaces the older one.

    `reactors` are some of those who reacted, `top_reactors` who paid most for it; `rank` the title that the sender
    has in the chat now; `qualities` the smaller copies that Telegram has made of a video. `other` mirrors the
    message: `{"media": {"story": {"views": …}}}` (telegram/fields.py lists what goes here, and why).
    """

    views: int = 0
    forwards: int = 0
    replies: int = 0
    reactions: list[Reaction] = field(default_factory=list)
    is_pinned: bool = False
    voters: int = 0
    poll: list[PollResult] = field(default_factory=list)
    reactors: list[Reactor] = field(default_factory=list)
    top_reactors: list[Reactor] = field(default_factory=list)
    rank: str = ""
    fact_check: FactCheck | None = None
    suggestion: Suggestion | None = None
    qualities: list[Media] = field(default_factory=list)
    other: Values = field(default_factory=dict)


NO_CONTENT, NO_COUNTERS = Content(), Counters()
"""What plain texts out of the archive hold, one for all of them: nobody may change it."""


class MessageRow(NamedTuple):
    """One message as it goes into the archive: columns only, `content` and `counters` as JSON text."""

    id: int
    date: int
    edit_date: int | None
    sender_id: int | None
    topic_id: int | None
    reply_to_id: int | None
    album_id: int | None
    kind: str
    text: str
    content: str
    counters: str

    def settled(self) -> MessageRow:
        """Return the row without what moves by itself: counters, and the topic when a group becomes a forum."""
        return self._replace(topic_id=None, counters="")


class Message(Record):
    """One message as it comes out of the archive, for whoever renders it.

    `kind` is `text`, one of MEDIA_KINDS, `service`, `unsupported` or `withheld` (Telegram left out its medium,
    and there was nothing else in it); `sender_id` is None where
    Telegram names nobody; `reply_to_id` only for the same chat; `gone_at` is when it was noticed that
    the message is deleted (UTC seconds), 0 while it is there.
    """

    id: int
    date: int
    edit_date: int | None
    sender_id: int | None
    topic_id: int | None
    reply_to_id: int | None
    album_id: int | None
    kind: str
    text: str
    content: Content
    counters: Counters
    gone_at: float = 0


class PeerRow(NamedTuple):
    """A person or chat as an answer of the server showed it.

    `is_min` objects know less than full ones and never overwrite them
    (https://core.telegram.org/api/min).
    """

    id: int
    kind: str
    name: str
    username: str
    is_min: bool = False
    is_deleted: bool = False
    is_bot: bool = False
    is_protected: bool = False


class TopicRow(NamedTuple):
    """What was said about a topic, as of some message; an empty title and None mean that nothing was said.

    That is the message that said it, or the topic's newest one when it was told beside messages (`is_told`: then nothing
    that this message said comes after it). `is_missing`: Telegram has no topic with this id (any more).
    """

    id: int
    title: str
    as_of: int
    is_closed: bool | None = None
    is_hidden: bool | None = None
    is_missing: bool = False
    is_told: bool = False


class RootRow(NamedTuple):
    """A message of a discussion group that repeats a post of its channel: comments stand below it."""

    message_id: int
    channel_id: int
    post_id: int


class ThreadRow(NamedTuple):
    """A message that answers another than the first one of its thread."""

    root_id: int
    message_id: int


class WantRow(NamedTuple):
    """A message that carries a file: `file_kind` and `file_id` name the bytes, `media_kind` the choice."""

    message_id: int
    file_kind: str
    file_id: int
    media_kind: str
    size_bytes: int
    mime: str
    name: str


@dataclass(slots=True)
class Decoded:
    """What one answer of the server holds, as rows.

    `lowest` and `highest` are over all ids listed, empty ones included, or None when there is none;
    `total` is the server's own count for the chat, or None where it gives none; `size_bytes` is how
    much of the raw answer was read, since what follows is padding; `empty` are the ids that the answer
    names as holding no message. `is_cut`: it goes on with a message that this version cannot read, and what
    stands behind it is not known; `unreadable` is that one's id, or None when not even that can be read;
    `pts` is the state of the channel that the answer shows, None elsewhere. `is_foreign`: it lists messages of another
    chat than the one that was asked about.
    """

    rows: list[MessageRow]
    peers: list[PeerRow]
    topics: list[TopicRow]
    wants: list[WantRow]
    lowest: int | None
    highest: int | None
    total: int | None
    size_bytes: int
    empty: list[int] = column(default_factory=list)
    is_cut: bool = False
    unreadable: int | None = None
    pts: int | None = None
    roots: list[RootRow] = column(default_factory=list)
    threads: list[ThreadRow] = column(default_factory=list)
    is_foreign: bool = False

    def __reduce__(self) -> tuple[Callable[[bytes], Decoded], tuple[bytes]]:
        """Sent from another process it is msgpack: to pickle each row takes four times as long."""
        return _unpack_decoded, (_encoder.encode(self),)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Decoded)


def _unpack_decoded(packed: bytes) -> Decoded:
    return _decoder.decode(packed)


GENERAL_TOPIC = 1
"""The topic of a forum's messages that name none (https://core.telegram.org/api/forum)."""


@dataclass(slots=True)
class Chat:
    """One chat as the archive and the writers know it.

    `account` is 0 for channels (core/ids.py); `basename` is given once, when the chat is first
    exported, and names its folder and notes for ever; `kind` is `saved`, `private`, `bot`, `group`,
    `supergroup`, `forum` or `channel`. A supergroup may have been a basic group before, which is another
    chat: `migrated_from` is that one's marked id, 0 for none, None as long as nobody asked. The group's
    `migrated_to` is the supergroup in whose notes its messages stand; it has no basename of its own.
    `discussion_id` is the group in which a channel's posts are commented on, 0 while none is known; `parent` the
    basename of the channel below which such a group is drawn, empty for a chat with a folder of its own.
    """

    account: int
    id: int
    kind: str
    title: str
    username: str = ""
    basename: str = ""
    migrated_from: int | None = None
    migrated_to: int = 0
    discussion_id: int = 0
    parent: str = ""

    @property
    def label(self) -> str:
        """The title as lists of chats say it: a group and the supergroup that it became share theirs."""
        return f"{self.title} (before it became a supergroup)" if self.migrated_to else self.title

    @property
    def main_topic(self) -> int:
        """The topic of messages that name none: General in a forum, one's own notes in Saved Messages.

        0 for a chat that has no topics. The lists of Saved Messages are topics by the marked id of the chat
        that their messages came from.
        """
        if self.kind == "forum":
            return GENERAL_TOPIC
        return self.id if self.kind == "saved" else 0

    @property
    def folder(self) -> str:
        """The folder of its notes, below the export folder."""
        return f"{self.parent}/comments" if self.parent else self.basename

    @property
    def key(self) -> tuple[int, int]:
        """The archive's key: account and marked id."""
        return (self.account, self.id)
