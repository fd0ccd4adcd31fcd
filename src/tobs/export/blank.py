"""The memory of a folder that has none: it is drawn once, and then belongs to whoever asked for it."""

from __future__ import annotations

from tobs.core.fidelity import Omissions
from tobs.core.model import Chat
from tobs.core.ports.ledger import Placed


class BlankLedger:
    """Implements core.ports.ledger.Ledger: nothing is stale, and nothing was written before."""

    def __init__(self) -> None:
        self._omissions: dict[tuple[tuple[int, int], str], Omissions] = {}

    async def stale_days(self, _chat: Chat) -> list[tuple[int | None, int]]:
        """Return no day."""
        return []

    async def stale_marks(self, _chat: Chat) -> dict[tuple[int | None, int], int]:
        """Return no day."""
        return {}

    async def give_mark(self) -> int:
        """Return any number: there are no marks."""
        return 0

    async def clear_stale(self, chat: Chat, days: list[tuple[int | None, int]]) -> None:
        """Do nothing."""

    async def stale_partitions(self, _chat: Chat | None) -> list[str]:
        """Return no partition."""
        return []

    async def clear_partitions(self, chat: Chat | None, keys: list[str]) -> None:
        """Do nothing."""

    async def mark_linking(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> None:
        """Do nothing: no part has stood elsewhere before."""

    async def mark_crossing(self, chat: Chat, other: Chat) -> None:
        """Do nothing."""

    async def reserve_topics(self, chat: Chat) -> None:
        """Do nothing: a topic without a basename goes by its number."""

    async def placed(self, _chat: Chat | None) -> list[Placed]:
        """Return no file."""
        return []

    async def expect_file(self, placed: Placed) -> None:
        """Do nothing: what a kill leaves behind is not taken up again."""

    async def confirm_file(self, placed: Placed) -> None:
        """Do nothing."""

    async def omissions(self, chat: Chat, format_: str) -> Omissions:
        """Return what was found of the chat so far."""
        return self._omissions.get((chat.key, format_), Omissions())

    async def keep_omissions(self, chat: Chat, format_: str, _partition: str, omissions: Omissions) -> None:
        """Add what a partition, which is drawn once, does not show."""
        self._omissions.setdefault((chat.key, format_), Omissions()).add(omissions)

    async def forget_omissions(self, chat: Chat, format_: str) -> None:
        """Do nothing."""

    async def forget_file(self, path: str) -> None:
        """Do nothing."""
