"""`tobs chats`."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tobs.cli.options import (
    Account,
    AsJson,
    Folders,
    Output,
    Types,
    add_command,
    make_number_parser,
    make_selection,
)
from tobs.errors import UsageError

if TYPE_CHECKING:
    from tobs.app.overview import ChatLine

SORTS = ("recent", "title", "new", "kind")
"""By what the list is sorted; `recent` is Telegram's own order."""

_COLUMNS = ("id", "kind", "username", "last message", "exported", "new", "folders", "title")
_LEAST_OF_TITLE = 24
"""How many cells a title shall have beside the other columns of a terminal."""
_DROPPED = ("folders", "username", "kind", "last message", "exported", "new")
"""Which columns go first where a terminal is narrow."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "chats", chats, example="tobs chats rowing --type channel --not-exported")


def chats(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="Only chats whose title or username has all of these."),
    ] = None,
    folders: Folders = None,
    types: Types = None,
    archived: Annotated[
        bool | None,
        typer.Option("--archived/--no-archived", help="Only archived chats, or none of them."),
    ] = None,
    exported: Annotated[
        bool | None,
        typer.Option(
            "--exported/--not-exported", help="Only chats that the export folder has, or has not yet."
        ),
    ] = None,
    sort: Annotated[
        str,
        typer.Option(metavar="|".join(SORTS), help="In which order; by default as Telegram shows them."),
    ] = "recent",
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=make_number_parser("--limit"), help="How many are shown at most (all)."
        ),
    ] = None,
    output: Output = None,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """List your chats with the ids and names that `tobs export` takes, and what is new since they were exported.

    `new` counts the ids above the highest one that was exported, of which some may be deleted. Chats of two people and
    basic groups have no count of their own: yes or nothing.
    """
    selection = make_selection(is_all=True, folders=folders, types=types)
    if sort not in SORTS:
        raise UsageError(f"--sort does not know {sort!r}.", hint=f"It takes: {', '.join(SORTS)}.")
    from tobs.cli.ask import unlock
    from tobs.cli.start import open_settings, run_async

    settings = unlock(open_settings(account=account, export_path=output))
    from tobs.app import overview

    listed = run_async(overview.list_chats(settings, selection))
    wanted = [word.casefold() for word in words or ()]
    found = [each for each in listed if _is_meant(each, wanted, archived, exported)]
    _print_chats(_sort(found, sort)[:limit], len(listed), as_json=as_json)


def _is_meant(line: ChatLine, words: list[str], archived: bool | None, exported: bool | None) -> bool:
    names = f"{line.dialog.title}\n@{line.dialog.username}".casefold()
    return (
        all(word in names for word in words)
        and archived in {None, line.is_archived}
        and exported in {None, line.exported is not None}
    )


def _sort(lines: list[ChatLine], by: str) -> list[ChatLine]:
    if by == "title":
        return sorted(lines, key=lambda each: each.dialog.title.casefold())
    if by == "kind":
        return sorted(lines, key=lambda each: (each.dialog.kind, each.dialog.title.casefold()))
    if by == "new":
        return sorted(lines, key=lambda each: (each.new or 0, each.has_new), reverse=True)
    return lines


def _print_chats(lines: list[ChatLine], total: int, *, as_json: bool) -> None:
    from tobs.cli.tables import print_json, print_table

    if as_json:
        print_json([_describe(each) for each in lines])
    elif lines:
        columns, rows = _fit([_say_row(each) for each in lines])
        print_table(columns, rows)
    else:
        from tobs.core.words import say_count

        print(f"None of {say_count(total, 'chat')} is such a chat.")


def _describe(line: ChatLine) -> dict[str, object]:
    known = line.exported
    return {
        **{name: getattr(line.dialog, name) for name in ("id", "kind", "title", "username")},
        "folders": line.folders,
        "is_archived": line.is_archived,
        "last_message": _say_moment(line.last_at),
        "exported": _say_moment(known.at) if known else "",
        "messages": known.messages if known else 0,
        "has_new": line.has_new,
        "new": line.new,
    }


def _say_moment(moment: float | None) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def _say_row(line: ChatLine) -> dict[str, str]:
    dialog, known = line.dialog, line.exported
    new = "yes" if line.has_new else ""
    if line.has_new and line.new is not None:
        new = f"{line.new:,}"
    cells = (
        str(dialog.id),
        dialog.kind,
        f"@{dialog.username}" if dialog.username else "",
        _say_moment(line.last_at)[:10],
        _say_moment(known.at)[:10] if known else "",
        new,
        ", ".join(line.folders),
        dialog.title or "(no name)",
    )
    return dict(zip(_COLUMNS, cells, strict=True))


def _fit(rows: list[dict[str, str]]) -> tuple[list[str], list[list[str]]]:
    """Return the columns that say something, and on a terminal only those beside which a title has room."""
    columns = [name for name in _COLUMNS if any(row[name] for row in rows)]
    if sys.stdout.isatty():
        from tobs.cli.tables import clean_text, count_cells

        widths = {name: max(count_cells(clean_text(row[name])) for row in rows) for name in columns}
        taken = {name: 2 + max(len(name), width) for name, width in widths.items() if name != "title"}
        room = shutil.get_terminal_size().columns - min(widths["title"], _LEAST_OF_TITLE)
        for name in _DROPPED:
            if sum(taken.values()) > room:
                taken.pop(name, None)
        columns = [*taken, "title"]
    return columns, [[row[name] for name in columns] for row in rows]
