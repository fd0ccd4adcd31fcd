"""What repairing an archive adds to the other protocols."""

from __future__ import annotations

from typing import Protocol

from tobs.core.model import Chat, Decoded, MessageRow
from tobs.core.ports.proof import StoredAnswer, Taken
from tobs.core.repair import Quarantined, TableSalvage


class Rebuild(Protocol):
    """An archive that is put together anew beside a damaged one. For one thread at a time.

    Nothing of the damaged one changes before `finish`. Any of them raises DiskFull, or Damaged when nothing helps.
    """

    quarantine_folder: str
    """Where what cannot be read is put, as the person at the screen finds it below `.tobs`."""

    strangers: int
    """How many rows name a chat that there is not; known once `salvage` is done."""

    def salvage(self) -> list[TableSalvage]:
        """Copy what can be read, and return what came of each table."""
        ...

    def chats(self) -> dict[tuple[int, int], Chat]:
        """Return all chats by their keys."""
        ...

    def restored_chats(self) -> list[Chat]:
        """Return the chats of which only the messages were left."""
        ...

    @property
    def needs_replay(self) -> bool:
        """Whether answers have anything to say that is not there."""
        ...

    def last_answer(self) -> int:
        """Return the highest id of an answer, 0 when there is none."""
        ...

    def answers(self, *, after: int, limit: int) -> list[StoredAnswer]:
        """Return the next answers of all chats, unpacked, in the order in which they were stored."""
        ...

    def quarantine(self, answer: StoredAnswer, reason: str) -> Quarantined:
        """Put an answer aside that cannot be read; what was read of it before stays."""
        ...

    def taken(self, answer: StoredAnswer) -> Taken:
        """Return what stands as that answer's content."""
        ...

    def find_absent(self, chat_key: tuple[int, int], ids: list[int]) -> list[int]:
        """Return which of these ids have no message."""
        ...

    def find_unbacked(self, chat_key: tuple[int, int], ids: set[int]) -> set[int]:
        """Return which of these messages rest on an answer that cannot be read."""
        ...

    def is_legible(self, row: MessageRow) -> bool:
        """Tell whether a message as it was read can be shown."""
        ...

    def is_whole(self, table: str) -> bool:
        """Tell whether all rows of a table were read."""
        ...

    def note_wrong(self, chat_key: tuple[int, int], ids: set[int]) -> None:
        """Note messages that are to be written anew."""
        ...

    def forget(self) -> int:
        """Take away the messages noted, to be written anew; return how many there are to be."""
        ...

    def replay(self, answer: StoredAnswer, decoded: Decoded) -> None:
        """Write anew what an answer says of those messages, and what else only it can say."""
        ...

    def complete(self) -> int:
        """Give every row what it needs in other tables; return how many messages no answer backs."""
        ...

    def uncover(self, quarantined: list[Quarantined]) -> list[Chat]:
        """Return the chats of which something is to be asked for again, and forget that it is covered."""
        ...

    def finish(self) -> str:
        """Check the new archive, make it durable, and put it in the place of the damaged one; return what that is called now."""
        ...
