"""`tobs render`."""

from __future__ import annotations

from typing import Annotated

import typer

from tobs.cli.options import AsJson, Formats, KeepDeleted, Layout, Output, ShowEdits, add_command


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "render", render, example="tobs render -o ~/Vault/Telegram --timezone Europe/Berlin")


def render(
    output: Output = None,
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="Show dates in this zone from now on, and redraw."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace also the notes that you changed.")
    ] = False,
    formats: Formats = None,
    layout: Layout = None,
    keep_deleted: KeepDeleted = None,
    show_edits: ShowEdits = None,
    as_json: AsJson = False,
) -> None:
    """Make the notes again from the archive, without the network."""
    from tobs.cli.screen import open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.summary import print_render
    from tobs.cli.tables import print_json

    settings = open_settings(
        export_path=output,
        timezone=timezone,
        format=formats,
        layout=layout,
        keep_deleted=keep_deleted,
        show_edits=show_edits,
    )
    from tobs.app import rendering

    with open_screen() as screen:
        report = run_async(
            rendering.run_render(
                settings, settings.export_path, timezone=timezone, overwrite=overwrite, emit=screen.emit
            )
        )
    if as_json:
        print_json(report)
    else:
        print_render(report, settings.export_path)
