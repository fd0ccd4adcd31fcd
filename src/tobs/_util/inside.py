"""The one way to a file of an export folder: no link in the folder is followed, and no path leads out of it.

The export folder itself may be a link, or lie behind one: whoever names it means what it leads to. Links inside of
it may be anybody's who shares the folder, so none is followed, not even one that stays inside. Paths come out of an
archive, which somebody else may have written.

What makes and follows no link cannot be led astray by those that stand there when a command begins. Whoever may
change the folder while a command runs has its owner's rights anyway.
"""

from __future__ import annotations

import stat
from pathlib import Path, PurePath

from tobs.errors import Damaged, ForeignFolder


def find_inside(root: Path, path: str) -> Path:
    """Return where a file belongs, by its path below the export folder `root`.

    What stands there may be a link itself, which is to be looked at with `is_plain` before it is read. Raises
    ForeignFolder when a folder on the way is a link, and Damaged when the path leads out of `root`.
    """
    pure = PurePath(path)
    if pure.anchor or not pure.parts or ".." in pure.parts:
        raise Damaged(
            f"The archive of {root} names a file outside of the folder: {path}.",
            hint="An archive that tobs wrote names none: do not use this one.",
        )
    place = root
    for part in pure.parts[:-1]:
        place /= part
        refuse_link(place)
    return place / pure.name


def refuse_link(place: Path) -> None:
    """Raise ForeignFolder when a place in an export folder is a link, wherever that leads."""
    if place.is_symlink():
        raise ForeignFolder(
            f"{place} is a link, and tobs follows none inside of an export folder: nothing behind it was read or changed.",
            hint="Put what it leads to in its place (another disk can be mounted there, and the export folder itself may be a link), or name another export folder.",
        )


def is_plain(place: Path) -> bool:
    """Tell whether a file stands there, and not a link to one. Raises OSError."""
    try:
        return stat.S_ISREG(place.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
