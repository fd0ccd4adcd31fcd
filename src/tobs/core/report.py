"""What a run did, as it stands in the run file and is summed up on the screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

TakeoutUse: TypeAlias = Literal["unused", "delayed", "used"]
"""Whether a run went through a takeout; `delayed`: Telegram wanted the person to allow it, or to wait."""


@dataclass(slots=True)
class Tally:
    """The ids of the ranges ever asked for of one chat, each counted once (DESIGN section 6).

    `stored` + `empty` + `unknown` + `unreadable` is the number of ids asked for.
    """

    stored: int = 0
    empty: int = 0
    unknown: int = 0
    unreadable: int = 0

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is missing that could be there."""
        return not self.unknown and not self.unreadable


@dataclass(slots=True)
class AskedRange:
    """The ids from `low` to `high` of one chat, as this run asked for them.

    `is_part`: not the whole chat was wanted. `since` and `until` are the local dates that were named, empty
    when none was.
    """

    low: int
    high: int
    is_part: bool = False
    since: str = ""
    until: str = ""


@dataclass(slots=True)
class KnownFrom:
    """The oldest message down to which every change is known: all from `id` on was read.

    `date` is in UTC seconds; None when that is the whole chat.
    """

    id: int
    date: int | None = None


@dataclass(slots=True)
class ChatReport:
    """One chat in one run; `error` is empty when it went well, `exit_code` what it alone would give.

    `asked` is None while nothing was asked for: the chat has no message, or none in the range.
    `edited` are archived messages whose content changed, `deleted` those noticed to be gone.
    `changes_known_from` is None when archived messages were not read again to the end. `account` and `id`
    are the archive's key.
    """

    id: int
    title: str
    new: int = 0
    edited: int = 0
    deleted: int = 0
    same: int = 0
    pages: int = 0
    total: int | None = None
    asked: AskedRange | None = None
    tally: Tally = field(default_factory=Tally)
    changes_known_from: KnownFrom | None = None
    is_interrupted: bool = False
    error: str = ""
    exit_code: int = 0
    account: int = 0


@dataclass(slots=True)
class RenderReport:
    """What project did to the folder; paths are relative to the export folder.

    `kept` are files that their owner changed, `foreign` files that tobs did not write and that stand
    where it would write.
    """

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    unchanged: int = 0


@dataclass(slots=True)
class RunReport:
    """The whole run."""

    schema_version: int
    tobs_version: str
    start_time: str
    duration_s: float = 0
    exit_code: int = 0
    chats: list[ChatReport] = field(default_factory=list)
    render: RenderReport = field(default_factory=RenderReport)
    requests: dict[str, int] = field(default_factory=dict)
    takeout: TakeoutUse = "unused"
    error: str = ""
