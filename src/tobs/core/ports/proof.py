"""The protocols that proving an archive adds to the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tobs.core.certificate import Account, Changes
from tobs.core.model import Chat, Decoded, MessageRow
from tobs.core.ports.archive import CommitResult
from tobs.core.ports.ledger import Placed
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range
from tobs.core.report import MediaTally


@dataclass(slots=True)
class StoredAnswer:
    """One answer of the server as the archive keeps it.

    `low` and `high` are the ids that it lists. `raw` is empty when it cannot be unpacked, and `damage`
    says why.
    """

    id: int
    chat_key: tuple[int, int]
    layer: int
    low: int | None
    high: int | None
    raw: bytes = b""
    damage: str = ""


@dataclass(slots=True)
class Taken:
    """What the archive holds as the content of one answer.

    `wants` are (message id, file kind, file id) of those messages, however they came to be there.
    """

    rows: list[MessageRow]
    versions: list[MessageRow]
    wants: set[tuple[int, str, int]]


class StoredCopy(NamedTuple):
    """A file of media as it should stand in the export folder: its path, and what was downloaded, or made of that."""

    path: str
    sha256: str
    size_bytes: int


class Checks(Protocol):
    """Questions that prove an archive; nothing is written. For one thread at a time.

    Any of them raises Damaged when the file itself cannot be read.
    """

    def find_damage(self) -> Iterator[str]:
        """Yield what is wrong with the file as a whole, as sentences without a full stop."""
        ...

    def chats(self) -> list[Chat]:
        """Return all chats, in the order in which they were first exported."""
        ...

    def account(self, chat: Chat) -> Account:
        """Return where the ids of a chat stand."""
        ...

    def changes(self, chat: Chat) -> Changes:
        """Return how many messages were edited or deleted, and down to where that is known."""
        ...

    def find_unproved(self, chat: Chat) -> Iterator[str]:
        """Yield the messages and versions whose answer is not there, or cannot be the one they came in."""
        ...

    def last_answer(self) -> int:
        """Return the highest id of an answer, 0 when there is none."""
        ...

    def answers(self, chats: list[Chat], *, after: int, limit: int) -> list[StoredAnswer]:
        """Return the next answers of these chats, unpacked, in the order in which they were stored."""
        ...

    def taken(self, answer: StoredAnswer) -> Taken:
        """Return what the archive holds as that answer's content."""
        ...

    def find_absent(self, chat_key: tuple[int, int], ids: list[int]) -> list[int]:
        """Return which of these ids have no message in the archive."""
        ...

    def list_empty(self, chat: Chat) -> Iterator[int]:
        """Yield the empty ids that nobody looked up yet, newest first."""
        ...

    def placed(self, chat: Chat | None) -> list[Placed]:
        """Return the files written for a chat, or those that belong to no chat."""
        ...

    def copies(self, chat: Chat | None, after: str) -> list[StoredCopy]:
        """Return the next files of media by path that stand in a chat's folder, or in that of all."""
        ...

    def processed(self, chat: Chat | None, after: str) -> list[StoredCopy]:
        """Return the next processed files by path that stand beside those."""
        ...

    def media(self, chat: Chat) -> MediaTally | None:
        """Count the files that messages of a chat, or of the group it was, carry; None when none were ever chosen."""
        ...

    def library(self, layer: int) -> str:
        """Return which client library knows a layer, or an empty string."""
        ...


class Lookup(Protocol):
    """Where single messages are looked up: an account at a Telegram server."""

    account_id: int

    async def find_chat(self, name: str) -> Chat:
        """Return the chat that goes by this name, as `Source` does."""
        ...

    async def fetch_by_id(self, chat: Chat, ids: list[int]) -> RawPage:
        """Return the answer for at most 100 ids, as `Source` does."""
        ...

    async def find_hidden(self, chat: Chat) -> int:
        """Return up to which id the account sees nothing of a supergroup, as `Source` does."""
        ...

    async def count_messages(self, chat: Chat) -> int:
        """Return how many messages Telegram counts in the chat."""
        ...


class Prover(Protocol):
    """The write side of the truth, as far as looking single ids up needs it."""

    async def commit_page(self, page: RawPage, decoded: Decoded, covers: Range | None) -> CommitResult:
        """Store a page as `Archive` does."""
        ...

    async def note_looked_up(self, chat: Chat, ids: Range, at: float) -> None:
        """Remember that each of these ids was asked for by itself, and is empty."""
        ...
