"""Progress that moves, for a person at a terminal; nothing of it stays when the run is over."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from tobs.cli.progress import Line, Progress
from tobs.cli.tables import clean_text
from tobs.cli.words import put_in_words
from tobs.core.events import Event, Progressed, Waiting

_REFRESHES = 8
"""How often a second the display is drawn: a countdown is not seen to stutter."""

_NARROW, _WIDE = 60, 120
"""Below so many columns there is no bar, and a short one, so that the words have room."""


class Drawing:
    """Lines that move at the bottom of stderr, with sentences above them."""

    def __init__(self, *, is_forced: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        """`is_forced`: draw although nobody seems to look. `clock` gives seconds that never go back."""
        self._console = Console(stderr=True, highlight=False, force_terminal=True if is_forced else None)
        self._progress = Progress(clock)
        self._live = Live(
            console=self._console, transient=True, refresh_per_second=_REFRESHES, get_renderable=self._draw
        )
        self._live.start()

    def emit(self, event: Event) -> None:
        """Move the lines, or print a sentence above them."""
        self._progress.note(event)
        if isinstance(event, Progressed):  # there are many: the next drawing has them
            return
        self._live.refresh()
        if not isinstance(event, Waiting) and (text := put_in_words(event)):
            self._console.print(clean_text(text), markup=False, soft_wrap=True)

    def close(self) -> None:
        """Take the moving lines away."""
        self._live.stop()

    def _draw(self) -> Group:
        # Asked each time, so that a window that was resized is filled and no line ever wraps.
        width = self._console.width - 1
        lines = self._progress.list_lines()
        return Group(*draw_lines(lines, width))


def draw_lines(lines: list[Line], width: int) -> list[Text]:
    """Return lines of at most `width` cells, their labels in one column."""
    label = min(
        max((cell_len(each.label) for each in lines), default=0), width // (4 if width < _WIDE else 3)
    )
    return [_draw_line(each, label, width) for each in lines]


def _draw_line(line: Line, label: int, width: int) -> Text:
    """Return a line: its label in `label` cells, a bar, and as many words as there is room for."""
    # What has no bar need not line up with those that have.
    room = label if line.share is not None else min(max(label, cell_len(line.label)), width)
    text = Text(set_cell_size(line.label, room), no_wrap=True, overflow="crop")
    if line.share is not None:
        if width >= _NARROW:
            _add_bar(text, line.share, width // (8 if width < _WIDE else 5))
        text.append(f" {line.share:4.0%}")
    for number, word in enumerate(line.words):
        more = f" · {word}" if number else f"  {word}"
        if number and text.cell_len + cell_len(more) > width:
            break
        text.append(more)
    text.truncate(width)
    return text


def _add_bar(text: Text, share: float, size: int) -> None:
    done = round(share * size)
    text.append(" ")
    text.append("━" * done, "green" if share >= 1 else "cyan")
    text.append("━" * (size - done), "bright_black")
