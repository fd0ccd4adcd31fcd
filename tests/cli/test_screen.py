from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cli.program import run_python
from tobs.cli.screen import Sentences, open_screen
from tobs.cli.stream import JsonLines
from tobs.cli.summary import print_render, print_run
from tobs.cli.words import put_in_words
from tobs.core.events import ExportFinished, ExportStarted, Failed, Progressed, Said, Waiting
from tobs.core.report import (
    AccountReport,
    AskedRange,
    ChangedChat,
    ChatReport,
    RenderReport,
    RunReport,
    Tally,
)
from tobs.errors import NetworkError

EVENTS = (
    ExportStarted(chats=["Team\u202e \x1b[31mchat"], output="./export"),
    Progressed("Team", 100, 200, "fetch", 50.0),
    Waiting(48.0, "getHistory"),
    Said("info", "A word."),
    Failed("It broke.", hint="Mend it.", entity_name="Team", exit_code=4),
    ExportFinished(
        success=False, exit_code=3, messages_new=1, messages_stored=2, notes_written=1, seconds=0.5
    ),
)
# Shows a run on whatever the script's stdout and stderr are.
DRAWN = """
from tobs.cli.screen import open_screen
from tobs.core.events import *
with open_screen(is_stream=True) as screen:
    print(type(screen).__name__)
    for done in (25.0, 100.0):
        screen.emit(Progressed("[bold]Te\\x1b[31mam", int(done * 10), 1000, "fetch", done))
    screen.emit(Waiting(48.0, "getHistory"))
    screen.emit(Progressed("Other", 5, 5, "fetch", 100.0))
    screen.emit(Said("warning", "A [red]word[/red]."))
    screen.emit(Progressed("Other", 5, 5, "render", 100.0))
    screen.emit(Progressed("Lonely", 1, 1, "render", 100.0))
    screen.emit(Progressed("Lonely", 1, 1, "fetch", 100.0))
"""


