"""Opening what was exported with the program that the computer has for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

_PATIENCE_SECONDS = 5
"""How long an opener may think; what runs longer has become the program itself."""


def find_entry(output: Path) -> str:
    """Return what to open of an export folder: the address for Obsidian if it lies in one of its vaults, else the pages, else itself."""
    from tobs.app.vaults import link_to

    if link := link_to(output / "Chats.md"):
        return link
    pages = output / "Chats.html"
    return str((pages if pages.is_file() else output).absolute())


def open_outside(target: str) -> bool:
    """Open a path or an address with the computer's own opener, and tell whether that went well."""
    opener = shutil.which({"darwin": "open", "win32": "explorer"}.get(sys.platform, "xdg-open"))
    if opener is None:
        return False
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - what is opened is a path or an address of ours
        [opener, target], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        # Windows' explorer ends with 1 whatever it did.
        return process.wait(_PATIENCE_SECONDS) == 0 or sys.platform == "win32"
    except subprocess.TimeoutExpired:
        return True
