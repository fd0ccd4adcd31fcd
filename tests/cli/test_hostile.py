"""Whatever a stranger calls a chat or a file, the terminal of whoever exports it obeys tobs alone."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from attacks import ATTACKS, TERMINAL, hostile_texts
from tobs.cli.exits import guard
from tobs.cli.screen import Sentences, open_screen
from tobs.cli.tables import clean_text, print_json, print_record, print_table
from tobs.core.events import Event, ExportFinished, ExportStarted, Failed, Progressed, Said, Waiting
from tobs.core.report import ChatReport
from tobs.errors import ChatNotFound

HOSTILE = [*TERMINAL, "家族" * 60, "x" * 500, "👩\u200d👩\u200d👧" * 40]
# What tobs itself (through rich) may tell a terminal: colours, moving within lines, erasing, the cursor.
OWN = re.compile(r"\x1b\[[0-9;]*[mAKG]|\x1b\[\?25[lh]|\r|\n")
DRAW = """
import json, sys
from tobs.cli.exits import guard
from tobs.cli.screen import open_screen
from tobs.core.events import *
title = json.loads(sys.argv[1])
with open_screen(is_stream=True) as screen:
    screen.emit(ExportStarted([title], title))
    for done in (10.0, 100.0):
        screen.emit(Progressed(title, int(done * 12), 1200, "fetch", done))
    screen.emit(Waiting(48.0, "messages.getHistory"))
    screen.emit(Said("warning", f"About {title}."))
    screen.emit(Failed(f"{title} broke.", hint=title, entity_name=title, exit_code=4))
    screen.emit(Progressed(title, 3, 3, "render", 100.0))
    screen.emit(Progressed(title, 3, 3, "verify", 50.0))
"""


def draw(title: str, columns: int) -> str:
    """Return everything that a terminal of this width gets while a run with this title is shown."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: each for name, each in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    environment |= {"TERM": "xterm-256color", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", DRAW, json.dumps(title)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        # Linux reports the end of a terminal as an error.
        try:
            while block := os.read(ours, 65_536):
                shown += block
        except OSError:
            pass
        finally:
            os.close(ours)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


def make_events(title: str) -> list[Event]:
    return [
        ExportStarted([title], title),
        Progressed(title, 1, 2, "fetch", 50.0),
        Waiting(48.0, "messages.getHistory"),
        Said("warning", title),
        Failed(title, hint=title, entity_name=title, exit_code=4),
        ExportFinished(
            success=False,
            exit_code=3,
            messages_new=1,
            messages_stored=2,
            notes_written=1,
            seconds=0.5,
            kept_notes=[title],
        ),
    ]


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("title", HOSTILE, ids=lambda each: each[:8].encode("ascii", "replace").decode())
def test_a_title_never_commands_the_terminal(title: str, columns: int) -> None:
    shown = draw(title, columns)
    left = OWN.sub("", shown)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", left)
    # The cursor comes back.
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize(
    "title", ["x" * 500, "家族" * 60, "👩\u200d👩\u200d👧" * 40], ids=["x", "wide", "joined"]
)
def test_a_long_title_leaves_room_for_how_far_it_is_and_for_a_wait(title: str, columns: int) -> None:
    lines = [OWN.sub("", line) for line in re.split(r"[\r\n]+", draw(title, columns))]
    moving = [line for line in lines if "Fetching" in line]
    assert all(cell_len(line) <= columns for line in moving)
    assert any("100%  1,200 messages" in line for line in moving)
    assert any("Waiting 0:48" in line for line in lines)


def test_a_title_in_markup_is_shown_as_it_is_written() -> None:
    shown = OWN.sub("", draw("[bold]a[/bold]", 200))
    assert "Fetching [bold]a[/bold]" in shown
    assert "About [bold]a[/bold]." in shown


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), hostile_texts))
def test_cleaned_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    clean = clean_text(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", clean)
    assert clean_text(clean) == clean
    if text.isprintable():
        assert clean == text


@pytest.mark.parametrize("title", TERMINAL)
def test_sentences_are_one_clean_line_each(title: str, capsys: pytest.CaptureFixture[str]) -> None:
    screen = Sentences(is_quiet=False)
    for event in make_events(title):
        screen.emit(event)
    lines = capsys.readouterr().err.split("\n")
    assert len(lines) == 4  # the wait, the warning, the failure, and the end of the last line
    assert all(clean_text(line) == line for line in lines)


@pytest.mark.parametrize("title", [*HOSTILE, *ATTACKS])
def test_every_event_is_one_line_of_json_that_keeps_the_title(
    title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_screen(is_stream=True) as screen:
        for event in make_events(title):
            screen.emit(event)
    out = capsys.readouterr().out
    assert out.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", out)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["type"] for line in lines] == [each.type for each in make_events(title)]
    assert lines[0]["chats"] == lines[-1]["kept_notes"] == [title]
    assert lines[4]["entity_name"] == lines[4]["text"] == title


@pytest.mark.parametrize("title", [*HOSTILE, *ATTACKS])
def test_a_table_keeps_its_columns(title: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("title", "messages"), [(title, 5), ("plain", 12_000)])
    lines = capsys.readouterr().out.split("\n")
    assert len(lines) == 4
    assert all(clean_text(line) == line for line in lines)
    assert lines[1].endswith(" 5")


def test_a_record_keeps_one_line_a_field(capsys: pytest.CaptureFixture[str]) -> None:
    print_record(ChatReport(id=5, title="two\nlines\x1b[2J", error="over\rwritten"))
    out = capsys.readouterr().out
    assert "twolines[2J" in out
    assert "overwritten" in out
    assert "\x1b" not in out
    assert "\r" not in out


def end_with(title: str) -> ChatNotFound:
    raise ChatNotFound(
        f"2 chats are called '{title}'.", hint=f"Name one by its id: 5 ({title}), 6 ({title})."
    )


@pytest.mark.parametrize("title", HOSTILE)
def test_an_error_that_quotes_a_title_is_two_clean_lines(
    title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guard(lambda: end_with(title)) == 4
    said, hint, end = capsys.readouterr().err.split("\n")
    assert (said, end) == (f"2 chats are called '{clean_text(title)}'.", "")
    assert clean_text(hint) == hint


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile_texts)
def test_a_document_is_read_as_it_was_and_commands_no_terminal(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    text = text.encode(errors="replace").decode()
    print_json([{"title": text, "also": {text: 5}}])
    out = capsys.readouterr().out
    assert json.loads(out) == [{"title": text, "also": {text: 5}}]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", out)
    assert out.count("\n") == 8
