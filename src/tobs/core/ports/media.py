"""Media on this side of the network: what is known of each file, its bytes while they come, and where they stand.

A file (FileKey) is what Telegram names; a content (SHA-256) is what it turned out to be, and is stored once in each
chat's folder, or once at all. Paths are below the export folder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from tobs.core.choice import MediaChoice
from tobs.core.model import Chat
from tobs.core.ports.files import FileKey, Origin, PartHash
from tobs.core.ranges import Range
from tobs.core.report import MediaTally

Proof = Literal["size", "hashes"]
"""By what a file was found to be the server's: its size, or its size and the server's hash of every part."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file that is to be downloaded; `size_bytes` is as Telegram announced it, 0 where it did not.

    `origins` are a few of the messages that carry it, newest first: of the chats that were asked about, without what is
    deleted or may not be saved. `tries` counts the times that it failed.
    """

    key: FileKey
    media_kinds: tuple[str, ...]
    size_bytes: int
    mime: str
    name: str
    origins: tuple[Origin, ...] = ()
    tries: int = 0


class StoredContent(NamedTuple):
    """Bytes that are here already: `path` is where a copy stands, empty while it is the partial file of one of `keys`."""

    sha256: str
    path: str
    keys: tuple[FileKey, ...]


class MediaLedger(Protocol):
    """What the archive knows of files. Each call is one transaction; notes that show otherwise become stale."""

    async def keep_choice(self, choice: MediaChoice) -> None:
        """Remember what is chosen now: notes name it as the reason for what is not here."""
        ...

    def list_wanted(
        self, chats: Sequence[Chat], choice: MediaChoice, *, now: float
    ) -> AsyncIterator[WantedFile]:
        """Yield the files that messages of these chats, and of the groups they were, want and the choice takes.

        Those that failed come when their time has come; `now` is when the run began, so that none comes twice in a run.
        What becomes wanted meanwhile may be left out: ask again. Memory does not grow with their number.
        """
        ...

    async def note_done(self, key: FileKey, sha256: str, size_bytes: int, proof: Proof) -> None:
        """Remember what a file's bytes are: its partial file is whole, or the same bytes are stored already."""
        ...

    async def note_failed(self, key: FileKey, reason: str, *, at: float, is_lasting: bool = False) -> None:
        """Remember why a file could not be had; `is_lasting`: it is of no use to try again soon."""
        ...

    async def note_withheld(self, key: FileKey) -> None:
        """Remember that Telegram does not let this file be saved."""
        ...

    async def find_same(self, size_bytes: int) -> list[StoredContent]:
        """Return the contents of this size that are stored, for whoever can compare hashes with the server's."""
        ...

    async def find_needed(self, keys: Collection[FileKey]) -> set[FileKey]:
        """Return those whose partial files are still of use: wanted, or whole and not yet placed anywhere."""
        ...

    async def tally(self, chats: Sequence[Chat]) -> MediaTally:
        """Count the files of these chats, and of the groups they were, by what became of them under the choice kept."""
        ...


@dataclass(slots=True)
class Copy:
    """One content in one chat's folder, or in the shared one (account and chat 0).

    `previous` is where it stands as long as it is about to be moved from there; `is_fixed`: its name is final.
    """

    path: str
    account: int
    chat_id: int
    sha256: str
    is_placed: bool = False
    is_fixed: bool = False
    previous: str = ""


class Claim(NamedTuple):
    """The message that a content is named after, and as what it was sent.

    `place` is its id, with a g before it in the basic group that a supergroup was. `date` is in UTC seconds.
    """

    chat: Chat
    place: str
    date: int
    media_kind: str
    mime: str
    name: str


