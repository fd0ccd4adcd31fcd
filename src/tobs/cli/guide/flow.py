"""The way through the guide: who is asked what, and what runs when."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tobs.cli.forecast import sum_up
from tobs.cli.guide import wishes
from tobs.cli.guide.again import plan_again
from tobs.cli.guide.asking import Back, ask_text, choose
from tobs.cli.guide.ending import say_what_next
from tobs.cli.guide.entering import know_application, log_in
from tobs.cli.guide.plan import Plan
from tobs.cli.guide.telling import say, show_command, write_command
from tobs.cli.tables import clean_text
from tobs.core.words import say_count
from tobs.errors import EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED

if TYPE_CHECKING:
    from tobs.app.accounts import AccountInfo
    from tobs.archive.known import KnownFolder
    from tobs.core.forecast import Forecast
    from tobs.settings import Settings

_QUESTIONS = (
    wishes.ask_chats,
    wishes.ask_formats,
    wishes.ask_media,
    wishes.ask_since,
    wishes.ask_output,
)


def guide(main: Callable[[list[str]], int]) -> int:
    """Lead through login and export and return the exit code of what ran last; `main` runs a command line of `tobs`."""
    leading = _Guide(main)
    try:
        return leading.run()
    except KeyboardInterrupt:
        print()
        command = f", or type `{write_command(leading.plan.write())}`" if leading.plan.media else ""
        print(f"Stopped. To go on, run `tobs` again{command}.", file=sys.stderr)
        return EXIT_INTERRUPTED


class _Guide:
    """What was answered so far; `plan` is the export as it was chosen."""

    def __init__(self, main: Callable[[list[str]], int]) -> None:
        self.plan = Plan()
        self._main = main

    def run(self) -> int:
        """Ask what to do until something was exported, or somebody leaves."""
        say("tobs exports your Telegram chats to files that you keep: notes for Obsidian, pages, JSON.")
        say(
            "This guide shows each answer as the command that does the same. Esc goes back, Ctrl+C ends it at any time."
        )
        while True:
            say()
            try:
                code = self._offer()
            except Back:
                return EXIT_DONE
            if code is not None:
                return code

    def _offer(self) -> int | None:
        """Ask once what to do and do it; None: there is more to ask. Raises Back when somebody leaves."""
        settings = _read()
        accounts = _list_accounts(settings)
        known = _look_into(settings)
        doing: dict[str, Callable[[], int | None]] = {
            "login": self._log_in,
            "again": partial(self._go_on, known),
            "export": self._export,
            "search": self._search,
            "verify": partial(self._look, ["verify"]),
            "demo": partial(self._look, ["demo", "--open"]),
        }
        chosen = choose("What do you want to do?", _list_actions(settings, accounts, known))
        if chosen == "quit":
            raise Back
        return doing[chosen]()

    def _log_in(self) -> int | None:
        return self._export() if log_in(_read, self._run) else None

    def _look(self, arguments: list[str]) -> None:
        """Run a command after which there is more to ask, however it ends."""
        self._run(arguments)

    def _search(self) -> None:
        """Find messages of the export folder by their words."""
        words = ask_text("Which words?", lambda text: "" if text else "Type a word or two.")
        self._look(["search", *words.split()])

    def _run(self, arguments: list[str]) -> int:
        """Show a command and run it. Raises KeyboardInterrupt when it was interrupted."""
        show_command(arguments)
        code = self._main(arguments)
        if code == EXIT_INTERRUPTED:
            raise KeyboardInterrupt
        return code

    def _go_on(self, known: KnownFolder) -> int | None:
        """Fetch what is new in the chats of the export folder."""
        from tobs.app.identity import choose_account

        settings, account = _open_account()
        user_id = choose_account(settings).user_id
        codes, plans = [], [replace(each, account=account) for each in plan_again(known, user_id, settings)]
        for self.plan in plans:
            codes.append(self._run(self.plan.write()))
        if not codes:
            say("This account has none of the chats there; choose other ones.")
            return None
        say_what_next(settings.export_path, plans)
        return max(codes)

    def _export(self) -> int | None:
        """Ask what to export, and export it; None when somebody went back from the first question."""
        from tobs.app import overview
        from tobs.cli.start import run_async

        settings, account = _open_account()
        self.plan = Plan(account=account)
        show_command(["chats", *(["--account", account] if account else [])])
        found = run_async(overview.look_over(settings))
        choices = wishes.Choices(settings, found, _look_into(settings), is_folder_free=_is_folder_free())
        asked = 0
        while True:
            try:
                while asked < len(_QUESTIONS):
                    self.plan = _QUESTIONS[asked](self.plan, choices)
                    show_command(self.plan.write())
                    asked += 1
                return self._confirm(settings)
            except Back:
                asked -= 1
                if asked < 0:
                    return None

    def _confirm(self, settings: Settings) -> int:
        """Say what it takes, and export when that is wished. Raises Back."""
        say()
        show_command([*self.plan.write(), "--dry-run"])
        found = _forecast(settings, self.plan)
        for line in (*sum_up(found), *(f"{each.title}: {each.error}" for each in found.chats if each.error)):
            say(line)
        answers = [("Yes, export now", True), ("No, leave it at that", False)]
        if not choose("Begin?", answers):
            say("To export later, type this, or run `tobs` again:")
            show_command(self.plan.write())
            return EXIT_DONE
        code = self._run(self.plan.write())
        if code in {EXIT_DONE, EXIT_INCOMPLETE}:
            say_what_next(self.plan.output or settings.export_path, [self.plan])
        return code


def _list_actions(
    settings: Settings, accounts: list[AccountInfo], known: KnownFolder
) -> list[tuple[str, str]]:
    """Return what can be done, the likeliest first."""
    look = ("Look at invented chats: no account, no network", "demo")
    leave = ("Leave", "quit")
    if not accounts:
        return [("Log in to Telegram and export chats", "login"), look, leave]
    where = clean_text(str(settings.export_path))
    here = [
        (f"Fetch what is new in {say_count(len(known.chats), 'chat')} of {where}", "again"),
        ("Export other chats", "export"),
        (f"Search in {where}", "search"),
        (f"Check that nothing is missing in {where}", "verify"),
    ]
    known_or_not = here if known.chats else [("Export chats", "export")]
    return [*known_or_not, ("Log in with another account", "login"), look, leave]


def _read() -> Settings:
    """Return the settings as they are now; what they had to say was said when the guide began."""
    from tobs.settings import read_settings

    return read_settings().settings


def _is_folder_free() -> bool:
    """Tell whether config.toml decides which the export folder is."""
    from tobs.settings import read_settings

    return read_settings().origins["export_path"].place in {"config.toml", "default"}


def _list_accounts(settings: Settings) -> list[AccountInfo]:
    from tobs.app import accounts

    return accounts.list_accounts(settings)


def _look_into(settings: Settings) -> KnownFolder:
    from tobs.app import overview

    return overview.look_into(settings.export_path)


def _open_account() -> tuple[Settings, str]:
    """Return the settings with which the account works, and its name as below. Raises Back."""
    from tobs.cli.ask import unlock_for_all

    settings, account = _choose_account(know_application(_read))
    return unlock_for_all(settings), account


def _choose_account(settings: Settings) -> tuple[Settings, str]:
    """Return the settings for the account that is to work, and what to call it on the command line, if it must be named."""
    accounts = _list_accounts(settings)
    if settings.account or len(accounts) == 1:
        return settings, ""
    offered = [
        (clean_text(f"{each.name or 'a sealed one'} ({each.user_id})"), str(each.user_id))
        for each in accounts
    ]
    account = choose("With which account?", offered)
    return settings.model_copy(update={"account": account}), account


def _forecast(settings: Settings, plan: Plan) -> Forecast:
    """Return what an export takes. Raises KeyboardInterrupt when that was interrupted."""
    from tobs.app import forecasting
    from tobs.cli.screen import find_mode, open_screen
    from tobs.cli.start import run_gracefully

    request = plan.as_request(settings)
    with open_screen(find_mode(settings)) as screen:
        found = run_gracefully(lambda stop: forecasting.run_forecast(settings, request, screen.emit, stop))
    if found.exit_code == EXIT_INTERRUPTED:
        raise KeyboardInterrupt
    return found
