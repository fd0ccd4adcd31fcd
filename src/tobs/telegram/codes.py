"""Signing in by the code that Telegram sends to a phone number (https://core.telegram.org/api/auth)."""

from __future__ import annotations

from typing import Any

from telethon import errors, functions, types, utils

from tobs.errors import LoginError, WrongCode
from tobs.telegram.asking import ATTEMPTS, Ask, say_left
from tobs.telegram.connection import Identity

_WAYS = {
    "App": "sent to your other devices, in the chat Telegram",
    "Sms": "sent by SMS",
    "SmsWord": "a word, sent by SMS",
    "SmsPhrase": "some words, sent by SMS",
    "FirebaseSms": "sent by SMS",
    "FragmentSms": "to be seen on fragment.com",
    "Call": "told by a phone call",
    "FlashCall": "the number that calls you",
    "MissedCall": "the last digits of the number that calls you",
    "EmailCode": "sent by e-mail",
}
_NEXT_WAYS = {
    "Sms": "an SMS",
    "Call": "a phone call",
    "FlashCall": "a short call",
    "MissedCall": "a call whose number is the code",
    "FragmentSms": "fragment.com",
}
_NO_OTHER_WAY = "there is no other way to send it, or not yet"


async def sign_in(client: Any, identity: Identity, ask: Ask) -> Any:
    """Return the user who types the phone number and the code that comes; one that is late is sent anew, or another way.

    Raises LoginNeeded, LoginError, WrongCode and what Telethon raises, SessionPasswordNeededError among it.
    """
    typed = ask.phone()
    phone = utils.parse_phone(typed)
    if not phone:
        raise _refuse_phone(typed)
    try:
        return await _Exchange(client, identity, phone).run(ask)
    except errors.PhoneNumberInvalidError as error:
        raise _refuse_phone(typed) from error
    except errors.PhoneNumberUnoccupiedError as error:
        raise LoginError(
            f"{typed} has no Telegram account.", hint="Create it in an app of Telegram first."
        ) from error


def _refuse_phone(phone: str) -> LoginError:
    example = "Give it with its country code, like +44 20 7946 0000."
    if not phone.strip():
        return LoginError("No phone number was given.", hint=example)
    return LoginError(f"Telegram does not know the phone number {phone}.", hint=example)


class _Exchange:
    """The codes that come for one phone number until one is right; `sent` is the last announcement."""

    def __init__(self, client: Any, identity: Identity, phone: str) -> None:
        self._client = client
        self._identity = identity
        self._phone = phone
        self.sent: Any = None

    async def run(self, ask: Ask) -> Any:
        await self._send()
        hint, left = self._say_where(ask), ATTEMPTS - 1
        while True:
            code = ask.code(hint)
            if not code and ask.can_retry:
                hint = await self._send_otherwise(ask)
                continue
            try:
                return await self._client.sign_in(
                    self._phone, code, phone_code_hash=self.sent.phone_code_hash
                )
            except (errors.PhoneCodeInvalidError, errors.PhoneCodeEmptyError) as error:
                if not left or not ask.can_retry:
                    raise WrongCode(
                        "Telegram did not accept the code.", hint="Run `tobs login` again."
                    ) from error
                left -= 1
                hint = f"that code was wrong, {say_left(left)}"
            except errors.PhoneCodeExpiredError as error:
                if not left or not ask.can_retry:
                    raise WrongCode(
                        "The code has expired.", hint="Run `tobs login` again for a new one."
                    ) from error
                left -= 1
                await self._send()
                hint = f"that code had expired, a new one was {self._say_where(ask)}"

    async def _send(self) -> None:
        request = functions.auth.SendCodeRequest(
            self._phone, self._identity.api_id, self._identity.api_hash, types.CodeSettings()
        )
        try:
            self._note(await self._client(request))
        except errors.AuthRestartError:  # says that this very call is to be repeated
            self._note(await self._client(request))

    async def _send_otherwise(self, ask: Ask) -> str:
        """Have the code sent the next way that Telegram offers; return what to say of it."""
        request = functions.auth.ResendCodeRequest(self._phone, self.sent.phone_code_hash)
        try:
            self._note(await self._client(request))
        except errors.PhoneCodeExpiredError:
            await self._send()
        except (errors.SendCodeUnavailableError, errors.FloodError):
            return _NO_OTHER_WAY
        return self._say_where(ask)

    def _note(self, sent: Any) -> None:
        if not hasattr(sent, "phone_code_hash") or not hasattr(sent, "type"):
            raise LoginError(
                "Telegram wants something else than a code for this login.",
                hint="Log in with an app of Telegram, then run `tobs login --qr` and scan the code with it.",
            )
        self.sent = sent

    def _say_where(self, ask: Ask) -> str:
        where = _WAYS.get(type(self.sent.type).__name__.removeprefix("SentCodeType"), "from Telegram")
        following = type(self.sent.next_type).__name__.removeprefix("CodeType")
        if not ask.can_retry or self.sent.next_type is None:
            return where
        after = f" after {self.sent.timeout} s" if self.sent.timeout else ""
        return f"{where}; Enter alone: by {_NEXT_WAYS.get(following, 'another way')}{after}"
