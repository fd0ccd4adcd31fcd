"""The tables of exit codes in README.md and docs/scripting.md, from `tobs.errors`."""

from __future__ import annotations

from collections.abc import Iterator

from between import fill

from tobs import errors
from tobs.errors import EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED, TobsError

_WITHIN_A_RUN = ("FileUnavailable", "StaleReference", "Skipped", "Stopped")
"""What no command ends with: the run goes on, or has ended already."""
_MEANINGS = {
    0: ("done; also when notes that you edited were kept", ""),
    1: (
        "failed: all chats for different reasons, a refusal of Telegram, or a bug",
        "Read the sentence; report a bug.",
    ),
    2: ("wrong usage or setting, or a folder that cannot be used", "Correct it. Nothing was fetched."),
    3: (
        "done, but something is missing: some chats or files failed, or ids are unknown or unreadable",
        "Run it again; the errors name the chats. Unreadable ids need a newer tobs.",
    ),
    4: ("no chat found or accessible", "`tobs chats` lists them."),
    10: (
        "login needed, wrong code, session ended",
        "`tobs login`; when Telegram ended the session, `tobs logout` first.",
    ),
    11: ("the export folder or the account is in use by another tobs", "Wait for it; the message names it."),
    12: (
        "the archive or the session file is damaged",
        "The message names the file; for an archive there is [`tobs archive repair`](repair.md).",
    ),
    13: ("Telegram asked for a longer wait than allowed", "Run it again later."),
    14: ("network failure", "Run it again: it goes on where it stopped."),
    15: ("disk full", "Make room and run it again."),
    130: ("interrupted by Ctrl+C or SIGTERM", "Run it again to go on."),
}


def fill_short_table(page: str) -> str:
    """Return the page with the table of codes and meanings in its place."""
    rows = [f"| {code} | {meaning} |" for code, (meaning, _) in _list_codes()]
    return fill(page, "errors.py", ["| code | meaning |", "|---:|---|", *rows])


def fill_long_table(page: str) -> str:
    """Return the page with the table that also says when a code comes and what to do."""
    rows = [
        f"| {code} | {meaning} | {_tell_when(code)} | {advice} |" for code, (meaning, advice) in _list_codes()
    ]
    return fill(page, "errors.py", ["| code | meaning | when | what to do |", "|---:|---|---|---|", *rows])


def _list_codes() -> Iterator[tuple[int, tuple[str, str]]]:
    known = {EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED, *(each.exit_code for each in _walk(TobsError))}
    assert known == set(_MEANINGS), (
        f"exit codes without a meaning, or that no error has: {known ^ set(_MEANINGS)}"
    )
    return iter(sorted(_MEANINGS.items()))


def _walk(root: type[TobsError]) -> Iterator[type[TobsError]]:
    for each in root.__subclasses__():
        if each.__module__ == errors.__name__:
            yield each
            yield from _walk(each)


def _tell_when(code: int) -> str:
    said = [
        each for each in _walk(TobsError) if each.exit_code == code and each.__name__ not in _WITHIN_A_RUN
    ]
    return " ".join((each.__doc__ or "").split("\n\n", 1)[0] for each in said)
