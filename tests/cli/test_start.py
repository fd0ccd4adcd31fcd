from __future__ import annotations

import logging
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.program import run_python
from tobs.cli.ask import TerminalAsk
from tobs.cli.exits import guard
from tobs.cli.logs import set_up_logs
from tobs.cli.options import Manner, note_manner
from tobs.cli.start import run_async, run_gracefully
from tobs.errors import LoginNeeded
from tobs.settings import Settings

# Works until told to stop, then finishes in its own time unless it is told twice.
GRACEFUL = """
import asyncio, sys
from tobs.cli.exits import guard
from tobs.cli.start import run_gracefully
async def work(stop):
    print("working", flush=True)
    await stop.wait()
    print("finishing", flush=True)
    {finish}
    return 130
sys.exit(guard(lambda: run_gracefully(work)))
"""
PLAIN = """
import asyncio, sys
from tobs.cli.exits import guard
from tobs.cli.start import run_async
async def work():
    print("working", flush=True)
    await asyncio.Event().wait()
sys.exit(guard(lambda: run_async(work())))
"""
# Its work is over, but not yet told.
TELLING = """
import sys
from tobs.cli.exits import guard
from tobs.cli.start import run_gracefully
async def work(stop):
    pass
def run():
    run_gracefully(work)
    print("working", flush=True)
    sys.stdin.readline()
sys.exit(guard(run))
"""
# The command is over, and the interpreter tidies up.
LEAVING = """
import atexit, sys
from tobs.cli import main
def tidy():
    print("working", flush=True)
    sys.stdin.readline()
atexit.register(tidy)
sys.argv[1:] = ["export"]
sys.exit(main())
"""


def start(script: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_the_work_finish(number: signal.Signals) -> None:
    process = start(GRACEFUL.format(finish="print('finished', flush=True)"))
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert out == "finishing\nfinished\n"
    assert err.startswith("Stopping: ")
    assert process.returncode == 130


def test_the_second_signal_ends_at_once() -> None:
    process = start(GRACEFUL.format(finish="await asyncio.Event().wait()"))
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    assert process.stdout.readline() == "finishing\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_commands_without_a_graceful_end_stop_at_the_first_signal(number: signal.Signals) -> None:
    process = start(PLAIN)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("script", "code"), [(TELLING, 130), (LEAVING, 2)])
def test_a_signal_after_the_work_leaves_an_exit_code_of_ours(
    script: str, code: int, number: signal.Signals
) -> None:
    process = start(script)
    process.send_signal(number)
    _, err = process.communicate("\n", timeout=30)
    assert process.returncode == code
    assert "Traceback" not in err


def test_the_result_of_a_coroutine_comes_back() -> None:
    async def answer() -> int:
        return 42

    assert run_async(answer()) == 42
    assert run_gracefully(lambda _stop: answer()) == 42


