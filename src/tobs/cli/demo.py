"""`tobs demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tobs.cli.options import add_command, parse_folder
from tobs.errors import EXIT_DONE


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "demo", demo, example="tobs demo --open")


def demo(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            "--export-path",
            metavar="FOLDER",
            parser=parse_folder,
            help="Where the notes go.",
        ),
    ] = Path("tobs-demo"),
    is_opened: Annotated[
        bool,
        typer.Option(
            "--open", help="Make pages for a browser, too, and open them: in Obsidian if it has the folder."
        ),
    ] = False,
) -> None:
    """Export five invented chats: no account, no network.

    A Telegram server starts on this computer. The server, the login and the encryption are the real protocol; only the people are made up.
    """
    from tobs.cli.screen import find_mode, open_screen
    from tobs.cli.start import open_settings, run_gracefully
    from tobs.cli.summary import print_run

    settings = open_settings()
    from tobs.app import demo

    with open_screen(find_mode(settings)) as screen:
        report = run_gracefully(
            lambda stop: demo.run_demo(settings, output, screen.emit, stop, has_pages=is_opened)
        )
    print_run(report, output)
    if is_opened and report.exit_code == EXIT_DONE:
        _open(output)
    raise typer.Exit(report.exit_code)


def _open(output: Path) -> None:
    from tobs.cli.opening import find_entry, open_outside
    from tobs.cli.tables import clean_text

    entry = find_entry(output)
    done = "Opened" if open_outside(entry) else "This computer opens nothing from here; open it yourself:"
    print(f"{done} {clean_text(entry)}")
