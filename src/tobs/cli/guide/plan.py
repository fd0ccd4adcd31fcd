"""The answers of the guide, and the command that they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tobs.cli.tables import clean_text
from tobs.core.chatname import ChatName, NameKind, parse_chat_name
from tobs.core.request import ExportRequest, Selection, read_refresh
from tobs.core.span import parse_span
from tobs.errors import UsageError

if TYPE_CHECKING:
    from tobs.core.model import Chat
    from tobs.settings import Settings
    from tobs.telegram.dialogs import Dialog


@dataclass(frozen=True, slots=True)
class Plan:
    """An export as it was chosen so far; what is empty or None is not said, and then its default holds.

    `account` is the one to use where there are several, `rest` are further options as they stand on the command line.
    """

    chats: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    is_all: bool = False
    formats: tuple[str, ...] = ()
    media: str = ""
    max_size: int | None = None
    since: str = ""
    output: Path | None = None
    account: str = ""
    rest: tuple[str, ...] = ()

    def write(self) -> list[str]:
        """Return the arguments of `tobs`."""
        pairs = [
            *(("--folder", each) for each in self.folders),
            *(("--format", each) for each in self.formats),
            ("--media", self.media),
            ("--max-size", "" if self.max_size is None else str(self.max_size)),
            ("--since", self.since),
            ("-o", "" if self.output is None else str(self.output)),
            ("--account", self.account),
        ]
        options = [word for name, value in pairs if value for word in (name, value)]
        return ["export", *self.chats, *(["--all"] if self.is_all else []), *options, *self.rest]

    def as_request(self, settings: Settings) -> ExportRequest:
        """Return the same for a forecast."""
        from tobs.cli.media import make_choice

        settings = (
            settings if self.max_size is None else settings.model_copy(update={"max_size": self.max_size})
        )
        return ExportRequest(
            self.chats,
            self.output or settings.export_path,
            Selection(self.is_all, self.folders),
            parse_span(since=self.since or None),
            read_refresh(settings.refresh_window),
            media=make_choice(settings, [self.media] if self.media else None, None, None),
        )


def name_chat(chat: Chat | Dialog, others: Sequence[Chat | Dialog]) -> str:
    """Return what to call a chat on the command line: by username or title where that means no other one, else by id."""
    if chat.kind == "saved":
        return "me"
    if chat.username and _is_name(f"@{chat.username}", NameKind.USERNAME):
        return f"@{chat.username}"
    same = [each for each in others if each.title.casefold() == chat.title.casefold()]
    is_typable = clean_text(chat.title) == chat.title and not chat.title.startswith("-")
    if len(same) == 1 and is_typable and _is_name(chat.title, NameKind.TITLE):
        return chat.title
    return str(chat.id)


def _is_name(text: str, kind: NameKind) -> bool:
    """Tell whether a text is read as this kind of name, unchanged."""
    try:
        return parse_chat_name(text) == ChatName(kind, text.removeprefix("@"))
    except UsageError:
        return False
