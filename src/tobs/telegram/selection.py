"""Chats chosen from the account's list: all of them, those of folders, those of a type."""

from __future__ import annotations

from dataclasses import dataclass, field

from tobs.core.request import Selection
from tobs.errors import ChatNotFound
from tobs.telegram.client import Client
from tobs.telegram.dialogs import Listed
from tobs.telegram.directory import Directory
from tobs.telegram.folders import Folder, Mutes, choose_folders, list_folders


@dataclass(slots=True)
class Selected:
    """What was chosen, in the order of the list; `missing` and `notes` as in core.request.ListedChats."""

    lines: list[Listed] = field(default_factory=list)
    missing: list[ChatNotFound] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def select_dialogs(
    client: Client, directory: Directory, selection: Selection, *, account: int, now: float
) -> Selected:
    """Return the chats that are meant; `now` (UTC seconds) decides what is muted.

    The folders are asked for only when some are named, and no list is read when none of them exists.
    """
    chosen = Selected()
    folders: list[Folder] = []
    if selection.folders:
        folders, chosen.missing = await choose_folders(client, account, selection.folders)
        if not folders:
            return chosen
    listed = await directory.read_list()
    mutes = Mutes(client, now)
    for line in listed:
        is_of_type = not selection.types or line.dialog.kind in selection.types
        if is_of_type and (not selection.folders or await _is_in(line, folders, mutes)):
            chosen.lines.append(line)
    here = {line.dialog.id for line in listed}
    chosen.notes = [
        f"The folder {each.title} has a chat that is not in your list any more (id {marked})."
        for each in folders
        for marked in sorted(each.included - here)
    ]
    return chosen


async def name_folders(
    client: Client, lines: list[Listed], *, account: int, now: float
) -> list[tuple[str, ...]]:
    """Return for each line of the list the titles of the folders that it is in, in the order of the folders."""
    folders, mutes = await list_folders(client, account), Mutes(client, now)
    return [tuple([each.title for each in folders if await _is_in(line, [each], mutes)]) for line in lines]


async def _is_in(line: Listed, folders: list[Folder], mutes: Mutes) -> bool:
    for folder in folders:
        if not folder.holds(line, is_muted=False):
            continue
        # Asked only where it decides.
        if folder.holds(line, is_muted=True) or not await mutes.is_muted(line):
            return True
    return False
