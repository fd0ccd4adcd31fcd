"""How far a run is: what stands in the lines, at any width, as time goes by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from tobs._util.clock import ManualClock
from tobs.cli.drawing import draw_lines
from tobs.cli.progress import Progress, say_time
from tobs.core.events import ExportStarted, Progressed, Waiting


class Watch:
    """What a person sees of a run, at a clock that is moved by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.progress = Progress(self.clock.monotonic)

    def fetch(
        self, name: str, messages: int, percentage: float, in_flight: int = 6, allowed: int = 8
    ) -> None:
        self.progress.note(Progressed(name, messages, 100_000, "fetch", percentage, in_flight, allowed))

    def download(self, files: int, size_bytes: int) -> None:
        self.progress.note(Progressed("Team", files, 320, "download", files / 3.2, 4, 16, size_bytes))

    def show(self, width: int) -> str:
        console = Console(width=width, no_color=True)
        with console.capture() as captured:
            for each in draw_lines(self.progress.list_lines(), width):
                console.print(each)
        return captured.get()


@pytest.fixture
def busy() -> Watch:
    """A run in the middle: a long chat is fetched, files come, and Telegram has told it to wait."""
    watch = Watch()
    watch.progress.note(ExportStarted(["Small", "Team"], "out"))
    watch.fetch("Small", 40, 100.0)
    for second in range(11):
        watch.fetch("The team of everybody who ever rowed", 1000 * (second + 1), 2.0 * (second + 1))
        watch.download(10 * second, 3_000_000 * second)
        watch.clock.advance(1)
    watch.progress.note(Waiting(35.0, "messages.getHistory"))
    watch.clock.advance(5)
    return watch


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_run_in_the_middle(busy: Watch, width: int, snapshot: SnapshotAssertion) -> None:
    shown = busy.show(width)
    assert shown == snapshot
    assert max(map(len, shown.splitlines())) <= width


def test_rate_and_what_is_left_follow_from_the_last_seconds(busy: Watch) -> None:
    fetching, downloading, *_ = busy.progress.list_lines()
    assert fetching.words == ["11,000 messages", "1,000/s", "0:39 left", "6 of 8 requests in flight"]
    assert downloading.words[:2] == ["100 files", "3.0 MB/s"]


def test_a_countdown_goes_on_by_itself_and_ends(busy: Watch) -> None:
    assert busy.progress.list_lines()[-1][::2] == (
        "Waiting 0:30",
        ["asked by Telegram (messages.getHistory)"],
    )
    busy.clock.advance(29)
    assert busy.progress.list_lines()[-1].label == "Waiting 0:01"
    busy.clock.advance(1)
    assert not [each for each in busy.progress.list_lines() if each.label.startswith("Waiting")]


def test_all_chats_and_files_are_summed_up(busy: Watch) -> None:
    total = next(each for each in busy.progress.list_lines() if each.label.startswith("In all"))
    assert (total.label, total.words) == (
        "In all 2 of 2 chats",
        ["11,040 messages", "100 files (30 MB)", "0:16"],
    )


def test_a_stage_that_is_done_makes_room_for_the_next() -> None:
    watch = Watch()
    watch.fetch("Team", 10, 100.0)
    assert [each.label for each in watch.progress.list_lines()] == ["Fetching Team", "In all 1 chat"]
    watch.clock.advance(1)
    watch.progress.note(Progressed("Team", 1, 2, "render", 50.0))
    assert [each.label for each in watch.progress.list_lines()] == ["Writing Team", "In all 1 chat"]


@given(
    st.lists(
        st.tuples(st.text(max_size=30), st.integers(0, 10**9), st.floats(0, 100)), min_size=1, max_size=8
    ),
    st.integers(1, 250),
)
def test_no_line_is_ever_wider_than_the_screen(said: list[tuple[str, int, float]], width: int) -> None:
    watch = Watch()
    for name, count, percentage in said:
        watch.fetch(name, count, percentage, 32, 32)
        watch.clock.advance(3)
    for line in draw_lines(watch.progress.list_lines(), width):
        assert line.cell_len <= width
        assert "\n" not in line.plain
        assert "\x1b" not in line.plain


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (59.6, "1:00"), (3599, "59:59"), (7322, "2:02:02")]
)
def test_time_is_said_shortly(seconds: float, said: str) -> None:
    assert say_time(seconds) == said
