"""Logins by a code that another device scans: the tokens that are shown, and who accepted them.

Source: core.telegram.org/api/qr-login.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from telethon.tl import types

LIFETIME_SECONDS = 30
"""How long a token can be scanned."""


class Login(Protocol):
    """A key that somebody wants to log in on."""

    def tell(self, update: Any) -> None:
        """Send an update to whoever uses it."""


@dataclass(slots=True)
class ShownToken:
    """A token on somebody's screen: for whose login, until when (UTC seconds), and which account accepted it."""

    authorization: Login
    expires_at: float
    accepted_by: int | None = None


class LoginTokens:
    """The tokens that can still be scanned or, once they are, be turned into a login."""

    def __init__(self) -> None:
        self._shown: dict[bytes, ShownToken] = {}

    @property
    def shown(self) -> list[bytes]:
        """The tokens, the oldest first."""
        return list(self._shown)

    def show(self, authorization: Login, now: float) -> tuple[bytes, float]:
        """Return a new token in place of the login's last, and until when it can be scanned."""
        if old := self._find(authorization):
            del self._shown[old]
        token, expires_at = secrets.token_bytes(32), now + LIFETIME_SECONDS
        self._shown[token] = ShownToken(authorization, expires_at)
        return token, expires_at

    def accept(self, token: bytes, user_id: int, now: float) -> bool:
        """Let the token's login be the account's, and tell its client; say whether it was still shown."""
        shown = self._shown.get(token)
        if shown is None or now > shown.expires_at or shown.accepted_by is not None:
            return False
        shown.accepted_by = user_id
        shown.authorization.tell(types.UpdateLoginToken())
        return True

    def find_accepted(self, authorization: Login) -> tuple[bytes, int] | None:
        """Return the token of a login that somebody accepted, and who."""
        token = self._find(authorization)
        return (token, user_id) if token and (user_id := self._shown[token].accepted_by) else None

    def take(self, token: bytes) -> int | None:
        """Return who accepted a token, which is used up by that."""
        shown = self._shown.pop(token, None)
        return shown.accepted_by if shown else None

    def _find(self, authorization: Login) -> bytes | None:
        return next(
            (token for token, each in self._shown.items() if each.authorization is authorization), None
        )
