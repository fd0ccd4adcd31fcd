"""A run on a real terminal, as somebody sees it: at any width, resized meanwhile, without colours, forced either way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pyte
import pytest

from e2e.stage import Stage, open_stage
from e2e.terminal import in_terminal
from tobs.cli.stream import make_schema
from tobs.simulator.corpus.media_club import MEDIA_CLUB_USERNAME, build_media
from tobs.simulator.faults import Delay, FaultScript, Flood, Refusal

CLUB = f"@{MEDIA_CLUB_USERNAME}"
EXPORT = ("export", CLUB, "--media", "all", "-o", "out")
SLOW = Delay(methods=("upload.getFile",), milliseconds=150)
PERSON: dict[str, str | None] = {"TERM": "xterm-256color", "NO_COLOR": None, "CI": None, "COLUMNS": None}
MOVING = re.compile(r"(Fetching|Download\w*|Writing) .*\d%  |In all \d|Waiting \d")
DOWNLOAD = re.compile(r"Download.*\d%  ")


def watch(shown: str, columns: int, resized: dict[int, int]) -> Iterator[list[str]]:
    """Yield what stands on the screen after each piece that was written; `resized` says to how many columns, and when."""
    screen = pyte.Screen(columns, 24)
    stream = pyte.Stream(screen)
    ends = [*resized, len(shown)]
    at = 0
    for end in ends:
        while at < end:
            # A piece ends where a frame does: rich writes each with one call.
            following = min(end, (shown.find("\x1b[1A", at + 1) + 1 or end + 1) - 1)
            stream.feed(shown[at : max(following, at + 1)])
            at = max(following, at + 1)
            yield [line.rstrip() for line in screen.display]
        if end in resized:
            screen.resize(24, resized[end])


def count(what: re.Pattern[str], frame: list[str]) -> int:
    """Return how many lines of the screen begin so."""
    return sum(bool(what.match(line)) for line in frame)


@pytest.mark.parametrize("columns", [40, 80, 200])
async def test_a_person_sees_each_thing_once_and_at_the_end_what_came(tmp_path: Path, columns: int) -> None:
    async with (
        open_stage(build_media(1, 60), tmp_path, faults=FaultScript([SLOW])) as stage,
        in_terminal(stage, *EXPORT, columns=columns, **PERSON) as terminal,
    ):
        assert await terminal.end() == 0
    *_, last = frames = [*watch(terminal.shown, columns, {})]
    assert max(count(DOWNLOAD, frame) for frame in frames) == 1, terminal.shown
    assert max(count(re.compile("In all"), frame) for frame in frames) == 1
    assert count(MOVING, last) == 0
    assert "Open out as a vault" in terminal.shown


async def test_a_window_that_is_resized_while_it_runs_stays_whole(tmp_path: Path) -> None:
    resized = {}
    async with (
        open_stage(build_media(1, 80), tmp_path, faults=FaultScript([SLOW])) as stage,
        in_terminal(stage, *EXPORT, columns=200, **PERSON) as terminal,
    ):
        for columns in (80, 40, 120):
            await terminal.wait_for("Downloadi")
            resized[terminal.resize(columns)] = columns
            seen = len(terminal.shown)
            while len(terminal.shown) < seen + 400 and "Done" not in terminal.shown:
                await terminal.changes()
        assert await terminal.end() == 0
    *_, last = frames = [*watch(terminal.shown, 200, resized)]
    # Only what was drawn just when the window became smaller may stay behind, and nothing that was said is lost.
    assert max(count(DOWNLOAD, frame) for frame in frames) <= 1 + len(resized)
    assert "Done after" in terminal.shown
    assert any("held the run back" in line or "received" in line for line in last)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
async def test_without_colours_nothing_moves_and_no_escape_code_is_written(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    flood = Flood(1, methods=("messages.getHistory",), at=(1,))
    async with (
        open_stage(build_media(1, 8), tmp_path, faults=FaultScript([flood])) as stage,
        in_terminal(stage, *EXPORT, columns=80, **PERSON | variables) as terminal,
    ):
        assert await terminal.end() == 0
    assert "\x1b" not in terminal.shown
    assert terminal.shown.count("Waiting ") == 1
    assert "Open out as a vault" in terminal.shown


async def test_nobody_watches_a_terminal_of_ci(tmp_path: Path) -> None:
    async with (
        open_stage(build_media(1, 8), tmp_path) as stage,
        in_terminal(stage, *EXPORT, columns=80, **PERSON | {"CI": "true"}) as terminal,
    ):
        assert await terminal.end() == 0
    assert "\x1b" not in terminal.shown
    assert "Done after" in terminal.shown


@pytest.mark.parametrize("variables", [{"TTY_MODE": "force-non-tty"}, {"FORCE_TTY_MODE": "false"}])
async def test_lines_for_a_program_may_be_forced_on_a_terminal(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    async with (
        open_stage(build_media(1, 8), tmp_path) as stage,
        in_terminal(stage, *EXPORT, columns=80, **PERSON | variables) as terminal,
    ):
        assert await terminal.end() == 0
    assert [json.loads(line)["type"] for line in terminal.shown.splitlines()][-1] == "export_finish"


@pytest.mark.parametrize(
    "variables", [{"TTY_MODE": "force-tty"}, {"TTY_MODE": "force-tty", "FORCE_TTY_MODE": "false"}]
)
async def test_a_display_may_be_forced_into_a_pipe(tmp_path: Path, variables: dict[str, str]) -> None:
    async with open_stage(build_media(1, 8), tmp_path) as stage:
        done = await stage.tobs(*EXPORT, **PERSON | variables)
    assert done.code == 0
    assert "Done after" in done.out
    assert "\x1b" in done.err
    assert "\x1b" not in done.out


async def run_piped(stage: Stage, *arguments: str, **variables: str | None) -> list[dict[str, Any]]:
    """Run `tobs` in a pipe and hold every line against the schema."""
    done = await stage.tobs(*arguments, **variables)
    for each in done.events:
        jsonschema.validate(each, make_schema())
    assert "\x1b" not in done.out + done.err
    return done.events


async def test_every_line_of_piped_runs_is_what_the_schema_says(tmp_path: Path) -> None:
    faults = FaultScript(
        [
            Flood(1, methods=("messages.getHistory",), at=(1,)),
            Refusal(400, "LOCATION_INVALID", at=(2,), methods=("upload.getFile",)),
        ]
    )
    async with open_stage(build_media(1, 8), tmp_path, faults=faults) as stage:
        whole = await run_piped(stage, *EXPORT)
        assert {each["type"] for each in whole} == {"export_start", "progress", "waiting", "export_finish"}
        assert whole[0]["version"] == 1
        told = [each for each in whole if each["type"] == "progress" and each["stage"] == "download"]
        assert told[-1]["size_bytes"] > 0
        assert max(each["allowed"] for each in told) > 0
        forecast = await run_piped(stage, "export", CLUB, "--dry-run", "-o", "out")
        assert "forecast" in {each["type"] for each in forecast}
        missing = await run_piped(stage, "export", "@nobody_here", CLUB, "-o", "out")
        assert "error" in {each["type"] for each in missing}
        broken = await run_piped(stage, *EXPORT, TOBS_SERVER="127.0.0.1:1")
        assert [each["type"] for each in broken] == ["error"]
        nowhere = await run_piped(stage, *EXPORT, TOBS_API_HASH=None)
        assert [each["type"] for each in nowhere] == ["error"]
        quiet = await run_piped(stage, *EXPORT, "-q")
        assert {each["type"] for each in quiet} == {"export_start", "export_finish"}