@dataclass(slots=True)
class Unshelved:
    """A content that has no final place yet in a chat's folder or the shared one.

    `claims` are the lowest message's files up to this one, which is the last: those before may have taken its name.
    `is_final`: no file that is still to come can be this content in a lower message. `copy` is its place so far, `others` are the paths of further
    copies, `keys` the files that it is.
    """

    sha256: str
    size_bytes: int
    claims: list[Claim]
    is_final: bool
    copy: Copy | None
    others: list[str] = field(default_factory=list)
    keys: list[FileKey] = field(default_factory=list)


class ShelfLedger(Protocol):
    """What the archive knows of copies: pending ones first, so that a kill at any time is mended by the next run."""

    async def list_copies(self, *, after: str = "") -> list[Copy]:
        """Return the next placed copies by path; none when there are no more."""
        ...

    async def list_unshelved(self, chat: Chat, *, is_shared: bool, after: str = "") -> list[Unshelved]:
        """Return the next contents of a chat by SHA-256 that have no final place yet; none when there are no more."""
        ...

    async def expect_copies(self, copies: list[Copy], avoid: Collection[str]) -> list[Copy]:
        """Commit where copies are about to stand, each under the next free name (durable when this returns).

        None of `avoid` is free: something stands there that is not ours.
        """
        ...

    async def is_whole(self, chats: Collection[Chat]) -> bool:
        """Tell whether every id that was asked for of these chats, and of the groups they were, is known."""
        ...

    async def confirm_copies(self, copies: list[Copy], chat: Chat, settled: list[str]) -> None:
        """Commit that copies stand in their places, and which contents are settled for good in the chat."""
        ...

    async def drop_copies(self, copies: Collection[Copy]) -> None:
        """Forget copies that are gone; a content that has none left is wanted again."""
        ...

    async def reshelve(self, *, is_shared: bool) -> None:
        """Have the contents placed anew that stand as the other layout has it."""
        ...

    async def list_misplaced(self, *, is_shared: bool) -> list[Copy]:
        """Return some of the copies that stand as the other layout has it, of contents that have a right one, too."""
        ...


class Finished(NamedTuple):
    """A partial file that is whole."""

    sha256: str
    size_bytes: int


class Partial(Protocol):
    """One file while its parts come, in any order; what was written survives a kill. Close it in any case."""

    def missing(self, part_bytes: int) -> list[Range]:
        """Return what is not here yet as ranges of offsets, cut at the multiples of `part_bytes`."""
        ...

    async def write(self, offset: int, part: bytes) -> None:
        """Store a part. Raises DiskFull."""
        ...

    async def find_bad(self, hashes: Sequence[PartHash]) -> list[PartHash]:
        """Return the parts whose bytes are not what the server says; they are missing again."""
        ...

    async def finish(self) -> Finished:
        """Return what the whole file is, once no part is missing (durable when this returns)."""
        ...

    async def close(self) -> None:
        """Make durable what was written, and close the file."""
        ...


class MediaStore(Protocol):
    """Where the bytes of files grow, and how much room they have."""

    async def open(self, key: FileKey, size_bytes: int) -> Partial:
        """Return the partial file as a run before left it, or a new one. Raises DiskFull when it has no room."""
        ...

    async def ensure_space(self, size_bytes: int) -> None:
        """Raise DiskFull unless so much more fits beside what is being downloaded and what must stay free."""
        ...

    async def matches(self, content: StoredContent, hashes: Sequence[PartHash]) -> bool:
        """Tell whether these parts of the stored bytes are what the server's hashes say of another file."""
        ...

    def find_whole(self, key: FileKey) -> Path:
        """Return where a file's partial file is, if there is one."""
        ...

    async def discard(self, keys: Collection[FileKey]) -> None:
        """Remove partial files."""
        ...


class Transfer(Protocol):
    """Places the same bytes a second time."""

    async def place(self, source: Path, target: Path) -> object:
        """Make `target`, which is not there yet, a file with the bytes of `source` (durable when this returns).

        Its folder is there. Whatever is raised, nothing half written stands at the target. Raises DiskFull or ForeignFolder.
        """
        ...
