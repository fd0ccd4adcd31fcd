"""Protected chats and messages: under takeout their media are withheld (reported by users, not documented)."""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from telethon.tl import types

from tobs.simulator.logs import Log
from tobs.simulator.model import Chat
from tobs.simulator.raw import decoded

_NOFORWARDS = 1 << 26
"""The flag of `message` (core.telegram.org/constructor/message)."""

_WITHHELD = (types.MessageMediaPhoto, types.MessageMediaDocument)


def is_protected(chat: Chat) -> bool:
    """Say whether the content of a chat may not be saved (core.telegram.org/api/content-protection)."""
    return bool(getattr(chat.entity, "noforwards", None) or chat.protected)


class WithheldLog:
    """A log whose messages have lost their photos and files: all of a protected chat, else those protected themselves."""

    def __init__(self, log: Log, *, is_whole: bool) -> None:
        self._log = log
        self._is_whole = is_whole
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
        return b"".join(self._show(self._log.page(rank, rank + 1)) for rank in range(high - 1, low - 1, -1))

    def _show(self, data: bytes) -> bytes:
        return _stripped(data) if self._is_whole or _is_sealed(data) else data


def _is_sealed(data: bytes) -> bool:
    """Say whether a message may not be saved by its own flag, without decoding it."""
    number, flags = struct.unpack_from("<II", data)
    return number == types.Message.CONSTRUCTOR_ID and bool(flags & _NOFORWARDS)


def _stripped(data: bytes) -> bytes:
    message = decoded(data)
    if not isinstance(getattr(message, "media", None), _WITHHELD):
        return data
    message.media = None
    return bytes(message)
