"""Messages that were found, as a person reads them: who and when, the words around, and where that stands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tobs.cli.options import current_manner
from tobs.cli.tables import clean_text
from tobs.core.searching import FoundMessage, SearchRequest, SearchResult, cut_around, find_spans
from tobs.core.words import say_count

if TYPE_CHECKING:
    from rich.console import Console

_EXCERPT = 180
"""How many characters of a message are shown: two lines of most terminals."""


def print_found(request: SearchRequest, result: SearchResult) -> None:
    """Print what was found, or what was searched in vain."""
    if not result.messages:
        where = f"{say_count(result.searched, 'message')} of {say_count(result.chats, 'chat')}"
        print(f"Nothing found: {where} {'was' if result.searched == 1 else 'were'} searched.")
        return
    console = _open_terminal()
    vault = _find_vault(request.output) if console else None
    for each in result.messages:
        head = " · ".join(clean_text(part) for part in (each.moment, each.chat, each.sender) if part)
        print(f"{head} · deleted" if each.is_deleted else head, flush=True)
        excerpt, spans = find_excerpt(each, request)
        place = _say_place(each, request.output)
        if console is None:
            print(f"  {excerpt}\n  {place}")
        else:
            _print_marked(console, excerpt, spans, place, _find_address(each, request.output, vault))
    if result.total != len(result.messages) and not current_manner().quiet:
        total = "many messages" if result.total is None else say_count(result.total, "message")
        print(f"{len(result.messages):,} of {total} that were found; --limit shows more.")


def find_excerpt(message: FoundMessage, request: SearchRequest) -> tuple[str, list[tuple[int, int]]]:
    """Return the words around the first match, on one line that commands no terminal, and where matches stand in them."""
    text = clean_text(" ".join(message.text.split()))
    return cut_around(text, find_spans(text, request.query.wanted), _EXCERPT)


def _open_terminal() -> Console | None:
    """Return a terminal on which words can be marked and linked, or None."""
    from tobs.settings.sources import read_surroundings

    if not sys.stdout.isatty() or read_surroundings().is_plain:
        return None
    from rich.console import Console

    return Console(highlight=False)


def _print_marked(
    console: Console, excerpt: str, spans: list[tuple[int, int]], place: str, address: str
) -> None:
    from rich.style import Style
    from rich.text import Text

    words = Text(excerpt)
    for start, end in spans:
        words.stylize("bold", start, end)
    console.print(Text("  ") + words, soft_wrap=True)
    console.print(Text("  ") + Text(place, Style(dim=True, link=address or None)), soft_wrap=True)


def _say_place(message: FoundMessage, output: Path) -> str:
    if not message.note:
        return f"message {message.id}, not in a note yet"
    anchor = f"#{message.anchor}" if message.anchor else ""
    return clean_text(f"{output / message.note}{anchor}")


def _find_vault(output: Path) -> Path | None:
    """Return the vault of Obsidian that an export folder is, or lies in."""
    folder = output.absolute()
    return next((each for each in (folder, *folder.parents) if (each / ".obsidian").is_dir()), None)


def _find_address(message: FoundMessage, output: Path, vault: Path | None) -> str:
    """Return what opens the message where a terminal follows links (https://help.obsidian.md/uri)."""
    if not message.note:
        return ""
    path = (output / message.note).absolute()
    if vault and message.anchor.startswith("^"):
        place = f"{path.relative_to(vault).as_posix()}#{message.anchor}"
        return f"obsidian://open?vault={quote(vault.name, safe='')}&file={quote(place, safe='')}"
    return path.as_uri() + (f"#{quote(message.anchor, safe='')}" if message.anchor else "")
