"""Getting an account: the owner's own application, then the login itself by `tobs login`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tobs.cli.guide.asking import Back, ask_text, choose
from tobs.cli.guide.telling import say

if TYPE_CHECKING:
    from tobs.settings import Settings

Run = Callable[[list[str]], int]
"""Shows a command and runs it; returns its exit code. Raises KeyboardInterrupt when that was interrupted."""

_LARGEST_ID = 2**31 - 1


def log_in(read: Callable[[], Settings], run: Run) -> bool:
    """Log an account in and return whether somebody did; `read` returns the settings as they are now. Raises KeyboardInterrupt."""
    while True:
        try:
            settings = know_application(read)
            way = choose(
                "How do you want to log in?",
                [
                    ("Scan a QR code with Telegram on your phone", ["login", "--qr"]),
                    ("By phone number and code", ["login"]),
                    ("Type api_id and api_hash anew", []),
                ],
            )
        except Back:
            return False
        if not way:
            _ask_anew(settings)
        elif run(way) == 0:
            return True


def know_application(read: Callable[[], Settings]) -> Settings:
    """Return the settings once they have api_id and api_hash, which are asked for otherwise. Raises Back."""
    settings = read()
    if settings.api_id and settings.api_hash:
        return settings
    _ask_application(settings)
    return read()


def _ask_anew(settings: Settings) -> None:
    try:
        _ask_application(settings)
    except Back:
        return


def _ask_application(settings: Settings) -> None:
    """Ask for api_id and api_hash and keep them in config.toml. Raises Back."""
    from tobs.settings.keeping import keep_settings

    say()
    say(
        "Telegram wants each program to name its owner, so you need an api_id and an api_hash of your own. Log in at "
        "https://my.telegram.org/apps with your phone number, fill in the form once (title and short name are free), and copy the two values."
    )
    number = ask_text("App api_id:", _check_id)
    digits = ask_text("App api_hash (it does not show):", _check_hash, is_secret=True)
    path = keep_settings(settings.home, {"api_id": int(number), "api_hash": digits.lower()})
    say(f"Kept as api_id and api_hash in {path}, which only you can read.")


def _check_id(text: str) -> str:
    is_one = re.fullmatch(r"[0-9]{1,10}", text) and 0 < int(text) <= _LARGEST_ID
    return "" if is_one else "That is a number, like 12345."


def _check_hash(text: str) -> str:
    return "" if re.fullmatch(r"[0-9a-fA-F]{32}", text) else "That is 32 digits and letters from a to f."
