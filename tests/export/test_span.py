"""Which part of a chat is asked for: what the options mean, and which ids that comes to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.memory import MemoryArchive, MemorySource, NoNotes, NoPool, decode_ids
from tobs._util.clock import ManualClock
from tobs.app.exporting import start_report
from tobs.core.events import Event, Progressed
from tobs.core.model import Chat
from tobs.core.ports.source import Look, RawPage
from tobs.core.ranges import Range, find_holes
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest
from tobs.core.span import EVERYTHING, Limits, Span, parse_span
from tobs.errors import UsageError
from tobs.export.engine import Engine
from tobs.export.pipeline import Bounds, Pipeline

IDS = st.sets(st.integers(1, 600), max_size=200)
BORDERS = st.none() | st.integers(0, 660)
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC).timestamp()


@st.composite
def some_limits(draw: st.DrawFn) -> Limits:
    """Any combination of limits; a message's date is its id in a MemorySource."""
    return Limits(
        start=draw(BORDERS),
        end=draw(BORDERS),
        low=draw(st.just(1) | st.integers(1, 660)),
        high=draw(st.none() | st.integers(1, 660)),
        last=draw(st.none() | st.integers(1, 250)),
    )


def expect(ids: set[int], limits: Limits) -> set[int]:
    """Return what the limits leave, by their definition."""
    newest = set(sorted(ids)[-limits.last :]) if limits.last else ids
    start = limits.start or 0
    end = 2**62 if limits.end is None else limits.end
    high = limits.high or 2**62
    return {each for each in newest if start <= each < end and limits.low <= each <= high}


async def walk(
    source: MemorySource,
    archive: MemoryArchive,
    limits: Limits,
    *,
    requests: int = 1,
    stop_after: int = 0,
    events: list[Event] | None = None,
) -> RunReport:
    """Send one chat through the engine; `stop_after` pages the run is asked to stop."""
    stop = asyncio.Event()
    clock = ManualClock()

    def watch(event: Event) -> None:
        if events is not None:
            events.append(event)
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
    engine = Engine(pipeline, cast("Any", NoNotes()), limits)
    report = start_report(clock)
    await engine.run(ExportRequest(("chat",), Path()), report, stop)
    return report


def assert_exact(archive: MemoryArchive, ids: set[int], limits: Limits) -> None:
    wanted = expect(ids, limits)
    assert set(archive.stored) == wanted
    for asked in archive.asked:
        assert find_holes(archive.covered, asked) == []
        assert asked.high <= max(ids)
        assert {each for each in ids if asked.holds(each)} <= wanted
    assert all(any(asked.holds(each) for asked in archive.asked) for each in wanted)
    assert all(find_holes(archive.asked, covered) == [] for covered in archive.covered)


@given(IDS, some_limits(), st.integers(1, 100), st.integers(1, 6))
def test_any_range_of_any_world_stores_exactly_its_messages(
    ids: set[int], limits: Limits, page_size: int, requests: int
) -> None:
    archive = MemoryArchive()
    report = asyncio.run(walk(MemorySource(ids, page_size), archive, limits, requests=requests))
    assert report.exit_code == 0
    assert_exact(archive, ids, limits)


@given(IDS, some_limits(), st.integers(1, 40), st.integers(1, 4))
def test_a_range_that_was_stopped_is_completed_by_the_same_command(
    ids: set[int], limits: Limits, page_size: int, pages: int
) -> None:
    archive = MemoryArchive()
    asyncio.run(walk(MemorySource(ids, page_size), archive, limits, stop_after=pages))
    asyncio.run(walk(MemorySource(ids, page_size), archive, limits))
    assert_exact(archive, ids, limits)


@given(IDS, some_limits(), st.integers(1, 100))
def test_a_full_run_after_a_range_has_everything(ids: set[int], limits: Limits, page_size: int) -> None:
    archive = MemoryArchive()
    asyncio.run(walk(MemorySource(ids, page_size), archive, limits))
    asyncio.run(walk(MemorySource(ids, page_size), archive, EVERYTHING))
    assert set(archive.stored) == ids
    assert archive.asked == archive.covered == ([Range(1, max(ids))] if ids else [])


@given(IDS, some_limits())
def test_the_same_range_again_fetches_no_page(ids: set[int], limits: Limits) -> None:
    limits = replace(limits, low=2) if limits.is_open else limits
    archive = MemoryArchive()
    asyncio.run(walk(MemorySource(ids), archive, limits))
    again = MemorySource(ids)
    asyncio.run(walk(again, archive, limits))
    assert again.served == []
    assert len(again.looked) <= 6


@given(IDS, some_limits())
def test_progress_ends_at_all_of_the_range(ids: set[int], limits: Limits) -> None:
    events: list[Event] = []
    asyncio.run(walk(MemorySource(ids), MemoryArchive(), limits, events=events))
    shares = [each.percentage for each in events if isinstance(each, Progressed)]
    assert shares == sorted(shares)
    assert not shares or shares[-1] == 100.0


@dataclass
class Unwilling(MemorySource):
    """A server that ignores dates and jumps: it always begins at the top."""

    async def look(self, chat: Chat, look: Look) -> RawPage:
        return await super().look(chat, replace(look, before=0, skip=0))


