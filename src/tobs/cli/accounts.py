"""`tobs accounts`."""

from __future__ import annotations

import typer

from tobs.cli.options import AsJson, add_command


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "accounts", accounts, example="tobs accounts --json")


def accounts(as_json: AsJson = False) -> None:
    """List the accounts that are logged in on this computer."""
    from tobs.cli.start import open_settings
    from tobs.cli.tables import print_json, print_table

    settings = open_settings()
    from tobs.app import accounts

    found = accounts.list_accounts(settings)
    if as_json:
        print_json(found)
    elif found:
        rows = [(each.user_id, each.name, each.phone_masked, each.server) for each in found]
        print_table(("id", "name", "phone", "server"), rows)
    else:
        print("Nobody is logged in. `tobs login` does it.")
