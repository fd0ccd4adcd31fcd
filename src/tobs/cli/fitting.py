"""Lines for a screen of 24: what matters most stays, lists are cut and say by how much."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

from tobs.cli.tables import clean_text, count_cells

ROWS = 23
"""What a screen of 24 lines has for a command's end: one is the prompt's."""

SHOWN = 12
"""How many entries of one list are shown at most, however large the screen."""

_SHORTEST, _LONGEST = 2, 3
"""How many rows an entry takes at most."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with a heading, which may be empty; the entries that matter most come first."""

    heading: str
    entries: Sequence[str]

    def shorten(self, width: int) -> list[str]:
        """Return it as short as it gets: the beginning of its first entry, and how many more there are."""
        more = len(self.entries) - 1
        if not self.heading:
            return [crop_text(f"  {self.entries[0]}", _SHORTEST * width), *_say_more(more)]
        rest = f" and {more:,} more" if more else ""
        room = _SHORTEST * width - count_cells(f"{self.heading} {rest}")
        return [f"{self.heading} {crop_text(self.entries[0], room)}{rest}"]

    def fill(self, rows: int, width: int) -> list[str]:
        """Return it with as many entries as fit into so many rows, at least one."""
        lines = [self.heading] if self.heading else []
        count = 0
        for each in self.entries[:SHOWN]:
            line = crop_text(f"  {each}", _LONGEST * width)
            has_more = count + 1 < len(self.entries)
            if count and count_rows([*lines, line], width) + has_more > rows:
                break
            lines.append(line)
            count += 1
        more = len(self.entries) - count
        return [*lines, *_say_more(more)]


@dataclass(slots=True)
class Page:
    """What a command says at its end: lines, lists between them, and last what is shown if there is room.

    `extras` are versions of the same, from the longest to the shortest.
    """

    head: list[str] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    extras: list[list[str]] = field(default_factory=list)

    def lay_out(self, width: int, rows: int = ROWS) -> list[str]:
        """Return the lines. Each list has at least one entry, then comes the longest version of the extra that fits."""
        lists = [each for each in self.listings if each.entries]
        shown = [each.shorten(width) for each in lists]
        spare = rows - count_rows([*self.head, *self.tail, *(line for each in shown for line in each)], width)
        extra = next((each for each in self.extras if count_rows(each, width) <= spare), [])
        spare -= count_rows(extra, width)
        for at, each in enumerate(lists):
            room = count_rows(shown[at], width) + spare
            full = each.fill(room, width)
            if count_rows(full, width) <= room:
                shown[at] = full
                spare = room - count_rows(full, width)
        return [*self.head, *(line for each in shown for line in each), *self.tail, *extra]

    def print(self) -> None:
        """Print it for the terminal there is."""
        for line in self.lay_out(shutil.get_terminal_size((80, 24)).columns or 80):
            print(line)


def _say_more(count: int) -> list[str]:
    return [f"  … and {count:,} more"] if count else []


def count_rows(lines: Iterable[str], width: int) -> int:
    """Return how many rows lines take on a screen that wraps them."""
    return sum(max(1, ceil(count_cells(line) / width)) for line in lines)


def crop_text(text: str, width: int) -> str:
    """Return a text of at most so many cells; of a longer one the beginning, with `…`."""
    text = clean_text(text)
    if count_cells(text) <= width:
        return text
    used, kept = 1, ""
    for char in text:
        used += count_cells(char)
        if used > width:
            break
        kept += char
    return (kept + "…")[: max(0, width)]
