"""`tobs export`."""

from __future__ import annotations

from typing import Annotated

import typer

from tobs.cli.options import KeepDeleted, Output, ShowEdits, add_command, check_chats
from tobs.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command; a marked id like -1001234567890 is an argument there, not an option."""
    example = "tobs export @durov 'Team chat' -1001234567890 me -o ~/Vault/Telegram"
    add_command(app, "export", export, example=example, ignore_unknown_options=True)


def export(
    chats: Annotated[
        list[str],
        typer.Argument(metavar="CHAT", help="@username, t.me/name link, title, id (`tobs chats`) or `me`."),
    ],
    output: Output = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", metavar="FORMAT", help="markdown; repeat for several (key FORMAT)."),
    ] = None,
    refresh: Annotated[
        str | None,
        typer.Option(
            "--refresh",
            metavar="N|7d|all",
            help="Read so many archived messages again for edits and deletions; 0: none (key REFRESH_WINDOW; 1000).",
        ),
    ] = None,
    keep_deleted: KeepDeleted = None,
    show_edits: ShowEdits = None,
) -> None:
    """Export chats to notes in a folder.

    Run it again to continue, or to fetch what is new. The folder also holds the archive (.tobs/archive.sqlite): all
    that Telegram sent, from which `tobs render` makes the notes again. On a terminal progress is drawn; otherwise
    stdout carries one JSON event a line.
    """
    check_chats("export", chats)
    _check_formats(formats)
    from tobs.cli.screen import JsonLines, open_screen
    from tobs.cli.start import open_settings, run_gracefully
    from tobs.cli.summary import print_run
    from tobs.core.request import ExportRequest, read_refresh

    settings = open_settings(
        export_path=output,
        format=formats,
        refresh_window=refresh,
        keep_deleted=keep_deleted,
        show_edits=show_edits,
    )
    from tobs import app

    again = read_refresh(settings.refresh_window)
    request = ExportRequest(tuple(chats), settings.export_path, settings.format, again)
    with open_screen(is_stream=True) as screen:
        report = run_gracefully(lambda stop: app.run_export(settings, request, screen.emit, stop))
    if not isinstance(screen, JsonLines):
        print_run(report, request.output)
    raise typer.Exit(report.exit_code)


def _check_formats(formats: list[str] | None) -> None:
    for name in formats or ():
        if name != "markdown":
            raise UsageError(f"tobs cannot write {name!r} yet: markdown is the only format so far.")
