"""Types that no client knows yet, in answers that are otherwise as they should be: a server is ahead of its clients."""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from telethon.tl import types

from tobs.simulator.bends import Bend
from tobs.simulator.logs import Log
from tobs.simulator.raw import Encoded, decoded

UNKNOWN = 0x7EA7EA01
"""A constructor that no layer has."""

_NUMBER = struct.pack("<I", UNKNOWN)
_FIELDS = Encoded(_NUMBER + b"\x07\0\0\0what a later layer would say\0\0\0\0")


class StrangeLog:
    """A log in which some messages hold, or are, something of an unknown type."""

    def __init__(self, log: Log, bend: Bend) -> None:
        self._log = log
        self._bend = bend
        self.id_at = log.id_at
        self.date_at = log.date_at
        self.rank_of = log.rank_of
        self.rank_of_date = log.rank_of_date
        self.peers = log.peers
        self.topics = log.topics

    def __len__(self) -> int:
        return len(self._log)

    def matching(self, test: Callable[[Any], bool]) -> Sequence[int]:
        """Return the ranks of the messages that pass the test, ascending; it sees what the server knows."""
        return self._log.matching(test)

    def page(self, low: int, high: int) -> bytes:
        """Return the encodings of ranks low…high-1, the newest first."""
        return b"".join(self._show(rank) for rank in range(high - 1, low - 1, -1))

    def _show(self, rank: int) -> bytes:
        data, message_id = self._log.page(rank, rank + 1), self._log.id_at(rank)
        if message_id in self._bend.strange_messages:
            return make_strange(data)
        return _put_into(data) if message_id in self._bend.strange_parts else data


def make_strange(data: bytes) -> bytes:
    """Return an object under an unknown constructor."""
    return _NUMBER + data[4:]


def _put_into(data: bytes) -> bytes:
    """Return a message with a medium, or a service message with an action, of an unknown type."""
    message = decoded(data)
    setattr(message, "action" if isinstance(message, types.MessageService) else "media", _FIELDS)
    return bytes(message)
