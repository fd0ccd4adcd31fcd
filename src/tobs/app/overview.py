"""What there is to choose from: the chats and folders of the account, and what an export folder has of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs.app.connection import Connection, connect_account
from tobs.archive.connect import archive_path
from tobs.archive.known import KnownChat, KnownFolder, read_known
from tobs.core.ids import is_channel
from tobs.core.request import ARCHIVE_FOLDER, Selection
from tobs.settings import Settings
from tobs.telegram.dialogs import Dialog, Listed
from tobs.telegram.folders import list_folders
from tobs.telegram.selection import name_folders


@dataclass(frozen=True, slots=True)
class Overview:
    """The chats of an account in the order of its list, and the titles of its folders; `account` is its id."""

    account: int
    chats: tuple[Dialog, ...]
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A chat of the list, the folders that it is in, and what the export folder has of it, None for nothing.

    `last_at` is when its newest message was sent (UTC seconds), None where nobody knows. `new` is how many messages came
    since then, at most: ids of messages that are deleted count, too. None: nobody knows, or nothing was exported;
    `has_new` tells at least whether there is any.
    """

    dialog: Dialog
    folders: tuple[str, ...]
    is_archived: bool
    last_at: int | None
    exported: KnownChat | None = None
    new: int | None = None
    has_new: bool = False


async def look_over(settings: Settings) -> Overview:
    """Return what the account could export. Raises what a connection raises."""
    async with _connect(settings) as line:
        account = line.source.account_id
        listed = await line.directory.read_list()
        titles = [each.title for each in await list_folders(line.client, account)]
    has_archived = any(each.is_archived for each in listed)
    folders = [each for each in titles if each != ARCHIVE_FOLDER or has_archived]
    return Overview(account, tuple(each.dialog for each in listed), tuple(dict.fromkeys(folders)))


def look_into(output: Path) -> KnownFolder:
    """Return what an export folder has, nothing when it is none yet. Raises ForeignFolder, NewerArchive, Damaged or Busy."""
    return read_known(archive_path(output))


async def list_chats(settings: Settings, selection: Selection) -> list[ChatLine]:
    """Return the chats of the account that are meant, as the server orders them, beside what the export folder has.

    Raises ChatNotFound when it has no such folder, and what `look_into` and a connection raise.
    """
    clock = SystemClock()
    known = {each.chat.key: each for each in look_into(settings.export_path).chats}
    async with _connect(settings) as line:
        account = line.source.account_id
        found = await line.source.select(selection)
        if found.missing:
            raise found.missing[0]
        folders = await name_folders(line.client, found.lines, account=account, now=clock.now())
    return [
        _compare(each, titles, known.get(each.dialog.as_chat(account).key))
        for each, titles in zip(found.lines, folders, strict=True)
    ]


def _compare(line: Listed, folders: tuple[str, ...], known: KnownChat | None) -> ChatLine:
    above = max(0, line.top - known.top) if known else 0
    # Channels and supergroups count their messages; those of all other chats of an account share one row of ids.
    is_counted = known is not None and (is_channel(line.dialog.id) or not above)
    return ChatLine(
        line.dialog, folders, line.is_archived, line.date, known, above if is_counted else None, above > 0
    )


@asynccontextmanager
async def _connect(settings: Settings) -> AsyncIterator[Connection]:

    def ignore(_event: object) -> None:
        """Waits are short here, and nobody watches."""

    async with connect_account(settings, SystemClock(), ignore) as line:
        yield line
