"""Asking a person at the terminal for what a login needs; without one nothing is ever asked."""

from __future__ import annotations

import getpass
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tobs.cli.tables import clean_text
from tobs.errors import LoginNeeded


class TerminalAsk:
    """Asks on the loop's own thread, so that Ctrl+C ends the question."""

    can_retry = True

    def phone(self) -> str:
        """Return the phone number of the account."""
        return _ask(lambda: input("Phone number with country code: "), "PHONE_NUMBER")

    def code(self, hint: str) -> str:
        """Return the code that Telegram sent; `hint` says where to."""
        return _ask(lambda: input(f"Code{_say_hint(hint)}: "), "EXPORT_TG_CODE")

    def password(self, hint: str) -> str:
        """Return the password of two-step verification; it does not appear on the screen."""
        return _ask(lambda: getpass.getpass(f"Password{_say_hint(hint)}: "), "TOBS_PASSWORD")


def _say_hint(hint: str) -> str:
    """Return a hint that came from the server behind a question."""
    return f" ({clean_text(hint)})" if hint else ""


def _ask(question: Callable[[], str], key: str) -> str:
    if not (sys.stdin and sys.stdin.isatty()):
        raise LoginNeeded(
            f"There is no terminal to ask at, and {key} is not set.",
            hint="Set PHONE_NUMBER, EXPORT_TG_CODE and, with two-step verification, TOBS_PASSWORD; "
            "or run `tobs login` in a terminal.",
        )
    with _plain_interrupt():
        try:
            return question().strip()
        except EOFError:
            raise LoginNeeded("The question was left without an answer.") from None


@contextmanager
def _plain_interrupt() -> Iterator[None]:
    """Let Ctrl+C raise in the middle of a question, where the loop's own handler would never run."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
