"""What a person asked for: one frozen value, made once, that nothing below the CLI asks again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

KeepDeleted = Literal["mark", "hide"]
DAY_SECONDS = 86_400
EVERYTHING = 1 << 62


@dataclass(frozen=True, slots=True)
class Projection:
    """How messages become files: kept in the archive at first use (DESIGN section 5).

    `zone` is an IANA name; `part_size` is how many messages one note holds at most; `keep_deleted` says
    whether deleted messages are marked or hidden, `show_edits` whether earlier versions are shown.
    """

    zone: str = "UTC"
    part_size: int = 4000
    keep_deleted: KeepDeleted = "mark"
    show_edits: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """Which archived messages are read again: the last `messages`, or those of the last `seconds` if given."""

    messages: int = 1000
    seconds: int = 0

    @property
    def is_on(self) -> bool:
        """Tell whether anything is read again."""
        return self.messages > 0


def read_refresh(text: str) -> Refresh:
    """Return what `1000`, `7d`, `all` or `0` asks for. Raises ValueError for anything else."""
    if text == "all":
        return Refresh(EVERYTHING)
    if text.endswith("d") and int(text[:-1]):
        return Refresh(EVERYTHING, int(text[:-1]) * DAY_SECONDS)
    return Refresh(int(text.removesuffix("d")))


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """One `tobs export`: the chats as they were named, and where they go."""

    chats: tuple[str, ...]
    output: Path
    formats: tuple[str, ...] = field(default=("markdown",))
    refresh: Refresh = field(default=Refresh())


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """One `tobs verify`: no chat named means all of the folder.

    `probe_limit` is how many empty ids of each chat are looked up; 0 for none.
    """

    output: Path
    chats: tuple[str, ...] = ()
    is_online: bool = False
    probe_limit: int = 0
