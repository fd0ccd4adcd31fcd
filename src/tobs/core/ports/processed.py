"""Processed pictures and videos: what makes them, and the memory of what was made, so that nothing is made twice.

A content (SHA-256) is processed once under certain options. The file that comes of it stands beside each copy of the
original (core/ports/media.py), named after it. Paths are below the export folder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeAlias

from tobs.core.model import Chat
from tobs.core.processing import ProcessKind


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no result. `is_lasting`: the file itself is the reason, so trying again is of no use."""

    reason: str
    is_lasting: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """There is no result because the original is what one wants, or, if not `is_lasting`, as long as the tool is missing."""

    reason: str
    is_lasting: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A file stands at the target; `way` says by what it was made."""

    size_bytes: int
    way: str


Outcome: TypeAlias = Made | Kept | Failed
"""How work on one file ends: failures are values with a reason, since one bad file never stops a run."""


class Recipe(NamedTuple):
    """What files of one kind become: the options in one form, and how the names of results end."""

    options: str
    ending: str


class Maker(Protocol):
    """Makes processed files; one for a run."""

    def describe(self, kind: ProcessKind) -> Recipe:
        """Return what files of a kind become."""
        ...

    async def process(self, source: Path, kind: ProcessKind, target: Path, *, sha256: str) -> Outcome:
        """Write what comes of the source, which has this hash, to the target, which appears whole or not at all.

        One bad file raises nothing; DiskFull and ForeignFolder are raised.
        """
        ...


class Original(NamedTuple):
    """A medium in its place; `sent_as` are the kinds of media and MIME types under which messages carry it."""

    path: str
    account: int
    chat_id: int
    sha256: str
    size_bytes: int
    sent_as: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class ProcessedCopy:
    """One result beside one copy of its original, which stands at `original` in the folder of a chat, or the shared one.

    `sha256` is the original's, `result` that of these bytes; `ending` is how their name ends behind the original's. `previous` is where it
    stands as long as it is about to be moved from there.
    """

    path: str
    original: str
    account: int
    chat_id: int
    sha256: str
    options: str
    ending: str
    result: str
    size_bytes: int
    is_placed: bool = False
    previous: str = ""


@dataclass(slots=True)
class Known:
    """What came of one content under certain options.

    `made`: `result` is the SHA-256 of it, and `copies` say where it stands. `kept`: the original is what one wants. `failed`: the content
    cannot be processed. For the last two `reason` says why.
    """

    state: Literal["made", "kept", "failed"]
    reason: str = ""
    copies: list[ProcessedCopy] = field(default_factory=list)


class Stray(NamedTuple):
    """A result that is not settled beside its original, and the path, account and chat of the copy that it belongs to, if any."""

    copy: ProcessedCopy
    home: tuple[str, int, int] | None


ContentKey: TypeAlias = tuple[str, str]
"""SHA-256 (hex) of an original, and the options under which it is processed."""


class ProcessedLedger(Protocol):
    """What the archive knows of processed files: pending ones first, so that a kill at any time is mended by the next run."""

    async def count_originals(self, chats: Sequence[Chat], *, is_shared: bool) -> int:
        """Count the media in the folders of these chats, or in the shared one."""
        ...

    async def list_originals(
        self, chats: Sequence[Chat], *, is_shared: bool, after: str = ""
    ) -> list[Original]:
        """Return the next media by path in the folders of these chats, or in the shared one; none when there are no more.

        They are sent as messages of these chats, and of the groups they were, carry them: not at all, for some of the shared ones.
        """
        ...

    async def find_known(self, keys: Collection[ContentKey]) -> dict[ContentKey, Known]:
        """Return what is known of those contents of which anything is."""
        ...

    async def note_refused(self, key: ContentKey, outcome: Kept | Failed) -> None:
        """Remember why there is no result, unless there is one."""
        ...

    async def expect_copy(self, wanted: ProcessedCopy, avoid: Collection[str]) -> ProcessedCopy | None:
        """Commit where a result is about to stand, under the next free name (durable when this returns).

        None of `avoid` is free: what was expected there met something that is not ours. None when another result has the
        place beside this original.
        """
        ...

    async def confirm_copy(self, copy: ProcessedCopy) -> None:
        """Commit that a result stands in its place."""
        ...

    async def drop_copy(self, copy: ProcessedCopy) -> None:
        """Forget a result that is gone; a content of which none is left may be processed again."""
        ...

    async def list_strays(self) -> list[Stray]:
        """Return some results that are not settled beside their originals; none when all are."""
        ...
