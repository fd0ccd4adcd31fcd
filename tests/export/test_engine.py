"""What is asked for, what a page accounts for, and what a run amounts to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e.changes import chat_called
from export.memory import MemoryArchive, MemorySource, NoNotes, NoPool, decode_ids
from export.workshop import WorldSource, open_workshop
from tobs._util.clock import ManualClock
from tobs.app.exporting import start_report
from tobs.core.events import Event, Progressed
from tobs.core.model import Chat, Decoded
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range, count_ids, find_holes, merge_ranges
from tobs.core.report import ChatReport, MediaTally, RunReport, Tally
from tobs.core.request import ExportRequest
from tobs.errors import Damaged, DiskFull, NoAccess, ServerError
from tobs.export.engine import Engine, judge_run
from tobs.export.pipeline import Bounds, Pipeline
from tobs.export.plan import cover_page, plan_windows
from tobs.simulator.world import WORLDS

IDS = st.sets(st.integers(1, 400), max_size=120)
RANGES = st.lists(
    st.tuples(st.integers(1, 400), st.integers(0, 60)).map(lambda each: Range(each[0], each[0] + each[1])),
    max_size=5,
)


async def walk(
    source: MemorySource, archive: MemoryArchive, *, requests: int = 1, stop_after: int = 0
) -> RunReport:
    """Send one chat through the engine; `stop_after` pages the run is asked to stop."""
    stop = asyncio.Event()
    clock = ManualClock()

    def watch(event: Event) -> None:
        if isinstance(event, Progressed) and len(source.served) == stop_after:
            stop.set()

    pipeline = Pipeline(
        source=source,
        archive=archive,
        decoder=decode_ids,
        pool=NoPool(),
        clock=clock,
        emit=watch,
        bounds=Bounds(2, 2, requests),
    )
    engine = Engine(pipeline, cast("Any", NoNotes()))
    report = start_report(clock)
    await engine.run(ExportRequest(("chat",), Path()), report, stop)
    return report


@given(IDS, st.sets(st.integers(1, 400)))
def test_ids_asked_for_up_to_a_higher_top_are_accounted_for_when_it_is_gone(
    ids: set[int], covered: set[int]
) -> None:
    archive = MemoryArchive()
    archive.asked = [Range(1, 500)]
    archive.covered = merge_ranges(Range(each, each) for each in covered - ids)
    assert asyncio.run(walk(MemorySource(ids, 100, frozenset()), archive)).exit_code == 0
    assert find_holes(archive.covered, Range(1, 500)) == []


@given(IDS, st.integers(1, 100), st.sets(st.integers(1, 400)), st.integers(1, 6))
def test_a_walk_covers_every_id_up_to_the_top(
    ids: set[int], page_size: int, hidden: set[int], requests: int
) -> None:
    source = MemorySource(ids, page_size, frozenset(hidden) & ids)
    archive = MemoryArchive()
    assert asyncio.run(walk(source, archive, requests=requests)).exit_code == 0
    top = max((page[0] for page in source.served if page), default=0)
    assert archive.covered == ([Range(1, top)] if top else [])
    assert archive.asked == archive.covered
    assert set(archive.stored) == {each for page in source.served for each in page}
    if not hidden & ids:
        assert set(archive.stored) == ids


@given(IDS)
def test_one_request_in_flight_brings_each_message_once(ids: set[int]) -> None:
    archive = MemoryArchive()
    asyncio.run(walk(MemorySource(ids, 100), archive))
    assert archive.stored == dict.fromkeys(ids, 1)


@given(IDS, st.integers(1, 40), st.integers(1, 12))
def test_a_walk_that_was_stopped_is_completed_by_the_next(ids: set[int], page_size: int, pages: int) -> None:
    archive = MemoryArchive()
    asyncio.run(walk(MemorySource(ids, page_size), archive, stop_after=pages))
    before = dict(archive.stored)
    asyncio.run(walk(MemorySource(ids, page_size), archive))
    assert set(archive.stored) == ids
    assert count_ids(archive.covered) == max(ids, default=0)
    assert set(before) <= ids


@given(IDS, st.integers(1, 40), RANGES)
def test_what_is_covered_is_never_asked_for_again(
    ids: set[int], page_size: int, covered: list[Range]
) -> None:
    source = MemorySource(ids, page_size)
    archive = MemoryArchive(covered=covered)
    asyncio.run(walk(source, archive))
    top = max(ids, default=0)
    assert find_holes(archive.covered, Range(1, top)) == [] if top else source.served == [[]]
    known = {each for each in ids if any(span.holds(each) for span in covered)}
    assert ids - known <= set(archive.stored)


@given(RANGES, st.integers(1, 460))
def test_windows_are_the_holes_with_the_newest_first(covered: list[Range], top: int) -> None:
    windows = plan_windows(covered, Range(1, top))
    assert windows == sorted(windows, reverse=True)
    asked = {each for window in windows for each in range(window.low, window.high + 1)}
    assert asked == {each for each in range(1, top + 1) if not any(span.holds(each) for span in covered)}


@pytest.mark.parametrize(
    ("asked", "ids", "covers"),
    [
        (Range(0, 0), [50, 40], Range(40, 50)),
        (Range(0, 0), [], None),
        (Range(1, 90), [80, 70], Range(70, 90)),
        (Range(1, 90), [], Range(1, 90)),
        (Range(75, 90), [80, 70], Range(75, 90)),
        (Range(75, 90), [60], Range(75, 90)),
        (Range(75, 90), [95], None),
    ],
)
def test_a_page_accounts_for_what_lies_between_its_top_and_its_lowest_id(
    asked: Range, ids: list[int], covers: Range | None
) -> None:
    decoded = Decoded([], [], [], [], min(ids, default=None), max(ids, default=None), None, 0)
    assert cover_page(asked, decoded) == covers


@dataclass
class Sticky(MemorySource):
    """A server that goes on listing its newest message, whatever was asked for."""

    async def fetch_history(
        self, chat: Chat, *, top: int, low: int, floor: int = 1, limit: int = 100, thread: int = 0
    ) -> RawPage:
        page = await super().fetch_history(chat, top=0, low=low, floor=floor, limit=limit)
        return RawPage(chat, Range(low, top) if top else Range(0, 0), page.raw, 1, 0.0)


def test_a_server_that_goes_round_in_circles_is_left() -> None:
    report = asyncio.run(walk(Sticky([9], 1), MemoryArchive()))
    assert report.exit_code == ServerError.exit_code
    assert "which were not asked for" in report.chats[0].error


def make_report(*chats: ChatReport, error: str = "", exit_code: int = 1) -> RunReport:
    return RunReport(1, "0", "now", exit_code=exit_code, error=error, chats=[*chats])


FINE = ChatReport(1, "fine", tally=Tally(stored=5, empty=1))
HOLED = ChatReport(2, "holed", tally=Tally(stored=5, unknown=1))
UNREADABLE = ChatReport(3, "unreadable", tally=Tally(stored=5, unreadable=1))
LOST = ChatReport(4, "lost", error="not found", exit_code=4)
REFUSED = ChatReport(5, "refused", error="refused", exit_code=1)


def with_media(**counts: Any) -> ChatReport:
    return ChatReport(6, "album", tally=Tally(stored=5), media=MediaTally(done=1, **counts))


@pytest.mark.parametrize(
    ("report", "is_stopped", "code"),
    [
        (make_report(FINE), False, 0),
        (make_report(FINE, FINE), False, 0),
        (make_report(FINE, HOLED), False, 3),
        (make_report(UNREADABLE), False, 3),
        (make_report(FINE, LOST), False, 3),
        (make_report(LOST), False, 4),
        (make_report(LOST, LOST), False, 4),
        (make_report(LOST, REFUSED), False, 1),
        (make_report(FINE), True, 130),
        (make_report(LOST, FINE), True, 130),
        (make_report(FINE, error="revoked", exit_code=10), False, 10),
        (make_report(FINE, error="full", exit_code=15), True, 15),
        (make_report(with_media(failed={"deleted by Telegram": 1})), False, 3),
        (make_report(FINE, with_media(wanted=1)), False, 3),
        (make_report(with_media(withheld=2, too_large=3, not_selected=4)), False, 0),
        (make_report(with_media(failed={"deleted by Telegram": 1})), True, 130),
        (make_report(with_media(failed={"a": 1}), LOST), False, 3),
    ],
)
def test_a_run_amounts_to_one_exit_code(report: RunReport, is_stopped: bool, code: int) -> None:
    assert judge_run(report, is_stopped=is_stopped) == code


@dataclass
class FailingSource(WorldSource):
    """Refuses one chat at one of its pages."""

    chat_id: int = 0
    error: Exception = field(default_factory=lambda: NoAccess("Shut out."))

    async def fetch_history(
        self, chat: Chat, *, top: int, low: int, floor: int = 1, limit: int = 100, thread: int = 0
    ) -> RawPage:
        if chat.id == self.chat_id and top:
            raise self.error
        return await super().fetch_history(chat, top=top, low=low, floor=floor, limit=limit, thread=thread)


async def test_an_error_of_one_chat_leaves_the_next_ones_whole(tmp_path: Path) -> None:
    world = WORLDS["small"](1, 0)
    club, news = (chat_called(world, title).marked for title in ("Rowing Club", "Harbour News"))
    async with open_workshop(tmp_path) as workshop:
        source = FailingSource(world, page_size=10, chat_id=club)
        report = await workshop.export(source, str(club), str(news))
    assert [each.error for each in report.chats] == ["", "Shut out.", ""]
    assert [each.tally.stored for each in report.chats[1:]] == [10, world.count(news)]
    assert report.exit_code == 3


async def test_a_full_disk_ends_the_run_before_the_next_chat(tmp_path: Path) -> None:
    world = WORLDS["small"](1, 0)
    club, news = (chat_called(world, title).marked for title in ("Rowing Club", "Harbour News"))
    async with open_workshop(tmp_path) as workshop:
        source = FailingSource(world, page_size=10, chat_id=club, error=DiskFull("The disk is full."))
        report = await workshop.export(source, str(club), str(news))
    assert (report.exit_code, report.error) == (15, "The disk is full.")
    assert news not in {chat for chat, _ in source.asked}


async def test_a_page_that_cannot_be_decoded_ends_the_run_with_what_came_before(tmp_path: Path) -> None:
    world = WORLDS["small"](1, 0)
    club = chat_called(world, "Rowing Club").marked

    def refuse(raw: bytes, *, chat_id: int, account: int, is_forum: bool) -> Decoded:
        raise Damaged("Not an answer.")

    async with open_workshop(tmp_path) as workshop:
        source = WorldSource(world, page_size=10)
        report = await workshop.export(source, str(club), decoder=refuse)
        assert (report.exit_code, report.error) == (12, "Not an answer.")
        assert (await workshop.export(source, str(club))).exit_code == 0


async def test_a_run_that_is_stopped_before_it_begins_asks_for_nothing(tmp_path: Path) -> None:
    world = WORLDS["small"](1, 0)
    stop = asyncio.Event()
    stop.set()
    async with open_workshop(tmp_path) as workshop:
        source = WorldSource(world)
        report = await workshop.export(source, str(chat_called(world, "Harbour News").marked), stop=stop)
    assert source.asked == []
    assert report.exit_code == 130
    assert [each.is_interrupted for each in report.chats] == [True]
