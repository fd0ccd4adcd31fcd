"""Asking a person at the terminal for what a login or a session needs; without one nothing is ever asked."""

from __future__ import annotations

import getpass
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import StringIO
from typing import TYPE_CHECKING

from tobs.cli.fitting import count_rows
from tobs.cli.tables import clean_text
from tobs.errors import LoginNeeded

if TYPE_CHECKING:
    from tobs.settings import Settings


_typed: ContextVar[Settings] = ContextVar("_typed")


def unlock(settings: Settings) -> Settings:
    """Return the settings with the passphrase of the account that is to work, asked for when it needs one."""
    from tobs.app import accounts

    before = _typed.get(None)
    if before and not settings.session_passphrase:
        settings = settings.model_copy(update={"session_passphrase": before.session_passphrase})
    return accounts.unlock(settings, TerminalAsk())


def unlock_for_all(settings: Settings) -> Settings:
    """Do the same, once for all commands that run within this one."""
    settings = unlock(settings)
    _typed.set(settings)
    return settings


class TerminalAsk:
    """Asks on the loop's own thread, so that Ctrl+C ends the question."""

    can_retry = True

    def __init__(self) -> None:
        self._drawn_rows = 0

    def phone(self) -> str:
        """Return the phone number of the account."""
        return _ask(lambda: input("Phone number with country code: "), "PHONE_NUMBER")

    def code(self, hint: str) -> str:
        """Return the code that Telegram sent; `hint` says where to. Empty: send it another way."""
        return _ask(lambda: input(f"Code{_say_hint(hint)}: "), "EXPORT_TG_CODE")

    def password(self, hint: str) -> str:
        """Return the password of two-step verification; it does not appear on the screen."""
        return _ask(lambda: getpass.getpass(f"Password{_say_hint(hint)}: "), "TOBS_PASSWORD")

    def passphrase(self, hint: str, *, is_new: bool = False) -> str:
        """Return the passphrase of a session, which does not appear on the screen; a new one is typed twice."""
        key, words = "TOBS_SESSION_PASSPHRASE", f" ({hint})" if hint else ""
        if not is_new:
            return _ask(lambda: getpass.getpass(f"Passphrase of the session{words}: "), key, is_exact=True)
        while True:
            prompt = f"New passphrase for the session{words}: "
            first = _ask(lambda prompt=prompt: getpass.getpass(prompt), key, is_exact=True)  # type: ignore[misc]
            if not first:
                words = " (an empty one is none)"
            elif first == _ask(lambda: getpass.getpass("The same again: "), key, is_exact=True):
                return first
            else:
                words = " (those were two different ones)"

    def show_code(self, url: str) -> None:
        """Draw the address as a QR code for another device, over the one before where the screen can do that."""
        if not sys.stdout.isatty():
            raise LoginNeeded(
                "There is no terminal to show a QR code in.", hint="Run `tobs login --qr` in a terminal."
            )
        from tobs.settings.sources import read_surroundings

        is_plain, columns = read_surroundings().is_plain, shutil.get_terminal_size().columns
        drawn = _draw_code(url)
        below = ["", "Scan it with Telegram: Settings → Devices → Link Desktop Device."]
        if self._drawn_rows and not is_plain:
            print(f"\x1b[{self._drawn_rows}A\x1b[J", end="")
        coloured = drawn if is_plain else [f"\x1b[97;40m{each}\x1b[0m" for each in drawn]
        print("\n".join([*coloured, *below]), flush=True)
        self._drawn_rows = count_rows([*drawn, *below], columns)


def _say_hint(hint: str) -> str:
    """Return a hint that came from the server behind a question."""
    return f" ({clean_text(hint)})" if hint else ""


def _draw_code(url: str) -> list[str]:
    """Return the lines of the code, or where it is too large for the window a sentence; white on black is right, whatever the colours of the terminal."""
    import segno

    drawing = StringIO()
    segno.make_qr(url).terminal(drawing, border=2, compact=True)
    lines = drawing.getvalue().splitlines()
    window = shutil.get_terminal_size()
    if len(lines) + 3 > window.lines or len(lines[0]) > window.columns:
        return [f"This window is too small for the QR code; open this address on the other device: {url}"]
    return lines


def _ask(question: Callable[[], str], key: str, *, is_exact: bool = False) -> str:
    if not (sys.stdin and sys.stdin.isatty()):
        raise LoginNeeded(
            f"There is no terminal to ask at, and {key} is not set.",
            hint=(
                "Set it, or run the command in a terminal, which asks."
                if key == "TOBS_SESSION_PASSPHRASE"
                else "Set PHONE_NUMBER, EXPORT_TG_CODE and, with two-step verification, TOBS_PASSWORD; "
                "or run `tobs login` in a terminal."
            ),
        )
    with _plain_interrupt():
        try:
            return question() if is_exact else question().strip()
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
