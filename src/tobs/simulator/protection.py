"""Protected chats: under takeout their media are withheld, as the service does (reported by users, not documented)."""

from collections.abc import Callable, Sequence
from typing import Any

from telethon.tl import types

from tobs.simulator.logs import Log
from tobs.simulator.model import Chat
from tobs.simulator.raw import decoded

_WITHHELD = (types.MessageMediaPhoto, types.MessageMediaDocument)


def is_protected(chat: Chat) -> bool:
    """Say whether the content of a chat may not be saved (core.telegram.org/api/content-protection)."""
    return bool(getattr(chat.entity, "noforwards", None) or chat.protected)


class WithheldLog:
    """A log whose messages have lost their photos and files."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.id_at = log.id_at
        self.date_at = log.date_at
        self.rank_of = log.rank_of
        self.rank_of_date = log.rank_of_date
        self.peers = log.peers
        self.topics = log.topics

    def __len__(self) -> int:
        return len(self._log)

    def matching(self, test: Callable[[Any], bool]) -> Sequence[int]:
        """Return the ranks of the messages that pass the test, ascending; it sees the media that are withheld."""
        return self._log.matching(test)

    def page(self, low: int, high: int) -> bytes:
        """Return the encodings of ranks low…high-1, the newest first."""
        return b"".join(_stripped(self._log.page(rank, rank + 1)) for rank in range(high - 1, low - 1, -1))


def _stripped(data: bytes) -> bytes:
    message = decoded(data)
    if not isinstance(getattr(message, "media", None), _WITHHELD):
        return data
    message.media = None
    return bytes(message)
