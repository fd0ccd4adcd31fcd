"""What project remembers: which notes are out of date, and which files are ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tobs.core.fidelity import Omissions
from tobs.core.model import Chat


@dataclass(slots=True)
class Placed:
    """A file that tobs wrote: the hash on disk, and the hash that was about to be written.

    `partition` is one of the format's, or ABOUT or INDEX.
    """

    path: str
    format: str
    account: int
    chat_id: int
    partition: str
    on_disk: str
    pending: str
    peers: frozenset[int]


class Ledger(Protocol):
    """What project remembers in the archive: which days are stale, and which files are ours."""

    async def stale_days(self, chat: Chat) -> list[tuple[int | None, int]]:
        """Return (topic id, UTC day) pairs whose messages changed since they were last rendered."""
        ...

    async def stale_marks(self, chat: Chat) -> dict[tuple[int | None, int], int]:
        """Return the same pairs, each with the mark it got last."""
        ...

    async def give_mark(self) -> int:
        """Return a mark above all that were given: what becomes stale from now on has a higher one."""
        ...

    async def clear_stale(self, chat: Chat, days: list[tuple[int | None, int]]) -> None:
        """Forget these pairs: their files are on disk.

        A pair that became stale again after the last `stale_days` of the chat stays.
        """
        ...

    async def stale_partitions(self, chat: Chat | None) -> list[str]:
        """Return the keys of partitions that show a name which changed since (None: of no chat)."""
        ...

    async def clear_partitions(self, chat: Chat | None, keys: list[str]) -> None:
        """Forget these partitions, as `clear_stale` forgets days."""
        ...

    async def mark_linking(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> None:
        """Mark the days of messages that answer one with `start` ≤ date < `end` (UTC seconds) stale.

        For when the parts of a partition moved, so that links into it name another file.
        """
        ...

    async def mark_crossing(self, chat: Chat, other: Chat) -> None:
        """Mark the days of the chat's messages stale that point at the other chat.

        For when messages of the group that a supergroup was changed or moved; those of one chat that
        answer each other are known without it.
        """
        ...

    async def reserve_topics(self, chat: Chat) -> None:
        """Give every topic of the chat that has none a basename, in the order of their ids.

        To be called before the first render of a run, when all pages are in: given earlier, names would
        depend on which page came first.
        """
        ...

    async def placed(self, chat: Chat | None) -> list[Placed]:
        """Return the files written for a chat, or those that belong to no chat."""
        ...

    async def expect_file(self, placed: Placed) -> None:
        """Commit that a file is about to be written (durable when this returns)."""
        ...

    async def confirm_file(self, placed: Placed) -> None:
        """Commit that the file stands on disk."""
        ...

    async def omissions(self, chat: Chat, format_: str) -> Omissions:
        """Return what a format does not show of a chat, over all partitions."""
        ...

    async def keep_omissions(self, chat: Chat, format_: str, partition: str, omissions: Omissions) -> None:
        """Remember what a format does not show of a partition, in the place of what was remembered."""
        ...

    async def forget_omissions(self, chat: Chat, format_: str) -> None:
        """Forget what a format does not show of a chat: it is not drawn any more."""
        ...

    async def forget_file(self, path: str) -> None:
        """Drop a file that no longer exists."""
        ...
