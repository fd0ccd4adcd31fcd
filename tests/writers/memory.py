"""An archive that is only a list: what the writers' tests read from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tobs.core.model import Chat, Content, Counters, Message
from tobs.core.ports.reader import ChatSummary, Extent, FileState, Topic
from tobs.core.report import Tally


@dataclass
class MemoryReader:
    """Implements core.ports.reader.Reader over messages kept in memory, by chat."""

    stored: dict[tuple[int, int], list[Message]] = field(default_factory=dict)
    known_chats: list[Chat] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    usernames: dict[int, str] = field(default_factory=dict)
    known_topics: dict[int, Topic] = field(default_factory=dict)
    files: dict[int, FileState] = field(default_factory=dict)
    earlier: dict[int, list[Message]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    unreadable: list[tuple[int, int]] = field(default_factory=list)

    def add(self, chat: Chat, messages: Iterable[Message]) -> None:
        if chat not in self.known_chats:
            self.known_chats.append(chat)
        self.stored[chat.key] = sorted([*self._all(chat), *messages], key=lambda each: each.id)

    extent: Extent = field(default_factory=Extent)

    def chats(self) -> list[Chat]:
        return self.known_chats

    def drawn_chats(self) -> list[Chat]:
        full = [
            each for each in self.known_chats if any(map(self._all, self.halves(each))) or self.unreadable
        ]
        return [each for each in full if not each.migrated_to]

    def halves(self, chat: Chat) -> list[Chat]:
        return [*(each for each in self.known_chats if each.migrated_to == chat.id), chat]

    def find_move(self, chat: Chat) -> Message | None:
        kind = "chat_migrate_to" if chat.migrated_to else "channel_migrate_from"
        found = (each for each in self._all(chat) if each.content.action)
        return next(
            (each for each in found if each.content.action and each.content.action.kind == kind), None
        )

    def summary(self, chat: Chat) -> ChatSummary:
        found = [each for half in self.halves(chat) for each in self._all(half)]
        people = Counter(each.sender_id for each in found if each.sender_id and each.kind != "service")
        return ChatSummary(
            first_date=min((each.date for each in found), default=None),
            last_date=max((each.date for each in found), default=None),
            kinds=dict(Counter(each.kind for each in found)),
            people=sorted(people.items(), key=lambda each: (-each[1], each[0])),
            tally=self.tally,
            unreadable=self.unreadable,
        )

    def topics(self, chat: Chat) -> dict[int, Topic]:
        return self.known_topics

    def peer_name(self, peer_id: int) -> str:
        return self.names.get(peer_id, f"user {peer_id}")

    def peer_username(self, peer_id: int) -> str:
        return self.usernames.get(peer_id, "")

    def messages(
        self, chat: Chat, *, topic_id: int | None, start: int, end: int, ids: tuple[int, int] | None = None
    ) -> Iterator[Message]:
        low, high = ids or (0, 2**62)
        return (each for each in self._select(chat, topic_id, start, end) if low <= each.id <= high)

    def message(self, chat: Chat, message_id: int) -> Message | None:
        return next((each for each in self._all(chat) if each.id == message_id), None)

    def outside(self, chat: Chat, message_id: int) -> Message | None:
        return None

    def versions(self, chat: Chat, message_id: int) -> list[Message]:
        return self.earlier.get(message_id, [])

    def root_of(self, channel: Chat, post_id: int) -> int:
        return 0

    def post_of(self, group: Chat, message_id: int) -> int:
        return 0

    def album_first(self, chat: Chat, album_id: int) -> int:
        return self.album(chat, album_id)[0].id

    def album(self, chat: Chat, album_id: int) -> list[Message]:
        return [each for each in self._all(chat) if each.album_id == album_id]

    def days(self, chat: Chat, *, topic_id: int | None) -> dict[int, int]:
        found = self._select(chat, topic_id, -(2**62), 2**62)
        return dict(sorted(Counter(each.date // 86_400 for each in found).items()))

    def count(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> int:
        return len(self._select(chat, topic_id, start, end))

    def part_starts(
        self, chat: Chat, *, topic_id: int | None, start: int, end: int, size: int, before: int = 0
    ) -> list[int]:
        found = self._select(chat, topic_id, start, end)
        firsts: dict[int, int] = {}
        for each in found:
            if each.album_id:
                firsts.setdefault(each.album_id, each.id)
        return sorted({firsts.get(each.album_id or 0, each.id) for each in found[-before % size :: size]})

    def file_state(self, chat: Chat, file_kind: str, file_id: int) -> FileState:
        return self.files.get(file_id, FileState("wanted"))

    def _all(self, chat: Chat) -> list[Message]:
        return self.stored.get(chat.key, [])

    def _select(self, chat: Chat, topic_id: int | None, start: int, end: int) -> list[Message]:
        return [
            each for each in self._all(chat) if start <= each.date < end and topic_id in {None, each.topic_id}
        ]


def make_message(
    number: int,
    date: int,
    text: str = "",
    *,
    sender_id: int | None = 1,
    content: Content | None = None,
    counters: Counters | None = None,
    edit_date: int | None = None,
    topic_id: int | None = None,
    album_id: int | None = None,
    gone_at: float = 0,
) -> Message:
    """Return a message with its kind and reply found as the decoder finds them."""
    content = content or Content()
    kind = "service" if content.action else content.media.kind if content.media else "text"
    reply = content.reply
    return Message(
        number,
        date,
        edit_date,
        sender_id,
        topic_id,
        reply.to_id if reply and not reply.chat_id else None,
        album_id,
        "unsupported" if content.unsupported else kind,
        text,
        content,
        counters or Counters(),
        gone_at,
    )
