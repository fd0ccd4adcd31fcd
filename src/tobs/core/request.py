"""What a person asked for: one frozen value, made once, that nothing below the CLI asks again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tobs.core.chatname import Spot
from tobs.core.choice import MediaChoice
from tobs.core.filters import Filter
from tobs.core.model import Chat
from tobs.core.span import Span
from tobs.errors import TobsError

KeepDeleted = Literal["mark", "hide"]
FormatName = Literal["markdown", "json", "jsonl", "html"]
FlavorName = Literal["obsidian", "commonmark"]
LayoutName = Literal["month", "day", "year", "post", "single"]
MediaLayoutName = Literal["per-chat", "shared"]
DAY_SECONDS = 86_400

EVERYTHING = 1 << 62


@dataclass(frozen=True, slots=True)
class Projection:
    """How messages become files: kept in the archive at first use (DESIGN section 5).

    `zone` is an IANA name; `part_size` is how many messages one note holds at most; `keep_deleted` says
    whether deleted messages are marked or hidden, `show_edits` whether earlier versions are shown, `comments`
    whether channels come with what is said below their posts; `formats` are names of formats (writers/registry.py);
    `layout` is what one note holds, `flavor` for which readers it is written; `media_layout` says whether each chat's
    folder has its own copy of a medium.
    """

    zone: str = "UTC"
    part_size: int = 4000
    keep_deleted: KeepDeleted = "mark"
    show_edits: bool = False
    comments: bool = False
    formats: tuple[str, ...] = ("markdown",)
    layout: LayoutName = "month"
    flavor: FlavorName = "obsidian"
    media_layout: MediaLayoutName = "per-chat"


@dataclass(frozen=True, slots=True)
class Refresh:
    """Which archived messages are read again: the last `messages`, or those of the last `seconds` if given.

    `is_asked`: a person said so for this run; else it is done only where Telegram does not tell what changed.
    """

    messages: int = 1000
    seconds: int = 0
    is_asked: bool = False

    @property
    def is_on(self) -> bool:
        """Tell whether anything is read again."""
        return self.messages > 0


def read_refresh(text: str, *, is_asked: bool = False) -> Refresh:
    """Return what `1000`, `7d`, `all` or `0` asks for. Raises ValueError for anything else."""
    if text == "all":
        return Refresh(EVERYTHING, is_asked=is_asked)
    if text.endswith("d") and int(text[:-1]):
        return Refresh(EVERYTHING, int(text[:-1]) * DAY_SECONDS, is_asked)
    return Refresh(int(text.removesuffix("d")), is_asked=is_asked)


CHAT_TYPES = ("private", "bot", "group", "supergroup", "forum", "channel", "saved")
"""What a chat can be; `Chat.kind` is one of these."""

ARCHIVE_FOLDER = "Archive"
"""The name under which Telegram's archive of chats can be chosen like a folder."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which chats of the account's list are meant, beside those named one by one.

    A chat must be in one of the folders, if any are given, and of one of the types, if any are given. `excluded`
    are names in any form; they leave out chats that were named, too.
    """

    is_all: bool = False
    folders: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def needs_list(self) -> bool:
        """Tell whether anything of the list is asked for."""
        return self.is_all or bool(self.folders or self.types)


@dataclass(slots=True)
class ListedChats:
    """Chats chosen from the account's list, in its order.

    `missing` says which folders do not exist, `notes` which chats of a folder are not in the list any more.
    """

    chats: list[Chat]
    missing: list[TobsError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """One `tobs export`: the chats as named or chosen from the list, what part of each, and where they go.

    With `spots` these places of the one chat that is named are meant, and not the chat as a whole.
    """

    chats: tuple[str, ...]
    output: Path
    selection: Selection = field(default=Selection())
    span: Span = field(default=Span())
    refresh: Refresh = field(default=Refresh())
    filter: Filter = field(default=Filter())
    spots: tuple[Spot, ...] = ()
    media: MediaChoice = field(default=MediaChoice(kinds=()))


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One `tobs render`: no chat named means all of the folder.

    With `to` a part of the archive, or all of it, is drawn into that folder, and the export folder stays as it is;
    `span` limits only that. `timezone` is kept by the export folder otherwise, `overwrite` replaces what its owner changed.
    """

    output: Path
    chats: tuple[str, ...] = ()
    span: Span = field(default=Span())
    to: Path | None = None
    timezone: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """One `tobs verify`: no chat named means all of the folder.

    `probe_limit` is how many empty ids of each chat are looked up; 0 for none.
    """

    output: Path
    chats: tuple[str, ...] = ()
    is_online: bool = False
    probe_limit: int = 0
