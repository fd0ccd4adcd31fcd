"""`tobs archive info`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tobs.cli.options import AsJson, Output, add_command, add_group
from tobs.errors import UsageError

if TYPE_CHECKING:
    from tobs.archive.info import ArchiveInfo
    from tobs.core.report import Tally


def register(app: typer.Typer) -> None:
    """Add the group and its command."""
    group = add_group(app, "archive", "Look into the archive of an export folder.")
    add_command(group, "info", info, example="tobs archive info -o ~/Vault/Telegram")


def info(output: Output = None, as_json: AsJson = False) -> None:
    """Say what the archive of an export folder holds."""
    from tobs.archive.info import archive_info
    from tobs.cli.start import open_settings
    from tobs.cli.tables import print_json

    folder = open_settings(export_path=output).export_path
    path = folder / ".tobs" / "archive.sqlite"
    if not path.is_file():
        raise UsageError(f"{folder} holds no archive.", hint="`tobs export <chat>` makes one.")
    found = archive_info(path)
    if as_json:
        print_json(found)
    else:
        _print_info(found)


def _print_info(found: ArchiveInfo) -> None:
    from tobs.cli.tables import print_table

    print(f"{found.path}: {found.size_bytes:,} bytes, format {found.schema_version}, {found.runs:,} runs")
    print(f"{found.responses:,} answers of {found.raw_bytes:,} bytes, packed into {found.packed_bytes:,}")
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