def show_in_terminal(script: str) -> str:
    """Return everything that a process writes to its terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        # Linux reports the end of a terminal as an error.
        try:
            while block := os.read(ours, 4096):
                shown += block
        except OSError:
            pass
        finally:
            os.close(ours)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


def test_without_a_terminal_every_line_is_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    with open_screen(is_stream=True) as screen:
        for event in EVENTS:
            screen.emit(event)
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    assert [line["type"] for line in lines] == [event.type for event in EVENTS]
    assert lines[0]["chats"] == ["Team\u202e \x1b[31mchat"]
    assert lines[1] == {
        "type": "progress",
        "entity_name": "Team",
        "messages_processed": 100,
        "total_messages": 200,
        "stage": "fetch",
        "percentage": 50.0,
        "in_flight": 0,
        "allowed": 0,
        "size_bytes": 0,
    }
    assert "\x1b" not in captured.out
    assert captured.err == ""


def test_an_error_that_ends_the_run_is_an_event_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NetworkError), open_screen(is_stream=True):
        raise NetworkError("Telegram cannot be reached.", hint="Try again.")
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "type": "error",
        "text": "Telegram cannot be reached.",
        "hint": "Try again.",
        "entity_name": "",
        "exit_code": 14,
    }


def test_a_quiet_stream_leaves_out_progress(capsys: pytest.CaptureFixture[str]) -> None:
    screen = JsonLines(is_quiet=True)
    for event in EVENTS:
        screen.emit(event)
    types = [json.loads(line)["type"] for line in capsys.readouterr().out.splitlines()]
    assert types == ["export_start", "error", "export_finish"]


def test_a_reader_that_leaves_does_not_end_the_run() -> None:
    script = (
        "import os, sys\n"
        "from tobs.cli.screen import open_screen\n"
        "from tobs.core.events import Said\n"
        "read, write = os.pipe(); os.dup2(write, 1); os.close(write); os.close(read)\n"
        "with open_screen(is_stream=True) as screen:\n"
        "    for _ in range(3): screen.emit(Said('info', 'x'))\n"
        "print('still here', file=sys.stderr)\n"
    )
    ended = run_python("-c", script)
    assert (ended.code, ended.err) == (0, "still here\n")


def test_other_commands_say_sentences_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with open_screen() as screen:
        for event in EVENTS:
            screen.emit(event)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Waiting 48 s, asked by Telegram (getHistory)",
        "A word.",
        "Team: It broke. Mend it.",
    ]


def test_quiet_sentences_are_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Sentences(is_quiet=True)
    for event in EVENTS:
        screen.emit(event)
    assert capsys.readouterr().err == "Team: It broke. Mend it.\n"
    assert put_in_words(EVENTS[1]) == ""
    assert put_in_words(Failed("Team has no topic 4.", entity_name="Team")) == "Team has no topic 4."


def test_a_terminal_shows_a_line_for_each_stage_and_sentences_above() -> None:
    shown = show_in_terminal(DRAWN)
    assert "Drawing" in shown
    assert "Te\x1b[31mam" not in shown
    assert "A [red]word[/red]." in shown
    # The cursor comes back.
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def test_a_quiet_terminal_draws_nothing() -> None:
    script = DRAWN.replace(
        "with open_screen",
        "from tobs.cli.options import note_manner\nnote_manner(quiet=True, verbose=False, debug=False)\nwith open_screen",
    )
    assert show_in_terminal(script).split() == ["Sentences"]


def make_report(count: int = 1) -> RunReport:
    chats = [
        ChatReport(id=n + 1, title=f"Chat {n}", new=1000, tally=Tally(stored=1000, empty=5))
        for n in range(count)
    ]
    return RunReport(1, "0.1.0", "2026-03-14T09:00:00.000000Z", duration_s=2.13, chats=chats)


def test_the_summary_says_what_to_open(capsys: pytest.CaptureFixture[str]) -> None:
    report = make_report()
    report.render.written = ["a.md", "b.md"]
    print_run(report, Path("vault"))
    assert capsys.readouterr().out.splitlines() == [
        "Done after 2.1 s: 1,000 new messages in 1 chat, 2 files written in vault.",
        "  Chat 0: 1,000 new, 1,000 stored, complete",
        "Open vault as a vault in Obsidian, or begin with vault/Chats.md.",
    ]


def test_the_summary_names_the_part_of_a_chat_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    report = make_report(6)
    report.chats[0].asked = AskedRange(12, 40, is_part=True, since="2026-03-01", until="2026-03-31")
    report.chats[1].asked = AskedRange(1, 40)
    report.chats[2].new = 0
    report.chats[3].asked = AskedRange(7, 7, is_part=True)
    report.chats[5].asked, report.chats[5].tally.hidden = AskedRange(1, 9, is_part=True), 2
    report.chats[4].left_out = "the ids are others"
    print_run(report, Path("vault"))
    assert capsys.readouterr().out.splitlines()[1:7] == [
        "  Chat 0: 1,000 new, 1,000 stored, asked for ids 12 to 40 from 2026-03-01 until 2026-03-31, that part complete",
        "  Chat 1: 1,000 new, 1,000 stored, complete",
        "  Chat 2: 0 new, 1,000 stored, no message there to ask for, complete",
        "  Chat 3: 1,000 new, 1,000 stored, asked for id 7, that part complete",
        "  Chat 4: 1,000 new, 1,000 stored, not asked for: the ids are others",
        "  Chat 5: 1,000 new, 1,000 stored, asked for ids 1 to 9, 2 ids not visible to this account, all else of that part complete",
    ]


def test_the_summary_names_what_changed_in_chats_that_were_not_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = make_report()
    report.account = AccountReport(7, "applied", [ChangedChat(42, "Al\u202eice", edited=1_234, deleted=2)])
    print_run(report, Path("vault"))
    assert capsys.readouterr().out.splitlines()[2:4] == [
        "In other chats of this folder Telegram told of changes:",
        "  Alice: 1,234 edited, 2 deleted",
    ]


def test_the_summary_of_many_chats_fits_a_screen_and_names_the_troubled_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = make_report(200)
    report.chats[150].tally.unknown = 45
    report.chats[151].error = "This account may not read it."
    report.chats[152].is_interrupted = True
    report.chats[152].tally.unreadable = 1
    report.chats[152].unreadable = [7]
    report.chats[152].edited = 3
    report.exit_code = 130
    report.render = RenderReport(kept=["mine.md"], foreign=["theirs.md"])
    print_run(report, Path("vault"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 24
    assert lines[0].startswith("Stopped after 2.1 s: 200,000 new messages in 200 chats, 0 files written")
    assert lines[1] == "  Chat 150: 1,000 new, 1,000 stored, 45 ids still unknown"
    assert lines[2] == "  Chat 151: 1,000 new, 1,000 stored, This account may not read it."
    assert lines[3].endswith(
        "3 edited, 1 message not readable by this version (7), stopped, the next run goes on from there"
    )
    assert "  … and 188 more" in lines
    assert "Run the same command again to go on." in lines
    assert "  mine.md" in lines
    assert "  theirs.md" in lines


def test_a_render_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    print_render(RenderReport(written=["a.md"], unchanged=1200), Path("vault"))
    assert capsys.readouterr().out == "1 file written, 1,200 unchanged, 0 removed in vault.\n"


def test_the_manner_adds_up_over_the_levels_of_a_command_line() -> None:
    script = (
        "from tobs.cli.options import current_manner, note_manner\n"
        "note_manner(quiet=True, verbose=False, debug=False)\n"
        "note_manner(quiet=False, verbose=True, debug=False)\n"
        "print(current_manner())"
    )
    assert run_python("-c", script).out == "Manner(quiet=True, verbose=True, debug=False)\n"
