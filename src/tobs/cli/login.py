"""`tobs login` and `tobs logout`."""

from __future__ import annotations

import typer

from tobs.cli.options import add_command


def register(app: typer.Typer) -> None:
    """Add the commands."""
    add_command(app, "login", login, example="tobs login")
    add_command(app, "logout", logout, example="tobs logout")


def login() -> None:
    """Log in to Telegram.

    Asks for phone number, code and, if you have one, the password of two-step verification. Without a terminal
    they come from PHONE_NUMBER, EXPORT_TG_CODE and TOBS_PASSWORD. API_ID and API_HASH must be set: you get your
    own at https://my.telegram.org/apps.
    """
    from tobs.cli.ask import TerminalAsk
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import clean_text

    settings = open_settings()
    from tobs.app import accounts

    name = run_async(accounts.login(settings, TerminalAsk()))
    print(f"Logged in as {clean_text(name)}. `tobs chats` lists what you can export.")


def logout() -> None:
    """Log out of Telegram and delete the session; exported files stay."""
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import clean_text

    settings = open_settings()
    from tobs.app import accounts

    print(f"Logged out {clean_text(run_async(accounts.logout(settings)))}.")
