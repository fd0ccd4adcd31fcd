"""`tobs archive info`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tobs.cli.options import AsJson, Output, add_command, add_group

if TYPE_CHECKING:
    from tobs.archive.info import ArchiveInfo
    from tobs.core.report import Tally


def register(app: typer.Typer) -> None:
    """Add the group and its command."""
    group = add_group(app, "archive", "Look into the archive of an export folder.")
    add_command(group, "info", info, example="tobs archive info -o ~/Vault/Telegram")


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
