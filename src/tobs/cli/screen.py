"""What a person or a script sees of a run: JSON lines, lines that move, or plain sentences."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from tobs.cli.options import current_manner
from tobs.cli.progress import Progress
from tobs.cli.stream import JsonLines
from tobs.cli.tables import clean_text
from tobs.cli.words import put_in_words
from tobs.core.events import Event, Failed, Progressed, Waiting
from tobs.errors import TobsError

if TYPE_CHECKING:
    from tobs.settings import Settings

Mode: TypeAlias = Literal["auto", "force-tty", "force-non-tty"]
"""For whom a run is shown: a person, a program, or whoever seems to look."""

_STEP_SECONDS = 10
"""How often a display that only grows says how far a run is."""


class Screen(Protocol):
    """Shows events; never blocks, never fails."""

    def emit(self, event: Event) -> None:
        """Show what happened."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


class Sentences:
    """What must be known, on stderr."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet

    def emit(self, event: Event) -> None:
        """Print what has words; progress has none."""
        text = put_in_words(event)
        if text and (isinstance(event, Failed) or not self._is_quiet):
            print(clean_text(text), file=sys.stderr)

    def close(self) -> None:
        """Nothing to tidy up."""


class Steps(Sentences):
    """Sentences, and now and then how far it is: for a terminal on which nothing may move or have a colour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        super().__init__(is_quiet=False)
        self._clock = clock
        self._progress = Progress(clock)
        self._said_at = clock()
        self._waited = ""

    def emit(self, event: Event) -> None:
        """Print what has words; of progress and countdowns no more than a person reads."""
        self._progress.note(event)
        if isinstance(event, Waiting):
            if event.method != self._waited:
                super().emit(event)
            self._waited = event.method
        elif isinstance(event, Progressed):
            self._waited = ""
            if self._clock() >= self._said_at + _STEP_SECONDS:
                self._say_progress()
        else:
            super().emit(event)

    def _say_progress(self) -> None:
        self._said_at = self._clock()
        for label, share, words in self._progress.list_lines():
            done = [] if share is None else [f"{share:.0%}"]
            print(f"{label}: {', '.join([*done, *words])}", file=sys.stderr)


def find_mode(settings: Settings) -> Mode:
    """Return how a run is to be shown, as the settings have it."""
    if settings.force_tty_mode is None or "tty_mode" in settings.model_fields_set:
        return settings.tty_mode
    return "force-tty" if settings.force_tty_mode else "force-non-tty"


def is_for_person(settings: Settings) -> bool:
    """Tell whether questions can be drawn on the terminal that there is."""
    from tobs.settings.sources import read_surroundings

    here, mode = read_surroundings(), find_mode(settings)
    return not here.is_dumb and (mode == "force-tty" or (mode == "auto" and not here.is_ci))


def choose_screen(mode: Mode, *, is_stream: bool) -> Screen:
    """Return what shows a run, by where it is shown; a mode that is forced wins over that."""
    from tobs.settings.sources import read_surroundings

    is_quiet = current_manner().quiet
    here = read_surroundings()
    is_terminal = sys.stdout.isatty() if mode == "auto" else mode == "force-tty"
    if is_stream and not is_terminal:
        return JsonLines(is_quiet=is_quiet)
    is_watched = is_terminal and (mode == "force-tty" or (sys.stderr.isatty() and not here.is_ci))
    if is_quiet or not is_watched:
        return Sentences(is_quiet=is_quiet)
    if here.is_plain:
        return Steps()
    from tobs.cli.drawing import Drawing

    return Drawing(is_forced=mode == "force-tty")


@contextmanager
def open_screen(mode: Mode = "auto", *, is_stream: bool = False) -> Iterator[Screen]:
    """Show events while the block runs.

    `is_stream`: without a terminal stdout carries events, as of `tobs export`; an error that ends the
    block is one of them.
    """
    screen = choose_screen(mode, is_stream=is_stream)
    try:
        yield screen
    except TobsError as error:
        if isinstance(screen, JsonLines):
            screen.emit(Failed(text=str(error), hint=error.hint, exit_code=error.exit_code))
        raise
    finally:
        screen.close()
