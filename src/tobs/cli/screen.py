"""What a person or a script sees of a run: JSON lines, a drawn progress line, or plain sentences."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from tobs.cli.exits import drop_stdout
from tobs.cli.options import current_manner
from tobs.cli.tables import clean_text
from tobs.core.events import Event, Failed, Progressed, Said, Stage, Waiting
from tobs.core.words import say_count
from tobs.errors import TobsError

if TYPE_CHECKING:
    from rich.progress import TaskID


_STAGES: dict[Stage, tuple[str, str]] = {
    "fetch": ("Fetching", "message"),
    "download": ("Downloading", "file"),
    "render": ("Writing", "note"),
    "process": ("Processing", "file"),
    "verify": ("Checking", "message"),
    "forecast": ("Looking at", "message"),
}
"""What is done to a chat in each, and what is counted."""


class Screen(Protocol):
    """Shows events; never blocks, never fails."""

    def emit(self, event: Event) -> None:
        """Show what happened."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


class JsonLines:
    """One JSON object a line on stdout; `type` tells which event it is."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._is_open = True

    def emit(self, event: Event) -> None:
        """Write the event; once nobody reads any more, the run goes on without lines."""
        if not self._is_open or (self._is_quiet and isinstance(event, Progressed | Said | Waiting)):
            return
        try:
            print(json.dumps({"type": event.type, **asdict(event)}), flush=True)
        except BrokenPipeError:
            self._is_open = False
            drop_stdout()

    def close(self) -> None:
        """Nothing to tidy up."""


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


class Drawing:
    """A line that moves for the chat under way; on stderr."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
        from rich.table import Column

        console = Console(stderr=True, highlight=False)
        # A long title must not push how far it is, or a wait, off the line.
        title = Column(no_wrap=True, max_width=console.width // 3)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=title),
            BarColumn(console.width // 4),
            TaskProgressColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=console,
            transient=True,
        )
        self._current: tuple[str, str] | None = None
        self._task: TaskID | None = None
        self._progress.start()

    def emit(self, event: Event) -> None:
        """Move the line, or print a sentence above it."""
        if isinstance(event, Progressed):
            self._show_progress(event)
        elif isinstance(event, Waiting) and self._task is not None:
            self._progress.update(self._task, note=put_in_words(event), refresh=True)
        elif text := put_in_words(event):
            self._say(clean_text(text))

    def _show_progress(self, event: Progressed) -> None:
        doing = (event.entity_name, event.stage)
        verb, noun = _STAGES[event.stage]
        if doing != self._current or self._task is None:
            self._finish_line()
            self._task = self._progress.add_task(
                f"{verb} {clean_text(event.entity_name)}", total=100.0, note=""
            )
            self._current = doing
        note = say_count(event.messages_processed, noun)
        is_done = event.percentage >= 100
        self._progress.update(self._task, completed=event.percentage, note=note, refresh=is_done)

    def _finish_line(self) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._current = None

    def _say(self, text: str) -> None:
        self._progress.console.print(text, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Take the moving line away."""
        self._finish_line()
        self._progress.stop()


def put_in_words(event: Event) -> str:
    """Return the sentence of an event, or nothing for what is only counted."""
    if isinstance(event, Said):
        return event.text
    if isinstance(event, Waiting):
        return f"Waiting {event.seconds:.0f} s, asked by Telegram ({event.method})"
    if isinstance(event, Failed):
        name = f"{event.entity_name}: " if event.entity_name else ""
        return f"{name}{event.text} {event.hint}".rstrip()
    return ""


@contextmanager
def open_screen(*, is_stream: bool = False) -> Iterator[Screen]:
    """Show events while the block runs.

    `is_stream`: without a terminal stdout carries events, as of `tobs export`; an error that ends the
    block is one of them.
    """
    is_quiet = current_manner().quiet
    screen: Screen
    if is_stream and not sys.stdout.isatty():
        screen = JsonLines(is_quiet=is_quiet)
    elif not is_quiet and sys.stdout.isatty() and sys.stderr.isatty():
        screen = Drawing()
    else:
        screen = Sentences(is_quiet=is_quiet)
    try:
        yield screen
    except TobsError as error:
        if isinstance(screen, JsonLines):
            screen.emit(Failed(text=str(error), hint=error.hint, exit_code=error.exit_code))
        raise
    finally:
        screen.close()
