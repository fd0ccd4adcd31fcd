"""Which account works, as which application and at which server: settings in, checked values out."""

from __future__ import annotations

from contextlib import suppress

from tobs.core.words import say_list
from tobs.errors import Damaged, LoginError, LoginNeeded, SettingError, UsageError, WrongPassphrase
from tobs.settings import Settings
from tobs.telegram.connection import Identity, Server
from tobs.telegram.login import API_HINT
from tobs.telegram.proxy import parse_proxy
from tobs.telegram.session import AccountFolder, Login, find_accounts


def find_account(settings: Settings) -> AccountFolder:
    """Return the account that is to work, opened with the passphrase where it is set.

    Raises LoginNeeded, WrongPassphrase, Damaged, or UsageError when several are logged in and none is named.
    """
    account = choose_account(settings)
    if settings.session_passphrase and account.is_sealed:
        account.unlock(settings.session_passphrase.get_secret_value())
    return account


def choose_account(settings: Settings) -> AccountFolder:
    """Return the account that is to work, as it lies on disk. Raises LoginNeeded or UsageError."""
    accounts = find_accounts(settings.home, settings.server or "")
    if not accounts:
        raise LoginNeeded("Nobody is logged in.", hint="Run `tobs login` first.")
    found = [each for each in accounts if not settings.account or _is_meant(each, settings.account)]
    if len(found) == 1:
        return found[0]
    there = say_list([say_account(each) for each in found or accounts])
    if not found:
        raise LoginNeeded(
            f"No account {settings.account!r} is logged in, only {there}.",
            hint="Name one of them with --account, or log that one in with `tobs login`.",
        )
    raise UsageError(
        f"Several accounts are meant: {there}.",
        hint="Name one with --account; `account` in config.toml, or TOBS_ACCOUNT, does it for good.",
    )


def list_opened(settings: Settings) -> list[AccountFolder]:
    """Return all accounts that are logged in; those that the passphrase opens are open."""
    accounts = find_accounts(settings.home, settings.server or "")
    for each in accounts:
        # Accounts may have different ones, and what is damaged is said where it is used.
        with suppress(WrongPassphrase, Damaged):
            if settings.session_passphrase:
                each.unlock(settings.session_passphrase.get_secret_value())
    return accounts


def say_account(account: AccountFolder) -> str:
    """Return what an account is called in a sentence: its name and its id, or the id alone where the name is sealed."""
    login = peek_login(account)
    return f"{login.name} ({account.user_id})" if login and login.name else str(account.user_id)


def peek_login(account: AccountFolder) -> Login | None:
    """Return what is stored of an account, or None when that is sealed or damaged."""
    try:
        return account.load()
    except (LoginError, Damaged):
        return None


def _is_meant(account: AccountFolder, name: str) -> bool:
    login = peek_login(account)
    known = {str(account.user_id)}
    if login:
        known |= {login.name.casefold(), _digits_of(login.phone)}
    known.discard("")
    is_number = not set(name) - set("+0123456789 ()-")
    return name.casefold() in known or (is_number and _digits_of(name) in known)


def _digits_of(number: str) -> str:
    return "".join(filter(str.isdecimal, number))


def keep_as_wished(account: AccountFolder, settings: Settings) -> None:
    """Seal the session of an account, or open it for good, when SESSION_KEY says otherwise than it is; under its lock."""
    secret = settings.session_passphrase.get_secret_value() if settings.session_passphrase else ""
    if settings.session_key == "passphrase" and not account.is_sealed:
        account.seal(need_passphrase(secret))
    elif settings.session_key == "none" and account.is_sealed:
        account.seal("")


def need_passphrase(secret: str) -> str:
    """Return the passphrase. Raises LoginNeeded when there is none."""
    if not secret:
        raise LoginNeeded(
            "SESSION_KEY is passphrase, and no passphrase is set.",
            hint="Set TOBS_SESSION_PASSPHRASE, or run it in a terminal, which asks.",
        )
    return secret


def read_identity(settings: Settings) -> Identity:
    """Return the application's credentials and its way. Raises LoginNeeded, which says where to get them, or SettingError."""
    if not settings.api_id or not settings.api_hash:
        raise LoginNeeded("API_ID and API_HASH are not set.", hint=API_HINT)
    proxy = parse_proxy(settings.proxy.get_secret_value()) if settings.proxy else None
    return Identity(settings.api_id, settings.api_hash.get_secret_value(), proxy=proxy)


def read_server(settings: Settings) -> Server:
    """Return where to connect. Raises SettingError when the server's key is missing or unreadable."""
    if not settings.server:
        return Server()
    if not settings.server_key:
        raise SettingError(
            "TOBS_SERVER is set, but TOBS_SERVER_KEY is not.", hint="It names that server's public key (PEM)."
        )
    try:
        return Server(settings.server, settings.server_key.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise SettingError(f"TOBS_SERVER_KEY names {settings.server_key}, which cannot be read.") from error
