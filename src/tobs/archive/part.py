"""A part of an archive, read as if there was no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tobs.archive.read import ArchiveReader
from tobs.core.model import Chat, Message
from tobs.core.ports.reader import Extent, FileState
from tobs.core.request import DAY_SECONDS


class PartReader(ArchiveReader):
    """Implements core.ports.reader.Reader over the chats and dates of `extent`.

    An album of which some members lie outside begins with the first one inside. Files stay in the export folder.
    """

    def __init__(self, path: Path, extent: Extent, *, is_still: bool = False) -> None:
        """Raises what ArchiveReader raises."""
        super().__init__(path, is_still=is_still)
        self.extent = extent

    def __reduce__(self) -> tuple[Callable[..., ArchiveReader], tuple[object, ...]]:
        """Sent to another process, it reads the same part of the same file there."""
        return _reader_of, (self._path, self.extent, self._is_still)

    def chats(self) -> list[Chat]:
        """Return the chats of the part."""
        return [
            each for each in super().chats() if self.extent.chats is None or each.key in self.extent.chats
        ]

    def drawn_chats(self) -> list[Chat]:
        """Return the chats of the part that have files."""
        return [
            each
            for each in super().drawn_chats()
            if self.extent.chats is None or each.key in self.extent.chats
        ]

    def find_move(self, chat: Chat) -> Message | None:
        """Return the message with which a basic group ends, or its supergroup begins, if the part has it."""
        return self._keep(super().find_move(chat))

    def messages(
        self, chat: Chat, *, topic_id: int | None, start: int, end: int, ids: tuple[int, int] | None = None
    ) -> Iterator[Message]:
        """Yield messages of the part with `start` ≤ date < `end` (UTC seconds) in id order."""
        start, end = self.extent.clip(start, end)
        return super().messages(chat, topic_id=topic_id, start=start, end=end, ids=ids)

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """Return one message, or None when the part does not have it."""
        return self._keep(super().message(chat, message_id))

    def outside(self, chat: Chat, message_id: int) -> Message | None:
        """Return a message that the archive has, but not this part of it."""
        found = super().message(chat, message_id)
        return None if self._keep(found) else found

    def album_first(self, chat: Chat, album_id: int) -> int:
        """Return the lowest id of an album's members in the part, 0 when there is none."""
        return next((each.id for each in self.album(chat, album_id)), 0)

    def album(self, chat: Chat, album_id: int) -> list[Message]:
        """Return an album's members in the part in id order."""
        return [each for each in super().album(chat, album_id) if self._keep(each)]

    def days(self, chat: Chat, *, topic_id: int | None) -> dict[int, int]:
        """Return how many messages of the part each UTC day (date // 86400) has, earliest first."""
        found = {}
        for day, messages in super().days(chat, topic_id=topic_id).items():
            whole = (day * DAY_SECONDS, (day + 1) * DAY_SECONDS)
            start, end = self.extent.clip(*whole)
            if (start, end) != whole:
                messages = self.count(chat, topic_id=topic_id, start=start, end=end)  # noqa: PLW2901 - of the part
            if messages:
                found[day] = messages
        return found

    def count(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> int:
        """Return how many messages `messages` would yield."""
        start, end = self.extent.clip(start, end)
        return super().count(chat, topic_id=topic_id, start=start, end=end)

    def part_starts(
        self, chat: Chat, *, topic_id: int | None, start: int, end: int, size: int, before: int = 0
    ) -> list[int]:
        """Return the first id of every part of `size` messages of the part, by rank in id order within the dates."""
        start, end = self.extent.clip(start, end)
        return super().part_starts(chat, topic_id=topic_id, start=start, end=end, size=size, before=before)

    def file_state(self, chat: Chat, file_kind: str, file_id: int) -> FileState:
        """Return why a file's bytes are not here: a part has none."""
        state = super().file_state(chat, file_kind, file_id)
        return FileState("left", "in the export folder only") if state.path else state

    def _keep(self, message: Message | None) -> Message | None:
        return message if message and self.extent.start <= message.date < self.extent.end else None


@cache
def _reader_of(path: Path, extent: Extent, is_still: bool) -> PartReader:
    """Return a reader of this part that is kept open as long as this process, a worker's, lives."""
    return PartReader(path, extent, is_still=is_still)
