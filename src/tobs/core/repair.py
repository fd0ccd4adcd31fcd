"""What `tobs archive repair` found and did: the document that a person or a program reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from tobs.core.certificate import Findings


@dataclass(slots=True)
class TableSalvage:
    """One table: the rows that could be read. `is_torn`: part of it could not; `refused` rows hold what none can."""

    name: str
    rows: int = 0
    refused: int = 0
    is_torn: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether every row was read."""
        return not self.is_torn and not self.refused


@dataclass(slots=True)
class Quarantined:
    """An answer of Telegram that cannot be read: the chat and the ids that it listed, and why."""

    answer: int
    account: int
    chat_id: int
    low: int | None
    high: int | None
    reason: str


@dataclass(slots=True)
class RepairReport:
    """A repaired archive.

    `damage` is what was wrong with it; `messages` is how many were written anew from the answers that they came in, and
    `kept` how many stand as they were read, without an answer that proves them. The `strangers`
    are rows of which nobody knows whose chat they are from. What is known of the chats in
    `uncovered` is to be asked for again. `damaged_copy` is the file as it was, relative to the export folder, and
    `quarantine` the folder of what cannot be read.
    """

    schema_version: int = 1
    is_sound: bool = False
    damage: Findings = field(default_factory=Findings)
    tables: list[TableSalvage] = field(default_factory=list)
    answers: int = 0
    messages: int = 0
    kept: int = 0
    strangers: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)
    restored_chats: list[str] = field(default_factory=list)
    damaged_copy: str = ""
    quarantine: str = ""
    exit_code: int = 0
