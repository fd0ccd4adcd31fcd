"""Who may read a file: what is private is made so again when somebody loosened it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def tighten(paths: Iterable[Path]) -> list[str]:
    """Take from everybody else what they may do with files and folders that are there; return a sentence for each that was open.

    Raises OSError. Does nothing where there are no such modes.
    """
    if os.name == "nt":
        return []
    return [said for each in paths if (said := _tighten(each))]


def _tighten(path: Path) -> str:
    if not path.exists():
        return ""
    mode = PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE
    found = path.stat().st_mode & 0o777
    if not found & ~mode:
        return ""
    path.chmod(mode)
    return f"{path} could be read by others ({found:o}); it is private again ({mode:o})."
