"""What there is to choose from: the chats and folders of the account, and what an export folder has of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs.app.connection import connect_account
from tobs.archive.connect import archive_path
from tobs.archive.known import KnownFolder, read_known
from tobs.core.request import ARCHIVE_FOLDER
from tobs.settings import Settings
from tobs.telegram.dialogs import Dialog
from tobs.telegram.folders import list_titles


@dataclass(frozen=True, slots=True)
class Overview:
    """The chats of an account in the order of its list, and the titles of its folders; `account` is its id."""

    account: int
    chats: tuple[Dialog, ...]
    folders: tuple[str, ...]


async def look_over(settings: Settings) -> Overview:
    """Return what the account could export. Raises what a connection raises."""

    def ignore(_event: object) -> None:
        """Waits are short here, and nobody watches."""

    async with connect_account(settings, SystemClock(), ignore) as line:
        account = line.source.account_id
        listed = await line.directory.read_list()
        titles = await list_titles(line.client, account)
    has_archived = any(each.is_archived for each in listed)
    folders = [each for each in titles if each != ARCHIVE_FOLDER or has_archived]
    return Overview(account, tuple(each.dialog for each in listed), tuple(dict.fromkeys(folders)))


def look_into(output: Path) -> KnownFolder:
    """Return what an export folder has, nothing when it is none yet. Raises ForeignFolder, NewerArchive, Damaged or Busy."""
    return read_known(archive_path(output))
