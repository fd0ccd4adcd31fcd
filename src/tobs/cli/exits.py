"""Errors become sentences and exit codes here and nowhere else (DESIGN section 7 lists the codes)."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from tobs.cli.options import current_manner
from tobs.errors import EXIT_DONE, EXIT_INTERRUPTED, DiskFull, ForeignFolder, TobsError, UsageError

_BUG = 1
_TOO_MANY = re.compile(r"^Got unexpected extra argument\(s\) \((.*)\)$", re.DOTALL)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_TOO_MANY_OPEN = {errno.EMFILE, errno.ENFILE}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR}


def guard(command: Callable[[], object]) -> int:
    """Run a command and return its exit code; whatever it raises ends as one sentence on stderr."""
    try:
        result = command()
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - the last line of defence: a traceback helps nobody
        return _end(error)
    return result if isinstance(result, int) else EXIT_DONE


def _end(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        # Typer turns a closed pipe into this; other ends of the program are said already.
        is_pipe = isinstance(error.__context__, BrokenPipeError)
        error = BrokenPipeError() if is_pipe else error
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has seen enough.
        drop_stdout()
        return EXIT_DONE
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else _BUG
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return EXIT_INTERRUPTED
    return _report(_as_tobs_error(error), error)


def _as_tobs_error(error: BaseException) -> TobsError | None:
    """Return the error as a person should see it, or None when it is a bug."""
    if isinstance(error, TobsError):
        return error
    if isinstance(error, typer.TyperException):
        return _describe_usage(error)
    if isinstance(error, OSError):
        return _describe_disk(error)
    if isinstance(error, BaseExceptionGroup):
        # A TaskGroup wraps what happened; the first thing with a name is what a person can mend.
        inner = [_as_tobs_error(each) for each in error.exceptions]
        return next((each for each in inner if each is not None), None)
    return None


def _describe_disk(error: OSError) -> TobsError | None:
    if error.errno in _FULL:
        place = f" to {error.filename}" if error.filename else ""
        return DiskFull(
            f"The disk is full: nothing can be written{place}.", hint="Make room and run it again."
        )
    if error.errno in _TOO_MANY_OPEN:
        return TobsError(
            "No more files can be opened: the system lets this program have too few at once.",
            hint="`ulimit -n 256` in the same shell allows enough.",
        )
    if error.filename and error.errno in _FORBIDDEN:
        text = f"{error.filename} cannot be used: {error.strerror}."
        return ForeignFolder(text, hint="Mend that, or name another folder.")
    return None


def _describe_usage(error: typer.TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    text = error.format_message().strip()
    if hasattr(error, "possibilities"):  # an option that does not exist, and far-fetched others
        text = f"There is no option {error.message.rpartition(': ')[2]}."
    text = _TOO_MANY.sub(r"That is too much: \1.", text)
    if context is None or text.startswith("Usage:"):
        return UsageError(text)
    return UsageError(text, hint=f"`{context.command_path} --help` shows what it takes.")


def _report(known: TobsError | None, error: BaseException) -> int:
    if current_manner().debug:
        _print_safely("".join(traceback.format_exception(error)))
    if known is None:
        _print_safely(f"This is a bug in tobs: {type(error).__name__}: {error}")
        print("Please report it; `--debug` shows where it happened.", file=sys.stderr)
        return _BUG
    from tobs.cli.tables import clean_text

    # They quote titles and names that strangers chose.
    for each in filter(None, (str(known), known.hint)):
        print(clean_text(each), file=sys.stderr)
    return known.exit_code


def _print_safely(text: str) -> None:
    """Print on stderr what nobody wrote for a person, without secrets."""
    from tobs.cli.logs import hide_secrets

    print(hide_secrets(text), file=sys.stderr)


@contextmanager
def telling() -> Iterator[None]:
    """Print what came of a command; who stops reading before its end does not change the exit code that says it."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()


def drop_stdout() -> None:
    """Send what is still to be printed nowhere, so that the interpreter's last flush cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def seal_exit() -> None:
    """Let no signal change the exit code: the command is over, and only the interpreter's own end is left."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
