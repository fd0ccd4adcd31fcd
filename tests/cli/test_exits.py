from __future__ import annotations

import errno
from collections.abc import Callable
from contextvars import copy_context

import pytest

from cli.program import run_python, run_tobs
from tobs import errors
from tobs.cli import main
from tobs.cli.exits import guard
from tobs.cli.options import note_manner


def raising(error: BaseException) -> Callable[[], object]:
    def command() -> object:
        raise error

    return command


def all_errors(base: type[errors.TobsError] = errors.TobsError) -> list[type[errors.TobsError]]:
    return [base, *(each for child in base.__subclasses__() for each in all_errors(child))]


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_ends_with_its_sentence_its_hint_and_its_code(
    kind: type[errors.TobsError], capsys: pytest.CaptureFixture[str]
) -> None:
    assert guard(raising(kind("It broke.", hint="Mend it."))) == kind.exit_code
    captured = capsys.readouterr()
    assert captured.err == "It broke.\nMend it.\n"
    assert captured.out == ""


def test_the_tree_of_errors_in_the_docs_of_the_module_is_the_real_one() -> None:
    for kind in all_errors():
        assert f"{kind.__name__} ({kind.exit_code})" in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (OSError(errno.ENOSPC, "No space left on device", "/vault/note.md"), 15),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 15),
        (PermissionError(errno.EACCES, "Permission denied", "/vault"), 2),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "/vault"), 2),
        (ExceptionGroup("tasks", [ValueError(), ExceptionGroup("", [errors.NetworkError("Gone.")])]), 14),
        (BaseExceptionGroup("tasks", [OSError(errno.ENOSPC, "full")]), 15),
        (ExceptionGroup("tasks", [ValueError("x")]), 1),
        (ValueError("x"), 1),
        (SystemExit(7), 7),
        (BrokenPipeError(), 0),
    ],
)
def test_other_errors_have_their_codes(error: BaseException, code: int) -> None:
    # Its own process where stdout is given up.
    if isinstance(error, BrokenPipeError):
        script = (
            "import sys; from tobs.cli.exits import guard\ndef f(): raise BrokenPipeError\nsys.exit(guard(f))"
        )
        assert run_python("-c", script).code == code
    else:
        assert guard(raising(error)) == code


def test_a_full_disk_is_told_with_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    guard(raising(OSError(errno.ENOSPC, "No space left on device", "/vault/note.md")))
    assert capsys.readouterr().err.startswith("The disk is full: nothing can be written to /vault/note.md.")


def test_a_bug_says_that_it_is_one_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    guard(raising(ZeroDivisionError("division by zero")))
    text = capsys.readouterr().err
    assert text.startswith("This is a bug in tobs: ZeroDivisionError: division by zero\n")
    assert "Traceback" not in text


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> object:
        note_manner(quiet=False, verbose=False, debug=True)
        raise ZeroDivisionError

    copy_context().run(guard, command)
    assert "Traceback" in capsys.readouterr().err
    assert main(["export", "", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err
    assert main(["export", ""]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("export", "No chat is named."),
        ("exprot me", "No such command 'exprot'. Did you mean 'export'?"),
        ("export me --outptu x", "There is no option --outptu."),
        ("export me -z", "There is no option -z."),
        ("export me -f pdf", "--format must be a list of markdown, json, jsonl and html, not 'pdf'."),
        ("export +4915123456789012", "+4915123456789012 is not a phone number."),
        (
            "export t.me/durov/5 --last 3",
            "Dates, ids, --last, --from and --only cannot be combined with a topic, thread or post.",
        ),
        (
            "export t.me/addlist/AAAAAAA",
            "t.me/addlist/AAAAAAA is not a link to a chat.",
        ),
        ("export @x!", "@x! is not a username of Telegram."),
        (
            "render --timezone Mars",
            "--timezone must be the IANA name of a zone, like Europe/Berlin, not 'Mars'.",
        ),
        ("render --what", "There is no option --what."),
        ("archive info -o nowhere", "nowhere holds no archive."),
        ("bench export --messages 0", "Invalid value for '--messages'"),
        ("bench export --rounds many", "Invalid value for '--rounds'"),
        ("accounts extra", "That is too much: extra."),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_code_2(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    captured = capsys.readouterr()
    first = captured.err.splitlines()[0]
    assert first.startswith(sentence)
    assert "Usage:" not in captured.err
    assert captured.out == ""


def test_a_bad_setting_ends_every_command_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOBS_MAX_THREDS", "4")
    ended = run_tobs("config", "show")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == (
        "TOBS_MAX_THREDS in the environment is not a setting of tobs; the nearest one is TOBS_MAX_THREADS."
    )


def test_a_reader_that_leaves_early_gets_no_error() -> None:
    script = (
        "import os, subprocess, sys\n"
        "read, write = os.pipe()\n"
        "os.close(read)\n"
        "done = subprocess.run([sys.executable, '-m', 'tobs', 'config', 'show'], stdout=write, stderr=subprocess.PIPE)\n"
        "print(done.returncode, done.stderr.decode())"
    )
    assert run_python("-c", script).out == "0 \n"


def test_a_reader_that_leaves_early_does_not_make_a_bad_end_a_good_one() -> None:
    script = (
        "import os, sys, typer\n"
        "from tobs.cli.exits import guard, telling\n"
        "read, write = os.pipe(); os.dup2(write, 1); os.close(write); os.close(read)\n"
        "def verify():\n"
        "    with telling():\n"
        "        print('INCOMPLETE')\n"
        "    raise SystemExit(3)\n"
        "sys.exit(guard(verify))\n"
    )
    ended = run_python("-c", script)
    assert (ended.code, ended.err) == (3, "")
