"""Whoever answers what a login wants to know: a person, the settings, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tobs.errors import LoginNeeded

ATTEMPTS = 3
"""How often a person may mistype a code, a password or a passphrase."""


def say_left(left: int) -> str:
    """Return how many tries there are behind this one that is asked for."""
    return "one try left" if left == 0 else f"{left + 1} tries left"


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
        """Return the code that Telegram sent; `hint` says where to. Empty: send it another way."""
        ...

    def password(self, hint: str) -> str:
        """Return the two-step password; `hint` is its owner's reminder, or that the last try was wrong."""
        ...

    def passphrase(self, hint: str, *, is_new: bool = False) -> str:
        """Return the passphrase of a session; `hint` says that the last one was wrong. A new one is typed twice."""
        ...

    def show_code(self, url: str) -> None:
        """Show the address that another device of the account is to scan, in place of the one before."""
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

    def passphrase(self, _hint: str, *, is_new: bool = False) -> str:  # noqa: ARG002 - as above
        """Raise LoginNeeded."""
        raise LoginNeeded("No passphrase is set.", hint="Set TOBS_SESSION_PASSPHRASE.")

    def show_code(self, _url: str) -> None:
        """Raise LoginNeeded."""
        raise LoginNeeded("There is no screen to show a QR code on.", hint="Set PHONE_NUMBER.")


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

    def passphrase(self, hint: str, *, is_new: bool = False) -> str:
        """Return the passphrase of a session."""
        return self.ask.passphrase(hint, is_new=is_new)

    def show_code(self, url: str) -> None:
        """Show what is to be scanned."""
        self.ask.show_code(url)