@pytest.mark.parametrize(
    ("question", "key"),
    [
        (lambda ask: ask.phone(), "PHONE_NUMBER"),
        (lambda ask: ask.code("in the app"), "EXPORT_TG_CODE"),
        (lambda ask: ask.password(""), "TOBS_PASSWORD"),
    ],
)
def test_without_a_terminal_nothing_is_asked(
    question: Callable[[TerminalAsk], str], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with pytest.raises(LoginNeeded, match=key):
            question(TerminalAsk())


def answer_in_terminal(answers: list[tuple[str, bytes]]) -> tuple[int, str]:
    """Run the three questions in a terminal, answer each prompt, and return exit code and screen."""
    script = (
        "from tobs.cli.exits import guard\n"
        "from tobs.cli.ask import TerminalAsk\n"
        "import sys\n"
        "def ask():\n"
        "    one = TerminalAsk()\n"
        "    print([one.phone(), one.code('in the app'), one.password('dog')])\n"
        "sys.exit(guard(ask))"
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = ""
        try:
            for prompt, answer in answers:
                while prompt not in shown:
                    shown += os.read(ours, 1024).decode()
                if answer != b"\x03":
                    os.write(ours, answer)
                while answer == b"\x03" and not select.select([ours], [], [], 1)[0]:
                    # A signal that comes before the read began leaves it waiting: a person presses again.
                    process.send_signal(signal.SIGINT)
            while block := os.read(ours, 1024):
                shown += block.decode()
        except OSError:
            pass
        finally:
            os.close(ours)
    return process.returncode, shown


def test_a_terminal_is_asked_and_the_password_does_not_show() -> None:
    code, shown = answer_in_terminal(
        [
            ("Phone number", b" +49151 \n"),
            ("Code (in the app)", b"12345\n"),
            ("Password (dog)", b"correct horse\n"),
        ]
    )
    assert code == 0
    assert "['+49151', '12345', 'correct horse']" in shown
    assert shown.count("correct horse") == 1


def test_ctrl_c_ends_a_question() -> None:
    code, _shown = answer_in_terminal([("Phone number", b"\x03")])
    assert code == 130


def test_an_empty_answer_by_ctrl_d_is_a_login_that_was_left() -> None:
    code, shown = answer_in_terminal([("Phone number", b"\x04")])
    assert code == 10
    assert "left without an answer" in shown


def test_logs_hide_secrets_whoever_writes_them(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(
        api_hash=SecretStr("ab" * 16), password=SecretStr("correct horse"), phone_number="+4915123"
    )
    set_up_logs(settings, Manner())
    logging.getLogger("tobs.telegram").warning("sent %s and %s", "ab" * 16, ["correct horse"])
    logging.getLogger("tobs.telegram").critical("for +4915123")
    text = capsys.readouterr().err
    assert text == "WARNING tobs.telegram: sent ••• and ['•••']\nCRITICAL tobs.telegram: for •••\n"


def test_a_phone_number_is_hidden_as_telegram_writes_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(Settings(phone_number="+1 (555) 010-0001"), Manner())
    logging.getLogger("tobs.telegram").warning("sent for 15550100001")
    assert capsys.readouterr().err == "WARNING tobs.telegram: sent for •••\n"


def test_a_traceback_on_the_screen_has_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        set_up_logs(Settings(password=SecretStr("correct horse")), Manner())
        note_manner(quiet=False, verbose=False, debug=True)
        raise ValueError("correct horse, access_hash=4711")

    assert copy_context().run(guard, fail) == 1
    shown = capsys.readouterr().err
    assert "Traceback (most recent call last)" in shown
    assert "This is a bug in tobs: ValueError: •••, access_hash=•••\n" in shown
    assert "correct horse" not in shown
    assert "4711" not in shown


STUBBORN = """
import asyncio, logging, os, signal, sys
from contextlib import suppress
from pathlib import Path
from tobs._util.clock import SystemClock
from tobs.cli.logs import set_up_logs
from tobs.cli.options import Manner
from tobs.cli.start import run_gracefully
from tobs.monitoring.logfile import log_to_folder
from tobs.settings import Settings

async def work(stop):
    set_up_logs(Settings(), Manner())
    with log_to_folder(Path(sys.argv[1]), level="INFO", secrets=[], interval_seconds=3600, clock=SystemClock()):
        for number in range(5):
            logging.getLogger("tobs.export").info("page %d", number)
        os.kill(os.getpid(), signal.SIGINT)
        await stop.wait()
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

run_gracefully(work)
"""


def test_a_run_that_is_left_at_once_has_written_what_it_counted(tmp_path: Path) -> None:
    assert run_python("-c", STUBBORN, str(tmp_path)).code == 130
    lines = (tmp_path / "tobs.log").read_text().splitlines()
    assert [line.partition(": ")[2] for line in lines] == [
        "page 0",
        "page 4 (the last of 4 such lines in 0 s)",
    ]


@pytest.mark.parametrize(
    ("manner", "level", "shown"),
    [
        (Manner(), "DEBUG", ["WARNING", "ERROR"]),
        (Manner(), "ERROR", ["ERROR"]),
        (Manner(quiet=True), "DEBUG", ["ERROR"]),
        (Manner(verbose=True), "DEBUG", ["DEBUG", "INFO", "WARNING", "ERROR"]),
    ],
)
def test_the_level_is_what_was_asked_for(
    manner: Manner, level: str, shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(Settings.model_validate({"log_level": level}), manner)
    for name in ("DEBUG", "INFO", "WARNING", "ERROR"):
        logging.getLogger("tobs").log(logging.getLevelName(name), "x")
    assert [line.split()[0] for line in capsys.readouterr().err.splitlines()] == shown


def test_telethons_own_chatter_stays_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(Settings(log_level="DEBUG"), Manner(verbose=True))
    logging.getLogger("telethon.network.mtprotosender").info("Connecting to 127.0.0.1")
    set_up_logs(Settings(log_level="DEBUG"), Manner())
    logging.getLogger("telethon.network.mtprotosender").error("Automatic reconnection failed")
    assert capsys.readouterr().err == ""


def test_what_a_person_sees_as_an_event_is_not_shown_as_a_log_line_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logs(Settings(), Manner(verbose=True))
    logging.getLogger("tobs.run").error("Team: it failed")
    assert capsys.readouterr().err == ""


def test_a_strangers_escape_sequence_in_a_log_line_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(Settings(log_level="DEBUG"), Manner(verbose=True))
    logging.getLogger("tobs.export").debug("%s: committed a page", "\x1b]0;owned\x07Team")
    shown = capsys.readouterr().err
    assert "Team: committed a page" in shown
    assert not {"\x1b", "\x07"} & set(shown)
