"""`tobs chats`."""

from __future__ import annotations

import typer

from tobs.cli.options import Account, AsJson, Folders, Types, add_command, make_selection


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "chats", chats, example="tobs chats --folder Work --type channel --json")


def chats(
    folders: Folders = None, types: Types = None, account: Account = None, as_json: AsJson = False
) -> None:
    """List your chats with the ids and names that `tobs export` takes."""
    selection = make_selection(is_all=True, folders=folders, types=types)
    from tobs.cli.ask import unlock
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json, print_table

    settings = unlock(open_settings(account=account))
    from tobs.app import accounts

    found = run_async(accounts.list_chats(settings, selection))
    if as_json:
        print_json(
            [{name: getattr(each, name) for name in ("id", "kind", "title", "username")} for each in found]
        )
    else:
        rows = [
            (each.id, each.kind, f"@{each.username}" if each.username else "", each.title or "(no name)")
            for each in found
        ]
        print_table(("id", "kind", "username", "title"), rows)
