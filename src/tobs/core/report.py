"""What a run did, as it stands in the run file and is summed up on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tobs.core.fidelity import ChatFidelity
from tobs.core.metrics import RunMetrics

SHOWN_UNREADABLE = 20
"""How many ids of messages that cannot be read are named; all are counted."""

TakeoutUse: TypeAlias = Literal["unused", "delayed", "used"]
"""Whether a run went through a takeout; `delayed`: Telegram wanted the person to allow it, or to wait."""


@dataclass(slots=True)
class Tally:
    """The ids of the ranges ever asked for of one chat, each counted once (DESIGN section 6).

    `stored` + `empty` + `unknown` + `unreadable` + `hidden` is the number of ids asked for. A message of which an
    earlier state is stored, but the latest cannot be read, is unreadable. What is hidden this account cannot see.
    """

    stored: int = 0
    empty: int = 0
    unknown: int = 0
    unreadable: int = 0
    hidden: int = 0

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is missing that could be there for this account."""
        return not self.unknown and not self.unreadable


def sum_tallies(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of several chats, or halves of one, together."""
    found = Tally()
    for each in tallies:
        found.stored += each.stored
        found.empty += each.empty
        found.unknown += each.unknown
        found.unreadable += each.unreadable
        found.hidden += each.hidden
    return found


@dataclass(slots=True)
class MediaTally:
    """The files that messages of some chats carry, each counted once.

    `failed` counts by reason. `wanted` ones will be downloaded, `not_selected` and `too_large` ones are left out by
    choice, `withheld` ones Telegram does not let be saved: none of the three is missing.
    """

    done: int = 0
    done_bytes: int = 0
    wanted: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    withheld: int = 0
    not_selected: int = 0
    too_large: int = 0

    @property
    def is_complete(self) -> bool:
        """Tell whether every file that was chosen is here."""
        return not self.wanted and not self.failed


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
class Searched:
    """What a search of one chat found: `found` messages by these senders (their names) and of these kinds; empty: any.

    It proves nothing about the rest of the chat. `is_whole`: the search came to its end.
    """

    senders: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    found: int = 0
    is_whole: bool = False


@dataclass(slots=True)
class KnownFrom:
    """The oldest message down to which every change is known.

    `date` is in UTC seconds; None for all that is stored, and where no message has the id.
    """

    id: int
    date: int | None = None


Followed = Literal["", "begun", "applied", "too long", "unreadable", "skipped", "failed"]
"""How it went with Telegram's difference since the last run.

"": it was not asked for. begun: the state was taken from which the next run goes on. applied: what is stored was
brought up to date by it. too long: Telegram does not tell it any more. unreadable: it has something in it of
a type that this version does not know, so that it is given up. skipped: Telegram asked to wait for it.
failed: there was no answer of use.
"""


@dataclass(slots=True)
class ChatReport:
    """One chat in one run; `error` is empty when it went well, `exit_code` what it alone would give.

    A group that nobody can read any more has an `error` and no exit code: the run did all that can be done.

    `asked` is None while nothing was asked for: the chat has no message, or none in the range, or was only
    searched; then `searched` says for what.
    `left_out` says why nothing of a group was asked for: the range is of its supergroup alone.
    `edited` are archived messages whose content changed, `deleted` those noticed to be gone.
    `changes_known_from` is None when it is not known down to where: neither by a difference nor by reading
    archived messages again to the end. `fetch_seconds` is from the first request until the last page was
    committed, waits included. `account` and `id` are the archive's key. `unreadable` are the first ids of
    messages that this version cannot read.
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
    fetch_seconds: float = 0
    is_interrupted: bool = False
    error: str = ""
    exit_code: int = 0
    account: int = 0
    unreadable: list[int] = field(default_factory=list)
    searched: Searched | None = None
    left_out: str = ""
    difference: Followed = ""
    media: MediaTally = field(default_factory=MediaTally)


@dataclass(slots=True)
class ChangedChat:
    """A chat that this run did not name, and in which the account's difference changed something."""

    id: int
    title: str
    edited: int = 0
    deleted: int = 0


@dataclass(slots=True)
class AccountReport:
    """The private chats and basic groups of one account, of which one difference tells."""

    id: int = 0
    difference: Followed = ""
    also_changed: list[ChangedChat] = field(default_factory=list)


@dataclass(slots=True)
class RenderReport:
    """What project did to the folder; paths are relative to the export folder.

    `kept` are files that their owner changed, with the new version beside each, `left` those that are drawn
    no more because their messages stand elsewhere now, `foreign` files that tobs did not write and that stand
    where it would write.
    """

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    unchanged: int = 0

    def add(self, later: RenderReport) -> None:
        """Take in what was done afterwards."""
        for mine, theirs in (
            (self.written, later.written),
            (self.removed, later.removed),
            (self.kept, later.kept),
            (self.left, later.left),
            (self.foreign, later.foreign),
        ):
            mine[:] = dict.fromkeys((*mine, *theirs))
        self.unchanged += later.unchanged


@dataclass(slots=True)
class ProcessReport:
    """What became of the pictures and videos that `--process` asked for.

    `made` were processed in this run, `copied` got what was made of the same bytes before, beside another copy; of
    those in `there` it stands since an earlier run. `kept` and `failed` count by reason, whichever run found it; their originals are all that there is.
    """

    made: int = 0
    made_bytes: int = 0
    copied: int = 0
    there: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    is_interrupted: bool = False


@dataclass(slots=True)
class CacheUse:
    """What one cache did in a run, and what it holds at the end.

    Only lookups that would have sent a request, or run a program, count as hits and misses. `expirations` found too
    old a value, which may have served all the same. `api_calls` were sent for what was not there, and of these
    `api_failures` brought nothing.
    """

    hits: int = 0
    misses: int = 0
    hit_rate_pct: float = 0
    evictions: int = 0
    expirations: int = 0
    entries: int = 0
    size_mb: float = 0
    api_calls: int = 0
    api_failures: int = 0


@dataclass(slots=True)
class RunReport:
    """The whole run; `account` is None when no private chat or basic group is in the archive.

    `fidelity` is about the chats of the run as far as they have files; `processed` is None when nothing was to be processed,
    `metrics` when they are switched off. `caches` has each cache that was open in the run, by name.
    """

    schema_version: int
    tobs_version: str
    start_time: str
    duration_s: float = 0
    exit_code: int = 0
    chats: list[ChatReport] = field(default_factory=list)
    account: AccountReport | None = None
    render: RenderReport = field(default_factory=RenderReport)
    requests: dict[str, int] = field(default_factory=dict)
    takeout: TakeoutUse = "unused"
    error: str = ""
    fidelity: list[ChatFidelity] = field(default_factory=list)
    processed: ProcessReport | None = None
    caches: dict[str, CacheUse] = field(default_factory=dict)
    metrics: RunMetrics | None = None
