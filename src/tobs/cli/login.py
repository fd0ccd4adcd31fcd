"""`tobs login` and `tobs logout`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tobs.cli.options import Account, add_command


def register(app: typer.Typer) -> None:
    """Add the commands."""
    add_command(app, "login", login, example="tobs login")
    add_command(app, "logout", logout, example="tobs logout")


def login(
    by_scan: Annotated[
        bool,
        typer.Option(
            "--qr", help="Show a QR code to scan with Telegram on another device, and ask for no code."
        ),
    ] = False,
) -> None:
    """Log in to Telegram, with one account or with several one after the other.

    Asks for phone number, code and, if you have one, the password of two-step verification. Without a terminal
    they come from PHONE_NUMBER, EXPORT_TG_CODE and TOBS_PASSWORD. API_ID and API_HASH must be set: you get your
    own at https://my.telegram.org/apps. SESSION_KEY=passphrase encrypts the session.
    """
    from tobs.cli.ask import TerminalAsk
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import clean_text

    settings = open_settings()
    from tobs.app import accounts

    done = run_async(accounts.login(settings, TerminalAsk(), by_scan=by_scan))
    if done.warning:
        print(done.warning, file=sys.stderr)
    print(f"Logged in as {clean_text(done.name)}. `tobs chats` lists what you can export.")


def logout(account: Account = None) -> None:
    """Log out of Telegram and delete the session; exported files stay."""
    from tobs.cli.ask import unlock
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import clean_text

    settings = unlock(open_settings(account=account))
    from tobs.app import accounts

    print(f"Logged out {clean_text(run_async(accounts.logout(settings)))}.")
