"""Logging in and out: the one place that uses Telethon's own request loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telethon import TelegramClient, errors, functions

from tobs.errors import GaveUpWaiting, LoginError, TobsError, WrongCode
from tobs.telegram import faults
from tobs.telegram.appconfig import FROZEN_UNTIL, read_numbers
from tobs.telegram.asking import ATTEMPTS, Ask, say_left
from tobs.telegram.codes import sign_in
from tobs.telegram.connection import Identity, Server, say_unreachable
from tobs.telegram.peers import entity_name
from tobs.telegram.proxy import ProxiedLine
from tobs.telegram.scan import scan_in
from tobs.telegram.session import AccountFolder, Login, StoredSession, account_folder

API_HINT = (
    "Get your own at https://my.telegram.org/apps. `tobs` alone, in a terminal, asks for them; or put API_ID and API_HASH into"
    " the environment, into a file .env here, or into config.toml (`tobs config show` names its folder, TOBS_HOME)."
)


@dataclass(frozen=True, slots=True)
class Welcome:
    """A login that was stored, and when Telegram will delete the account because it is frozen (UTC seconds; 0: it is not)."""

    login: Login
    frozen_until: int = 0


async def log_in(
    home: Path, server: Server, identity: Identity, ask: Ask, *, passphrase: str = "", by_scan: bool = False
) -> Welcome:
    """Log an account in and store its session, sealed when there is a passphrase.

    `by_scan`: another device scans a code, instead of a phone number and a code being typed. A session that the account
    had here is ended. Raises LoginNeeded, WrongCode, LoginError, GaveUpWaiting, NetworkError or Busy.
    """
    session = StoredSession()
    async with _connected(session, server, identity, has_updates=by_scan) as client:
        with _said_clearly():
            try:
                user = await (scan_in if by_scan else sign_in)(client, identity, ask)
            except errors.SessionPasswordNeededError:
                user = await _give_password(client, ask)
            frozen_until = await _ask_frozen(client)
        login = session.describe(user.id, entity_name(user), user.phone or "")
        folder = account_folder(home, server.address, login.user_id)
        try:
            await _keep(folder, login, server, identity, passphrase)
        except TobsError:
            # Nobody could use or end it here: it must not stay among the devices of its owner.
            await client.log_out()
            raise
    return Welcome(login, frozen_until)


async def _keep(
    folder: AccountFolder, login: Login, server: Server, identity: Identity, passphrase: str
) -> None:
    """Store a login in place of the one that was there, which is ended. Raises Busy, DiskFull or ForeignFolder."""
    with folder.locked():
        # One that needs a passphrase, or cannot be read, stays in the list of devices of its owner.
        with suppress(TobsError, *faults.ENDED):
            await _end_session(folder, server, identity)
        folder.remove()
        folder.seal(passphrase)
        folder.store(login)


async def _ask_frozen(client: Any) -> int:
    try:
        return read_numbers(await client(functions.help.GetAppConfigRequest(hash=0))).get(FROZEN_UNTIL, 0)
    except errors.RPCError:  # then it is said where it hinders something
        return 0


async def log_out(folder: AccountFolder, server: Server, identity: Identity) -> None:
    """End the session at the server, then remove it here; a session already revoked is only removed."""
    with folder.locked():
        with suppress(*faults.ENDED):
            await _end_session(folder, server, identity)
        folder.remove()


async def _end_session(folder: AccountFolder, server: Server, identity: Identity) -> None:
    async with _connected(folder.open_session(), server, identity) as client:
        await client.log_out()


@asynccontextmanager
async def _connected(
    session: StoredSession, server: Server, identity: Identity, *, has_updates: bool = False
) -> AsyncIterator[Any]:
    if server.address:
        server.trust_key()
        session.set_dc(session.dc_id or 2, *server.endpoint)
    client = TelegramClient(
        session,
        identity.api_id,
        identity.api_hash,
        flood_sleep_threshold=0,
        receive_updates=has_updates,
        connection=ProxiedLine,
        proxy=identity.proxy.as_option() if identity.proxy else None,
        connection_retries=3,
        **identity.as_options(),
    )
    try:
        await client.connect()
        yield client
    except faults.LOST as error:
        place = server.address or "Telegram"
        raise say_unreachable(place, identity.proxy, "Check the network, then try again.") from error
    finally:
        await client.disconnect()


@contextmanager
def _said_clearly() -> Iterator[None]:
    """Say what Telegram has against a login in our words."""
    try:
        yield
    except faults.TOLD_WAITS as error:
        raise GaveUpWaiting(
            f"Telegram allows no login for the next {error.seconds} s.", hint="Try again after that."
        ) from error
    except errors.ApiIdInvalidError as error:
        raise LoginError("Telegram does not know this API_ID and API_HASH.", hint=API_HINT) from error
    except faults.BANNED as error:
        raise faults.translate(error, "the login") from error
    except errors.RPCError as error:
        raise LoginError(f"Telegram refused the login: {error.message or error}.") from error


async def _give_password(client: Any, ask: Ask) -> Any:
    hint = (await client(functions.account.GetPasswordRequest())).hint or ""
    words = f"hint: {hint}" if hint else ""
    for left in reversed(range(ATTEMPTS)):
        try:
            return await client.sign_in(password=ask.password(words))
        except errors.PasswordHashInvalidError as error:
            if not left or not ask.can_retry:
                raise WrongCode(
                    "Telegram did not accept the password.", hint="Run `tobs login` again."
                ) from error
            words = f"that password was wrong, {say_left(left - 1)}"
    raise AssertionError  # the loop returns or raises
