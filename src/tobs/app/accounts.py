"""Accounts and their lists of chats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tobs.app.identity import (
    choose_account,
    find_account,
    list_opened,
    need_passphrase,
    peek_login,
    read_identity,
    read_server,
)
from tobs.errors import WrongPassphrase
from tobs.settings import SecretStr, Settings
from tobs.telegram.asking import ATTEMPTS, Ask, PresetAsk, say_left
from tobs.telegram.login import log_in, log_out
from tobs.telegram.session import account_folder, server_name


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account that is logged in here; the phone number shows its last two digits only, and a sealed session not even the name."""

    user_id: int
    name: str
    phone_masked: str
    server: str
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who logged in, and what they should know of their account, or nothing."""

    name: str
    warning: str = ""


async def login(settings: Settings, ask: Ask, *, by_scan: bool = False) -> LoggedIn:
    """Log an account in beside those that are, or again. Raises what `log_in` raises."""
    identity, server = read_identity(settings), read_server(settings)
    settings = _ask_new(settings, ask) if settings.session_key == "passphrase" else settings
    seal = _read_secret(settings) if settings.session_key == "passphrase" else ""
    answers = _preset(settings, ask)
    done = await log_in(settings.home, server, identity, answers, passphrase=seal, by_scan=by_scan)
    return LoggedIn(done.login.name, _say_frozen(done.frozen_until))


def _say_frozen(until: int) -> str:
    if not until:
        return ""
    return (
        f"Telegram has frozen this account and will delete it on {datetime.fromtimestamp(until, UTC).date()}: "
        "export soon what it may still read. Its owner can appeal in an app of Telegram, in the chat @SpamBot."
    )


def unlock(settings: Settings, ask: Ask) -> Settings:
    """Return the settings with the passphrase of the account that is to work, asked for where it needs one and none is set.

    Raises LoginNeeded, WrongPassphrase, Damaged or UsageError.
    """
    account = choose_account(settings)
    if not account.is_sealed:
        return _ask_new(settings, ask) if settings.session_key == "passphrase" else settings
    if settings.session_passphrase:
        find_account(settings)
        return settings
    hint = ""
    for left in reversed(range(ATTEMPTS)):
        typed = settings.model_copy(update={"session_passphrase": SecretStr(ask.passphrase(hint))})
        try:
            find_account(typed)
        except WrongPassphrase:
            if not left:
                raise
            hint = f"that one was wrong, {say_left(left - 1)}"
        else:
            return typed
    raise AssertionError  # the loop returns or raises


def _ask_new(settings: Settings, ask: Ask) -> Settings:
    """Return the settings with a passphrase for a session that has none yet."""
    if settings.session_passphrase:
        return settings
    new = ask.passphrase("", is_new=True)
    return settings.model_copy(update={"session_passphrase": SecretStr(need_passphrase(new))})


def _read_secret(settings: Settings) -> str:
    return settings.session_passphrase.get_secret_value() if settings.session_passphrase else ""


async def logout(settings: Settings) -> str:
    """Log the account out, at Telegram and here, and return its name."""
    account = find_account(settings)
    stored = account.load()
    await log_out(account, read_server(settings), read_identity(settings))
    return stored.name


def list_accounts(settings: Settings) -> list[AccountInfo]:
    """Return the accounts logged in at the server that is set; nothing is asked for. Raises Damaged."""
    found = []
    server = server_name(settings.server or "")
    for folder in list_opened(settings):
        is_sealed = folder.is_sealed
        stored = peek_login(folder) if is_sealed else folder.load()
        name, phone = (stored.name, stored.phone) if stored else ("", "")
        found.append(AccountInfo(folder.user_id, name, "…" + phone[-2:] if phone else "", server, is_sealed))
    return found


def account_path(settings: Settings, user_id: int) -> Path:
    """Return the folder of an account."""
    return account_folder(settings.home, settings.server or "", user_id).path


def _preset(settings: Settings, ask: Ask) -> PresetAsk:
    """Return who answers a login: the settings, and the person for the rest."""
    secrets = (settings.export_tg_code, settings.password)
    code, password = (each.get_secret_value() if each else "" for each in secrets)
    return PresetAsk(ask, settings.phone_number or "", code, password)
