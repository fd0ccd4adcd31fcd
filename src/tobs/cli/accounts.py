"""`tobs accounts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tobs.cli.options import AsJson, add_command

if TYPE_CHECKING:
    from tobs.app.accounts import AccountInfo


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "accounts", accounts, example="tobs accounts --json")


def _say_session(account: AccountInfo) -> str:
    return "encrypted" if account.is_encrypted else "not encrypted"


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
        rows = [
            (each.user_id, each.name or "(encrypted)", each.phone_masked, each.server, _say_session(each))
            for each in found
        ]
        print_table(("id", "name", "phone", "server", "session"), rows)
    else:
        print("Nobody is logged in. `tobs login` does it.")