@dataclass
class Stingy(MemorySource):
    """A server that gives one message where several were asked for."""

    async def look(self, chat: Chat, look: Look) -> RawPage:
        return await super().look(chat, replace(look, limit=1))


@pytest.mark.parametrize("kind", [Unwilling, Stingy])
@given(ids=IDS, limits=some_limits())
def test_a_server_that_ignores_dates_is_asked_by_halving(
    kind: type[MemorySource], ids: set[int], limits: Limits
) -> None:
    limits = replace(limits, last=None)
    source, archive = kind(ids), MemoryArchive()
    assert asyncio.run(walk(source, archive, limits)).exit_code == 0
    assert_exact(archive, ids, limits)
    assert len(source.looked) <= 1 + 2 * 16


@given(IDS, st.integers(1, 250))
def test_a_server_that_does_not_jump_is_asked_until_enough_is_there(ids: set[int], last: int) -> None:
    archive, limits = MemoryArchive(), Limits(last=last)
    assert asyncio.run(walk(Unwilling(ids), archive, limits)).exit_code == 0
    assert_exact(archive, ids, limits)


def test_a_date_in_a_million_ids_takes_two_looks() -> None:
    source = MemorySource(range(1, 1_000_001))
    limits = Limits(start=500_000, end=500_050)
    asyncio.run(walk(source, archive := MemoryArchive(), limits))
    assert set(archive.stored) == set(range(500_000, 500_050))
    assert (len(source.looked), len(source.served)) == (3, 1)


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("since", "until", "start", "end"),
    [
        ("2026-03-01", "2026-03-01", "2026-03-01T00:00+01:00", "2026-03-02T00:00+01:00"),
        ("2026-03", "2026-03", "2026-03-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("2026", "2026", "2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        ("2024-02", "2024-2", "2024-02-01T00:00+01:00", "2024-03-01T00:00+01:00"),
        ("2026-03-29", "2026-03-29", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("2025-10-26", "2025-10-26", "2025-10-26T00:00+02:00", "2025-10-27T00:00+01:00"),
        ("0d", "0d", "2026-03-31T00:00+02:00", "2026-04-01T00:00+02:00"),
        ("7d", "1d", "2026-03-24T00:00+01:00", "2026-03-31T00:00+02:00"),
        ("3w", "0w", "2026-03-10T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("1m", "0m", "2026-02-28T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("3m", "2m", "2025-12-31T00:00+01:00", "2026-02-01T00:00+01:00"),
        ("2y", "1y", "2024-03-31T00:00+01:00", "2025-04-01T00:00+02:00"),
    ],
)
def test_dates_are_whole_local_days(since: str, until: str, start: str, end: str) -> None:
    limits = parse_span(since=since, until=until).locate("Europe/Berlin", NOON)
    assert (limits.start, limits.end) == (seconds(start), seconds(end))


def test_a_skipped_midnight_begins_when_the_clock_was_turned() -> None:
    limits = parse_span(since="2018-11-04", until="2018-11-04").locate("America/Sao_Paulo", NOON)
    assert limits.start == seconds("2018-11-04T01:00-02:00")
    assert limits.end == seconds("2018-11-05T00:00-02:00")


def test_a_midnight_shown_twice_begins_the_first_time() -> None:
    limits = parse_span(since="2025-11-02").locate("America/Havana", NOON)
    assert limits.start == seconds("2025-11-02T00:00-04:00")


def test_today_is_the_day_in_the_zone_of_the_folder() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC).timestamp()
    span = parse_span(since="0d")
    assert span.locate("UTC", late).since == "2026-03-01"
    assert span.locate("Pacific/Auckland", late).since == "2026-03-02"


@pytest.mark.parametrize("text", ["9999", "99999d", "99999y", "0001"])
def test_dates_at_the_ends_of_the_calendar_are_taken(text: str) -> None:
    limits = parse_span(since=text, until="9999").locate("Asia/Tokyo", NOON)
    assert limits.start is not None
    assert limits.end is None


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"since": "yesterday"}, "--since 'yesterday' is no date"),
        ({"since": "2026-13"}, "--since '2026-13' is no date"),
        ({"until": "2026-02-30"}, "--until '2026-02-30' is no date"),
        ({"until": "7"}, "--until '7' is no date"),
        ({"since": ""}, "--since '' is no date"),
        ({"since": "-7d"}, "--since '-7d' is no date"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "is after --until 2026-03-01"),
        ({"since": "2026", "until": "2025"}, "--since 2026 is 2026-01-01, which is after"),
        ({"low": 9, "high": 8}, "--from-id 9 is after --to-id 8"),
    ],
)
def test_nonsense_is_refused_with_an_example(given_: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        parse_span(**given_)
    assert "`--" in caught.value.hint


def test_days_ago_that_are_turned_round_are_refused() -> None:
    span = parse_span(since="3d", until="7d")
    with pytest.raises(UsageError, match="--since 3d is 2026-03-28, which is after --until 7d"):
        span.locate("Europe/Berlin", NOON)


def test_no_option_is_no_limit() -> None:
    assert parse_span() == Span()
    assert Span().locate("UTC", NOON).is_open
    assert not parse_span(low=2).locate("UTC", NOON).is_open
