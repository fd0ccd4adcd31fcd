"""`tobs demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tobs.cli.options import add_command, parse_folder


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "demo", demo, example="tobs demo -o /tmp/tobs-demo")


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
) -> None:
    """Export three invented chats: no account, no network.

    A Telegram server starts on this computer. The server, the login and the encryption are the real protocol; only the people are made up.
    """
    from tobs.cli.screen import find_mode, open_screen
    from tobs.cli.start import open_settings, run_gracefully
    from tobs.cli.summary import print_run

    settings = open_settings()
    from tobs.app import demo

    with open_screen(find_mode(settings)) as screen:
        report = run_gracefully(lambda stop: demo.run_demo(settings, output, screen.emit, stop))
    print_run(report, output)
    raise typer.Exit(report.exit_code)
