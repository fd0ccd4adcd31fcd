"""`tobs search --rebuild`, wired: apart from the search itself, which needs nothing of Telegram's client."""

from __future__ import annotations

from pathlib import Path

from tobs.app.folder import open_folder
from tobs.archive.connect import find_archive
from tobs.settings import Settings


async def rebuild_index(settings: Settings, output: Path) -> int:
    """Make the index of words anew, and return of how many messages.

    Raises UsageError when there is no archive, and Busy while another tobs works in the folder.
    """
    find_archive(output)
    async with open_folder(output, settings) as opened:
        return await opened.archive.rebuild_index()
