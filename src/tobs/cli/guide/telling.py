"""What the guide says: sentences that fit any window, and commands as one would type them."""

from __future__ import annotations

import shlex
import shutil
import textwrap
from collections.abc import Sequence

from tobs.cli.tables import clean_text

_WIDEST = 100


def say(text: str = "") -> None:
    """Print a paragraph, wrapped between words; addresses and paths stay whole."""
    width = min(_WIDEST, shutil.get_terminal_size().columns)
    print(textwrap.fill(clean_text(text), width, break_long_words=False, break_on_hyphens=False), flush=True)


def show_command(arguments: Sequence[str]) -> None:
    """Print a command that does the same as what was chosen; unbroken, so that it can be copied."""
    print(f"  $ {write_command(arguments)}", flush=True)


def write_command(arguments: Sequence[str]) -> str:
    """Return a command as a shell takes it."""
    return shlex.join(["tobs", *arguments])
