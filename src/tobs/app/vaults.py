"""The Obsidian vaults of this computer: those that Obsidian lists, and those near by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from platformdirs import user_config_dir

_MARK = ".obsidian"
"""The folder that makes a folder a vault (https://help.obsidian.md/configuration-folder)."""
_HOMES = (
    ".var/app/md.obsidian.Obsidian/config/obsidian",
    "snap/obsidian/current/.config/obsidian",
)
"""Where Obsidian keeps its list when a sandbox holds it."""
_MOST = 4


def list_vaults() -> list[Path]:
    """Return a few vaults: the one around the current folder, those that Obsidian lists, those in the usual places."""
    here = Path.cwd()
    around = find_vault(here)
    usual = [here, Path.home(), Path.home() / "Documents", Path.home() / "Obsidian"]
    near = (each.parent for folder in usual for each in _glob(folder))
    found = dict.fromkeys([*([around] if around else []), *list_opened(), *near])
    return [*found][:_MOST]


def find_vault(folder: Path) -> Path | None:
    """Return the vault that a folder, which need not exist yet, is or lies in."""
    folder = folder.absolute()
    return next((each for each in (folder, *folder.parents) if (each / _MARK).is_dir()), None)


def list_opened() -> list[Path]:
    """Return the vaults that Obsidian has opened here, the last one first; none where Obsidian is not known."""
    places = [Path(user_config_dir("obsidian", appauthor=False, roaming=True))]
    places += [Path.home() / each for each in _HOMES]
    found: dict[Path, float] = {}
    for each in places:
        found |= _read_list(each / "obsidian.json")
    standing = [each for each in found if (each / _MARK).is_dir()]
    return sorted(standing, key=lambda each: -found[each])


def link_to(note: Path) -> str:
    """Return the address that opens a note in Obsidian, empty when it lies in no vault that Obsidian has opened.

    Obsidian answers the address of any other file with an error (https://help.obsidian.md/Extending+Obsidian/Obsidian+URI).
    """
    note = note.absolute()
    if not any(note.is_relative_to(each) for each in list_opened()):
        return ""
    return f"obsidian://open?path={quote(str(note), safe='')}"


def _read_list(path: Path) -> dict[Path, float]:
    """Return the vaults of Obsidian's own list with the times they were opened; the file is another program's, so anything may be in it."""
    try:
        vaults = json.loads(path.read_text(encoding="utf-8"))["vaults"].values()
        return {Path(each["path"]): float(each.get("ts", 0)) for each in vaults}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _glob(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.glob(f"*/{_MARK}"))
    except OSError:  # somebody else's folder
        return
