"""`tobs archive info` and `tobs archive repair`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tobs.cli.options import AsJson, Output, add_command, add_group

if TYPE_CHECKING:
    from tobs.archive.info import ArchiveInfo
    from tobs.core.report import Tally


def register(app: typer.Typer) -> None:
    """Add the group and its command."""
    group = add_group(app, "archive", "Look into the archive of an export folder, or mend it.")
    add_command(group, "info", info, example="tobs archive info -o ~/Vault/Telegram")
    add_command(group, "repair", repair, example="tobs archive repair -o ~/Vault/Telegram")


def info(output: Output = None, as_json: AsJson = False) -> None:
    """Say what the archive of an export folder holds."""
    from tobs.archive.connect import find_archive
    from tobs.archive.info import archive_info
    from tobs.cli.start import open_settings
    from tobs.cli.tables import print_json

    found = archive_info(find_archive(open_settings(export_path=output).export_path))
    if as_json:
        print_json(found)
    else:
        _print_info(found)


def repair(output: Output = None, as_json: AsJson = False) -> None:
    """Put a damaged archive together anew from all that can be read of it.

    Works without the network and without a login. A sound archive is not touched, and of a damaged one the file stays
    beside the new one. Exit code 0: the archive is sound, or whole again; 3: something must be asked for again, which
    the next `tobs export` does, or is kept without the answer that it came in; 12: nothing of it can be read.
    """
    from tobs.cli.exits import telling
    from tobs.cli.mending import print_repair
    from tobs.cli.screen import find_mode, open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json

    settings = open_settings(export_path=output)
    from tobs.app.repairing import run_repair

    with open_screen(find_mode(settings)) as screen:
        found = run_async(run_repair(settings, settings.export_path, screen.emit))
    with telling():
        if as_json:
            print_json(found)
        else:
            print_repair(found)
    raise typer.Exit(found.exit_code)


def _print_info(found: ArchiveInfo) -> None:
    from tobs.cli.tables import print_table
    from tobs.core.words import say_count

    size, answers, raw = (
        say_count(number, noun)
        for number, noun in (
            (found.size_bytes, "byte"),
            (found.responses, "answer"),
            (found.raw_bytes, "byte"),
        )
    )
    print(f"{found.path}: {size}, format {found.schema_version}, {say_count(found.runs, 'run')}")
    print(f"{answers} of {raw}, packed into {found.packed_bytes:,}")
    for state, count in found.files.items():
        print(f"files {state}: {count:,}")
    rows = [
        (each.chat.id, each.messages, each.versions, *_list_gaps(each.tally), each.chat.label)
        for each in found.chats
    ]
    if rows:
        print()
        print_table(
            ("chat", "messages", "versions", "empty ids", "unknown", "unreadable", "hidden", "title"), rows
        )


def _list_gaps(tally: Tally) -> tuple[int, int, int, int]:
    return tally.empty, tally.unknown, tally.unreadable, tally.hidden
