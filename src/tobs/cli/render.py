"""`tobs render`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tobs.cli.options import (
    AsJson,
    Chats,
    Flavor,
    Formats,
    KeepDeleted,
    Layout,
    Output,
    ShowEdits,
    Since,
    To,
    Until,
    add_command,
    check_chats,
)
from tobs.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "render", render, example="tobs render -o ~/Vault/Telegram --timezone Europe/Berlin")


def render(
    output: Output = None,
    chats: Chats = None,
    to: To = None,
    since: Since = None,
    until: Until = None,
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="Show dates in this zone from now on, and redraw."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace also the notes that you changed.")
    ] = False,
    formats: Formats = None,
    layout: Layout = None,
    flavor: Flavor = None,
    keep_deleted: KeepDeleted = None,
    show_edits: ShowEdits = None,
    as_json: AsJson = False,
) -> None:
    """Make the notes again from the archive, without the network.

    With --to they are drawn into another folder, all of them or only some chats and dates, in any format; then
    --timezone, --format, --layout, --flavor, --keep-deleted and --show-edits hold for that folder alone.
    """
    named = tuple(chats or ())
    check_chats("render", named)
    _check_target(to, is_dated=bool(since or until), overwrite=overwrite)
    from tobs.cli.screen import find_mode, open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.summary import print_render
    from tobs.cli.tables import print_json
    from tobs.core.request import RenderRequest
    from tobs.core.span import parse_span

    span = parse_span(since=since, until=until)
    settings = open_settings(
        export_path=output,
        timezone=timezone,
        format=formats,
        layout=layout,
        flavor=flavor,
        keep_deleted=keep_deleted,
        show_edits=show_edits,
    )
    from tobs.app import rendering

    request = RenderRequest(settings.export_path, named, span, to, timezone, overwrite)
    with open_screen(find_mode(settings)) as screen:
        report = run_async(rendering.run_render(settings, request, screen.emit))
    if as_json:
        print_json(report)
    else:
        print_render(report, to or settings.export_path)


def _check_target(to: Path | None, *, is_dated: bool, overwrite: bool) -> None:
    if is_dated and to is None:
        raise UsageError(
            "The notes of an export folder always show all that is archived, so --since and --until need --to.",
            hint="`tobs render --since 2026-03 --to march` draws that month into another folder.",
        )
    if overwrite and to is not None:
        raise UsageError(
            "--overwrite is about the notes of the export folder; --to takes a new or empty folder.",
            hint="Leave one of them out.",
        )
