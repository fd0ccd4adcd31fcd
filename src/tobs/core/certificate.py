"""What `tobs verify` found: the document that a person can read, keep and hand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tobs.core.coverage import Extent, sum_extents
from tobs.core.fidelity import ChatFidelity
from tobs.core.ranges import Range
from tobs.core.report import KnownFrom, MediaTally, Tally

KEPT = 20
"""How many sentences, ids or ranges of one kind a certificate names; all are counted."""


@dataclass(slots=True)
class Findings:
    """Sentences about what is damaged: the first few, and the count of all."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, sentence: str) -> None:
        """Count one more, and keep its words while there is room."""
        self.count += 1
        if len(self.first) < KEPT:
            self.first.append(sentence)


@dataclass(slots=True)
class Account:
    """Where the ids of one chat stand, beside its Tally.

    `empty_looked_up` of the tally's empty ids were asked for one by one; the server left the others out
    of a list. `holes` are the unknown ids as ranges, the first few of `hole_count`; `unreadable` are the first
    few ids of messages that this version cannot read. `extent` says how much of the chat was asked for; `threads`
    are those of which more was asked for than of the chat. `messages` counts all that is stored, asked for or not.
    The account that looked last sees nothing up to `hidden_to`: ids there are hidden unless another one saw them. A
    repair kept the `unbacked` messages as it read them: the answer that they came in is lost.
    """

    asked: list[Range]
    tally: Tally
    extent: Extent = "whole"
    threads: list[int] = field(default_factory=list)
    messages: int = 0
    hidden_to: int = 0
    unbacked: int = 0
    empty_looked_up: int = 0
    holes: list[Range] = field(default_factory=list)
    hole_count: int = 0
    unreadable: list[int] = field(default_factory=list)
    first_date: int | None = None
    last_date: int | None = None


@dataclass(slots=True)
class Changes:
    """What became of the messages of one chat after they were first stored.

    `edited` messages have earlier versions, `deleted` ones a tombstone. All changes are known from
    `known_from` on, as of the run that began at `known_at` (UTC); None when no run ever swept to the end.
    """

    edited: int = 0
    deleted: int = 0
    known_from: KnownFrom | None = None
    known_at: str = ""


@dataclass(slots=True)
class Checked:
    """How much was compared with the answers that it came in, each answer decoded once.

    `skipped` answers are of a layer that this version of tobs does not read.
    """

    answers: int = 0
    messages: int = 0
    versions: int = 0
    skipped: int = 0


@dataclass(slots=True)
class NotesFound:
    """The notes of one chat, or those of no chat; paths are relative to the export folder.

    `changed` ones were edited by their owner, which is fine; `foreign` files stand where tobs would
    write and are not its own; what is `missing` or `outdated` is drawn again by `tobs render`.
    """

    intact: int = 0
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ProcessedFound:
    """What was made of media, each file compared with the hash of what was made.

    `changed` and `missing` ones are named and no fault: the originals are what counts, and `tobs export` makes anew what
    is not there.
    """

    intact: int = 0
    size_bytes: int = 0
    changed: Findings = field(default_factory=Findings)
    missing: Findings = field(default_factory=Findings)


@dataclass(slots=True)
class MediaFound:
    """The media of one chat, or those that all chats share, each compared with the hash of what was downloaded.

    `missing` names the copies that are not there; what is there and has changed is damage. `processed` is what was made of them. `tally` counts what the
    chat's messages carry, None where no export has downloaded any media yet.
    """

    intact: int = 0
    size_bytes: int = 0
    missing: Findings = field(default_factory=Findings)
    tally: MediaTally | None = None
    processed: ProcessedFound = field(default_factory=ProcessedFound)

    @property
    def is_complete(self) -> bool:
        """Tell whether every file that was chosen is there."""
        return not self.missing.count and (self.tally is None or self.tally.is_complete)


@dataclass(slots=True)
class Asked:
    """What Telegram said about one chat while it was verified.

    `server_count` is Telegram's own count of messages, which may be off. Of the `probed` ids, `found` are
    messages that its lists had left out; they are stored now. `unprobed` empty ids were not asked for.
    """

    server_count: int | None = None
    probed: int = 0
    found: list[int] = field(default_factory=list)
    unprobed: int = 0


@dataclass(slots=True)
class ChatCertificate:
    """One chat; `asked_server` only when Telegram was asked, `fidelity` only when it has files of its own.

    The notes of a group with `migrated_to` are those of the supergroup that it became.
    """

    id: int
    title: str
    kind: str
    account: Account
    changes: Changes = field(default_factory=Changes)
    checked: Checked = field(default_factory=Checked)
    damage: Findings = field(default_factory=Findings)
    notes: NotesFound = field(default_factory=NotesFound)
    media: MediaFound = field(default_factory=MediaFound)
    asked_server: Asked | None = None
    migrated_to: int = 0
    fidelity: ChatFidelity | None = None


Verdict: TypeAlias = Literal["complete", "part", "search", "none", "incomplete", "damaged"]
"""What the findings amount to.

damaged: something stored is not what it was. incomplete: something is missing of what was asked for. complete: nothing is
missing of any chat. part: nothing is missing of what was asked for, but that was not all of every chat, or the account cannot see it all. search: nothing
was asked for, there are only messages that a search found. none: there is not even that.
"""


@dataclass(slots=True)
class Certificate:
    """A whole export folder, or the chats of it that were named.

    `damage` is what concerns no single chat; `other_layers` names the client library that reads the
    answers which were skipped; `index` are the notes of no chat, and `media` those that all chats share, looked at when
    no chat is named.
    `last_run` and `verified_at` are UTC.
    """

    schema_version: int
    tobs_version: str
    verified_at: str
    last_run: str = ""
    exit_code: int = 0
    verdict: Verdict = "none"
    chats: list[ChatCertificate] = field(default_factory=list)
    damage: Findings = field(default_factory=Findings)
    index: NotesFound = field(default_factory=NotesFound)
    media: MediaFound = field(default_factory=MediaFound)
    other_layers: dict[int, str] = field(default_factory=dict)

    @property
    def is_damaged(self) -> bool:
        """Tell whether anything that is stored is not what it was."""
        return bool(self.damage.count or any(each.damage.count for each in self.chats))

    @property
    def extent(self) -> Extent:
        """How much of the chats together was asked for."""
        return sum_extents(each.account.extent for each in self.chats)

    @property
    def hidden(self) -> int:
        """How many ids asked for the account that looked last cannot see, and no other did."""
        return sum(each.account.tally.hidden for each in self.chats)

    @property
    def is_complete(self) -> bool:
        """Tell whether every id asked for is accounted for, and every note and file is there as the archive has it."""
        if not all(each.is_complete for each in (self.media, *(chat.media for chat in self.chats))):
            return False
        return all(
            each.account.tally.is_complete
            and not each.account.unbacked
            and not (each.asked_server and each.asked_server.found)
            for each in self.chats
        ) and not any(
            each.missing or each.outdated for each in (self.index, *(chat.notes for chat in self.chats))
        )
