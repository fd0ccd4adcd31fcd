"""The end of a run fits a screen of 24 lines, whatever the run did, and loses nothing that somebody has to know."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.test_screen import make_report
from tobs.cli.fitting import ROWS, Listing, Page, count_rows
from tobs.cli.summary import print_render, print_run
from tobs.core.metrics import RunMetrics, StageMetrics
from tobs.core.report import AccountReport, ChangedChat, MediaTally, ProcessReport, RenderReport, RunReport

LONG = "a name that goes on and on, as names of files that strangers choose sometimes do, " * 4
STAGES = ("pipeline_fetch", "pipeline_process", "pipeline_write", "render", "download", "transcode")


def make_metrics(report: RunReport) -> RunMetrics:
    stages = {name: StageMetrics(count=5, total_duration_s=2.0) for name in STAGES}
    return RunMetrics(1, report.start_time, stages=stages)


def make_worst() -> RunReport:
    """Return a run in which everything happened that can, to two hundred chats."""
    report = make_report(200)
    for each in report.chats:
        each.title = f"{each.title} {LONG}"
        each.tally.unknown = 12
        each.edited = each.deleted = 3
        each.error = f"This account may not read it. {LONG}"
        each.media = MediaTally(done=5, done_bytes=10**9, failed={LONG: 3, "b": 2}, too_large=2)
    changed = [ChangedChat(number, LONG, edited=5, deleted=2) for number in range(50)]
    report.account = AccountReport(7, "applied", changed)
    names = [f"{number}/{LONG}.md" for number in range(50)]
    report.render = RenderReport(written=names, kept=names, left=names, foreign=names)
    report.processed = ProcessReport(
        made=5, copied=2, there=9, kept={LONG: 3}, failed={LONG: 8}, is_interrupted=True
    )
    report.takeout, report.exit_code = "delayed", 130
    report.metrics = make_metrics(report)
    return report


@pytest.mark.parametrize("columns", [80, 100, 200])
def test_the_worst_run_says_all_that_matters_on_one_screen(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    print_run(make_worst(), Path("vault"))
    out = capsys.readouterr().out
    assert count_rows(out.splitlines(), columns) <= ROWS
    text = " ".join(out.split())
    for words in (
        "Stopped after 2.1 s: 200,000 new messages in 200 chats",
        "Chat 0 a name that goes on",
        "12 ids still unknown",
        "more",
        "Telegram told of changes:",
        "You changed these, so the new version stands beside each",
        "You changed these, so they stay",
        "These are not from tobs",
        "Pictures and videos processed: 5 made",
        "Telegram did not allow a takeout in time",
        "Run the same command again to go on.",
        "Open vault as a vault in Obsidian",
    ):
        assert words in text


def test_a_usual_run_shows_its_chats_and_the_whole_table(capsys: pytest.CaptureFixture[str]) -> None:
    report = make_report(5)
    report.metrics = make_metrics(report)
    print_run(report, Path("vault"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:6]] == [f"Chat {n}" for n in range(5)]
    assert [line.split()[0] for line in lines if line.startswith(STAGES)] == [*STAGES]
    assert count_rows(lines, 100) <= ROWS


def test_many_chats_leave_room_for_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    report = make_report(90)
    report.metrics = make_metrics(report)
    print_run(report, Path("vault"))
    lines = capsys.readouterr().out.splitlines()
    shown = [line for line in lines if line.startswith("  Chat")]
    assert f"  … and {90 - len(shown)} more" in lines
    assert len(shown) > 2
    assert any(line.startswith("transcode") for line in lines)
    assert count_rows(lines, 100) <= ROWS


def test_a_render_that_left_hundreds_alone_fits_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"{number}.md" for number in range(300)]
    print_render(RenderReport(written=names, kept=names, left=names, foreign=names), Path("vault"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= ROWS
    assert sum(line.endswith(" more") for line in lines) == 3


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "Heading:"]), st.lists(st.text(max_size=300), max_size=30)), max_size=4
    ),
    st.lists(st.text("ab ", max_size=100), max_size=3),
    st.lists(st.lists(st.text("ab ", max_size=90), max_size=14), max_size=3),
    st.integers(60, 200),
)
def test_a_page_is_never_longer_than_a_screen(
    lists: list[tuple[str, list[str]]], tail: list[str], extras: list[list[str]], width: int
) -> None:
    page = Page(["Done."], [Listing(*each) for each in lists], tail, extras)
    lines = page.lay_out(width)
    assert count_rows(lines, width) <= ROWS
    assert lines[0] == "Done."
    for heading, entries in lists:
        assert not entries or not heading or any(line.startswith(heading) for line in lines)
