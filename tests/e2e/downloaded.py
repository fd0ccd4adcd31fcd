"""What tests ask of downloaded files: what the archive says, what the server has, and where links lead."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from e2e.stage import query
from tobs.simulator.model import World
from tobs.simulator.shelf import Shelf

_LINK = re.compile(r"\]\(([^)\s:]*media/[^)\s]*)\)")


def stored(output: Path) -> dict[int, tuple[str, str, str]]:
    """Return state, reason and hash of each file by id."""
    rows = query(output, "SELECT id, state, reason, sha256 FROM files")
    return {number: (state, reason, sha256) for number, state, reason, sha256 in rows}


def media_of(output: Path) -> Counter[str]:
    """Return how often each content stands in folders of media, by its hash."""
    files = (each for each in output.rglob("*") if "media" in each.parts and each.is_file())
    return Counter(hashlib.sha256(each.read_bytes()).hexdigest() for each in files)


def kept(world: World) -> Callable[[int], str]:
    """Return what tells the hash of a file's bytes, from the server's own books."""
    shelf = Shelf(world)

    def find(number: int) -> str:
        file = shelf.find(number)
        assert file is not None
        return hashlib.sha256(shelf.open(file, "y" if file.is_photo else "").read(0, 1 << 40)).hexdigest()

    return find


def list_notes(output: Path) -> list[Path]:
    """Return the notes; a medium may be called .md as well."""
    notes = (each.relative_to(output) for each in output.rglob("*.md"))
    return [output / each for each in notes if "media" not in each.parts]


def check_links(output: Path) -> int:
    """See that every link to a medium leads somewhere; return how many there are."""
    found = 0
    for note in list_notes(output):
        for address in _LINK.findall(note.read_text(encoding="utf-8")):
            found += 1
            assert (note.parent / unquote(address)).is_file(), (
                f"{note.relative_to(output)} leads to {address}"
            )
    return found
