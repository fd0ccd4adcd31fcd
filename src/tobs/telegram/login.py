"""Logging in and out: the one place that uses Telethon's own request loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from telethon import TelegramClient, errors, functions, utils

from tobs.errors import GaveUpWaiting, LoginError, LoginNeeded, NetworkError, WrongCode
from tobs.telegram import faults
from tobs.telegram.connection import Identity, Server
from tobs.telegram.peers import entity_name
from tobs.telegram.session import Login, StoredSession, account_folder

ATTEMPTS = 3
"""How often a person may mistype a code or a password."""


class Ask(Protocol):
    """Whoever can answer what Telegram wants to know; raises LoginNeeded when nobody can."""

    @property
    def can_retry(self) -> bool:
        """Whether asking again may bring another answer."""
        ...

    def phone(self) -> str:
        """Return the phone number with its country code."""
        ...

    def code(self, hint: str) -> str:
        """Return the code that Telegram sent; `hint` says where to."""
        ...

    def password(self, hint: str) -> str:
        """Return the two-step password; `hint` is its owner's reminder, or that the last try was wrong."""
        ...


class Nobody:
    """Answers nothing: whatever a login needs must have been set."""

    can_retry = False

    def phone(self) -> str:
        """Raise LoginNeeded."""
        raise LoginNeeded("No phone number is set.", hint="Set PHONE_NUMBER.")

    def code(self, _hint: str) -> str:
        """Raise LoginNeeded."""
        raise LoginNeeded("No login code is set.", hint="Set EXPORT_TG_CODE.")

    def password(self, _hint: str) -> str:
        """Raise LoginNeeded."""
        raise LoginNeeded("No password is set.", hint="Set TOBS_PASSWORD.")


@dataclass(frozen=True, slots=True)
class PresetAsk:
    """Gives the answers that were set, and asks `ask` for those that are empty."""

    ask: Ask
    phone_number: str = ""
    login_code: str = ""
    secret: str = ""

    @property
    def can_retry(self) -> bool:
        """A preset answer that is wrong stays wrong."""
        return self.ask.can_retry and not (self.login_code or self.secret)

    def phone(self) -> str:
        """Return the phone number."""
        return self.phone_number or self.ask.phone()

    def code(self, hint: str) -> str:
        """Return the login code."""
        return self.login_code or self.ask.code(hint)

    def password(self, hint: str) -> str:
        """Return the two-step password."""
        return self.secret or self.ask.password(hint)


async def log_in(home: Path, server: Server, identity: Identity, ask: Ask) -> Login:
    """Log an account in and store its session. Returns what was stored.

    Raises LoginNeeded, WrongCode, LoginError, GaveUpWaiting or NetworkError.
    """
    session = StoredSession()
    async with _connected(session, server, identity) as client:
        user = await _authorise(client, ask)
        login = session.describe(user.id, entity_name(user), user.phone or "")
    folder = account_folder(home, server.address, login.user_id)
    with folder.locked():
        folder.store(login)
    return login


async def log_out(home: Path, server: Server, identity: Identity, login: Login) -> None:
    """End the session at the server, then remove it here; a session already revoked is only removed."""
    folder = account_folder(home, server.address, login.user_id)
    with folder.locked():
        with suppress(*faults.ENDED):
            async with _connected(folder.open_session(), server, identity) as client:
                await client.log_out()
        folder.remove()


@asynccontextmanager
async def _connected(session: StoredSession, server: Server, identity: Identity) -> AsyncIterator[Any]:
    if server.address:
        server.trust_key()
        session.set_dc(session.dc_id or 2, *server.endpoint)
    client = TelegramClient(
        session,
        identity.api_id,
        identity.api_hash,
        flood_sleep_threshold=0,
        receive_updates=False,
        connection_retries=3,
        **identity.as_options(),
    )
    try:
        await client.connect()
        yield client
    except (OSError, EOFError) as error:
        raise NetworkError(
            f"Cannot reach {server.address or 'Telegram'}.", hint="Check the network, then try again."
        ) from error
    finally:
        await client.disconnect()


async def _authorise(client: Any, ask: Ask) -> Any:
    phone = ask.phone()
    if not utils.parse_phone(phone):
        raise _refuse_phone(phone)
    try:
        sent = await client.send_code_request(phone)
        return await _sign_in(client, phone, sent, ask)
    except faults.TOLD_WAITS as error:
        raise GaveUpWaiting(
            f"Telegram allows no login for the next {error.seconds} s.", hint="Try again after that."
        ) from error
    except errors.PhoneNumberInvalidError as error:
        raise _refuse_phone(phone) from error
    except errors.ApiIdInvalidError as error:
        raise LoginError("Telegram does not know this API_ID and API_HASH.", hint=API_HINT) from error
    except errors.PhoneNumberUnoccupiedError as error:
        raise LoginError(
            f"{phone} has no Telegram account.", hint="Create it in an app of Telegram first."
        ) from error
    except errors.RPCError as error:
        raise LoginError(f"Telegram refused the login: {error.message or error}.") from error


def _refuse_phone(phone: str) -> LoginError:
    example = "Give it with its country code, like +44 20 7946 0000."
    if not phone.strip():
        return LoginError("No phone number was given.", hint=example)
    return LoginError(f"Telegram does not know the phone number {phone}.", hint=example)


_CODE_CAME = {
    "App": "sent to your other devices, in the chat Telegram",
    "Sms": "sent by SMS",
    "Call": "told by a phone call",
    "EmailCode": "sent by e-mail",
}


def _say_left(left: int) -> str:
    return "one try left" if left == 0 else f"{left + 1} tries left"


API_HINT = (
    "Get your own at https://my.telegram.org/apps, then put API_ID and API_HASH into the environment, into a file"
    " .env here, or into config.toml (`tobs config show` names its folder, TOBS_HOME)."
)


async def _sign_in(client: Any, phone: str, sent: Any, ask: Ask) -> Any:
    where = _CODE_CAME.get(type(sent.type).__name__.removeprefix("SentCodeType"), "from Telegram")
    for left in reversed(range(ATTEMPTS)):
        hint = where if left == ATTEMPTS - 1 else f"that code was wrong, {_say_left(left)}"
        try:
            return await client.sign_in(phone, ask.code(hint))
        except errors.SessionPasswordNeededError:
            return await _give_password(client, ask)
        except (errors.PhoneCodeInvalidError, errors.PhoneCodeEmptyError) as error:
            if not left or not ask.can_retry:
                raise WrongCode(
                    "Telegram did not accept the code.", hint="Run `tobs login` again."
                ) from error
        except errors.PhoneCodeExpiredError as error:
            raise WrongCode("The code has expired.", hint="Run `tobs login` again for a new one.") from error
    raise AssertionError  # the loop returns or raises


async def _give_password(client: Any, ask: Ask) -> Any:
    hint = (await client(functions.account.GetPasswordRequest())).hint or ""
    for left in reversed(range(ATTEMPTS)):
        words = f"hint: {hint}" if hint else ""
        if left < ATTEMPTS - 1:
            words = f"that password was wrong, {_say_left(left)}"
        try:
            return await client.sign_in(password=ask.password(words))
        except errors.PasswordHashInvalidError as error:
            if not left or not ask.can_retry:
                raise WrongCode(
                    "Telegram did not accept the password.", hint="Run `tobs login` again."
                ) from error
    raise AssertionError  # the loop returns or raises
