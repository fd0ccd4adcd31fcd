"""Accounts and their lists of chats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs.app.connection import connect_account, find_account, read_identity, read_server
from tobs.core.request import Selection
from tobs.errors import UsageError
from tobs.settings import Settings
from tobs.telegram.dialogs import Dialog
from tobs.telegram.login import Ask, PresetAsk, log_in, log_out
from tobs.telegram.session import account_folder, find_accounts, server_name


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account that is logged in here; the phone number shows its last two digits only."""

    user_id: int
    name: str
    phone_masked: str
    server: str


async def login(settings: Settings, ask: Ask) -> str:
    """Log an account in and return its name.

    Raises UsageError when somebody is logged in already, and what `log_in` raises.
    """
    if accounts := list_accounts(settings):
        raise UsageError(
            f"{accounts[0].name} is logged in already.",
            hint="Log out first with `tobs logout`; exports stay.",
        )
    done = await log_in(settings.home, read_server(settings), read_identity(settings), _preset(settings, ask))
    return done.name


async def logout(settings: Settings) -> str:
    """Log the account out, at Telegram and here, and return its name."""
    account = find_account(settings)
    stored = account.load()
    await log_out(settings.home, read_server(settings), read_identity(settings), stored)
    return stored.name


def list_accounts(settings: Settings) -> list[AccountInfo]:
    """Return the accounts logged in at the server that is set."""
    found = []
    for folder in find_accounts(settings.home, settings.server or ""):
        stored = folder.load()
        masked = "…" + stored.phone[-2:] if stored.phone else ""
        found.append(AccountInfo(stored.user_id, stored.name, masked, server_name(settings.server or "")))
    return found


def account_path(settings: Settings, user_id: int) -> Path:
    """Return the folder of an account."""
    return account_folder(settings.home, settings.server or "", user_id).path


async def list_chats(settings: Settings, selection: Selection) -> list[Dialog]:
    """Return the chats of the account that are meant, as the server orders them.

    Raises ChatNotFound when it has no such folder.
    """

    def ignore(_event: object) -> None:
        """Waits are short here, and nobody watches."""

    async with connect_account(settings, SystemClock(), ignore) as line:
        found = await line.source.select(selection)
    if found.missing:
        raise found.missing[0]
    return found.dialogs


def _preset(settings: Settings, ask: Ask) -> PresetAsk:
    """Return who answers a login: the settings, and the person for the rest."""
    secrets = (settings.export_tg_code, settings.password)
    code, password = (each.get_secret_value() if each else "" for each in secrets)
    return PresetAsk(ask, settings.phone_number or "", code, password)
