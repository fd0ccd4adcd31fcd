"""`tobs export` with a range of dates or ids: what is asked for is what arrives, in few requests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon import functions

from e2e.changes import Answer, chat_called, listed_names, say, serving_instead
from e2e.stage import Stage, open_stage, query, read_tree
from seeds import often
from tobs._util.clock import ManualClock
from tobs.app import verifying
from tobs.core.ids import is_channel
from tobs.core.report import ChatReport
from tobs.core.request import VerifyRequest
from tobs.core.span import Span, parse_span
from tobs.simulator.faults import FaultScript
from tobs.simulator.presets import PRESETS
from tobs.simulator.world import BENCH_CHAT, WORLDS

HISTORY = "messages.getHistory"
BULK = "Bench bulk"


def stored(stage: Stage, output: Path, chat: int) -> list[int]:
    key = 0 if is_channel(chat) else stage.world.owner
    sql = "SELECT id FROM messages WHERE account = ? AND chat_id = ? ORDER BY id"
    return [each for (each,) in query(output, sql, key, chat)]


def between(stage: Stage, chat: int, start: str, end: str) -> list[int]:
    """Return the ids of the messages from one moment up to and without another."""
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return [each for each in stage.world.ids(chat) if first <= stage.world.message(chat, each).date < last]


async def export_part(stage: Stage, output: Path, chat: int | str, **said: Any) -> ChatReport:
    report = await stage.export(str(chat), output=output, span=parse_span(**said))
    assert (report.exit_code, report.error) == (0, ""), report
    return report.chats[-1]


@contextmanager
def counting(stage: Stage, most: int) -> Iterator[None]:
    before = stage.simulator.counts[HISTORY]
    yield
    assert stage.simulator.counts[HISTORY] - before <= most


async def test_a_month_of_every_chat_is_exactly_its_messages(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 2_500), tmp_path) as stage:
        names = listed_names(stage.world)
        span = parse_span(since="2026-01-06", until="2026-03")
        report = await stage.export(*names, output=tmp_path / "out", span=span)
        assert report.exit_code == 0
        for chat in map(int, names):
            found = between(stage, chat, "2026-01-06T00:00+01:00", "2026-04-01T00:00+02:00")
            assert stored(stage, tmp_path / "out", chat) == found, chat
        asked = {each.id: each.asked for each in report.chats}
        assert any(asked.values())
        assert {chat for chat, each in asked.items() if each} == {
            chat for chat in asked if stored(stage, tmp_path / "out", chat)
        }


async def test_a_day_of_a_long_chat_takes_a_handful_of_requests(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 20_000), tmp_path) as stage:
        chat = chat_called(stage.world, BULK).marked
        with counting(stage, most=6):
            report = await export_part(stage, tmp_path / "out", chat, since="2024-06-01", until="2024-06-02")
        found = between(stage, chat, "2024-06-01T00:00+02:00", "2024-06-03T00:00+02:00")
        assert stored(stage, tmp_path / "out", chat) == found
        assert report.asked is not None
        assert (report.asked.low, report.asked.since, report.asked.until) == (
            found[0], "2024-06-01", "2024-06-02",
        )  # fmt: skip
        assert report.tally.stored + report.tally.empty == report.asked.high - report.asked.low + 1
        with counting(stage, most=3):
            again = await export_part(stage, tmp_path / "out", chat, since="2024-06-01", until="2024-06-02")
        assert (again.pages, again.tally) == (0, report.tally)


async def test_the_newest_messages_are_counted_over_all_holes(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 2_500), tmp_path) as stage:
        for number in (1, 99, 100, 101, 777):
            for name in listed_names(stage.world):
                output = tmp_path / str(number)
                await export_part(stage, output, name, last=number)
                assert stored(stage, output, int(name)) == list(stage.world.ids(int(name)))[-number:], name


async def test_the_newest_messages_after_an_older_part_leave_the_gap_unasked(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 2_000), tmp_path) as stage:
        chat, output = chat_called(stage.world, BULK).marked, tmp_path / "out"
        ids = list(stage.world.ids(chat))
        await export_part(stage, output, chat, low=100, high=300)
        with counting(stage, most=5):
            report = await export_part(stage, output, chat, last=250)
        wanted = [each for each in ids if 100 <= each <= 300] + ids[-250:]
        assert stored(stage, output, chat) == wanted
        assert query(output, "SELECT low, high FROM asked ORDER BY low") == [(100, 300), (ids[-250], ids[-1])]
        assert (report.tally.stored, report.tally.unknown) == (len(wanted), 0)


async def test_ids_limit_private_chats_and_groups_with_their_shared_sequence(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 200), tmp_path) as stage:
        for title in ("Anna Kowalska", "Kitchen", "Mira Lindqvist"):
            chat = next(each.marked for each in stage.world.chats if each.title == title and each.top)
            ids = list(stage.world.ids(chat))
            low, high = ids[1] - 1, ids[-1] - 1
            report = await export_part(stage, tmp_path / "out", chat, low=low, high=high)
            assert stored(stage, tmp_path / "out", chat) == [each for each in ids if low <= each <= high]
            assert report.tally.stored + report.tally.empty == high - low + 1


async def test_limits_hold_together(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path) as stage:
        chat = chat_called(stage.world, BULK).marked
        await export_part(stage, tmp_path / "out", chat, since="2024", high=2_000, last=2_500)
        found = between(stage, chat, "2024-01-01T00:00+01:00", "2100-01-01T00:00+01:00")
        newest = set(list(stage.world.ids(chat))[-2_500:])
        wanted = [each for each in found if each <= 2_000 and each in newest]
        assert stored(stage, tmp_path / "out", chat) == wanted
        assert wanted


MIDNIGHTS = (
    "2027-03-27T22:59:59+00:00",  # the last second of the 27th in Berlin
    "2027-03-27T23:00:00+00:00",
    "2027-03-27T23:00:00+00:00",  # two of the same second
    "2027-03-28T00:59:59+00:00",  # before the clocks go forward
    "2027-03-28T01:00:00+00:00",
    "2027-03-28T21:59:59+00:00",  # the 28th has 23 hours
    "2027-03-28T21:59:59+00:00",
    "2027-03-28T22:00:00+00:00",
    "2027-10-30T21:59:59+00:00",
    "2027-10-30T22:00:00+00:00",
    "2027-10-31T22:59:59+00:00",  # the 31st has 25 hours
    "2027-10-31T23:00:00+00:00",
)


@pytest.mark.parametrize(
    ("since", "until", "places"),
    [
        ("2027-03-27", "2027-03-27", [0]),
        ("2027-03-28", "2027-03-28", [1, 2, 3, 4, 5, 6]),
        ("2027-03-29", "2027-03-29", [7]),
        ("2027-03-28", None, list(range(1, 12))),
        ("2027-10-30", "2027-10-30", [8]),
        ("2027-10-31", "2027-10-31", [9, 10]),
        ("2027-11-01", "2027-11", [11]),
        ("2027-05", "2027-09", []),
    ],
)
async def test_a_day_ends_at_the_midnight_of_the_folders_zone(
    tmp_path: Path, since: str, until: str | None, places: list[int]
) -> None:
    async with open_stage(WORLDS["small"](1, 100), tmp_path) as stage:
        club = chat_called(stage.world, "Rowing Club")
        sender = stage.world.owner
        dates = [int(datetime.fromisoformat(each).timestamp()) for each in MIDNIGHTS]
        numbers = [say(club, str(date), sender, date=date) for date in dates]
        with counting(stage, most=5):
            report = await export_part(stage, tmp_path / "out", club.marked, since=since, until=until)
        assert stored(stage, tmp_path / "out", club.marked) == [numbers[each] for each in places]
        assert bool(report.asked) == bool(places)


async def test_days_ago_count_from_today_in_the_folders_zone(tmp_path: Path) -> None:
    now = datetime(2026, 4, 20, 22, 30, tzinfo=UTC)  # the 21st in Berlin
    clock = ManualClock()
    clock.advance(now.timestamp() - clock.now())
    async with open_stage(WORLDS["small"](1, 100), tmp_path) as stage:
        club = chat_called(stage.world, "Rowing Club").marked
        span = parse_span(since="2m", until="1m")
        report = await stage.export(str(club), output=tmp_path / "out", span=span, clock=clock)
        found = between(stage, club, "2026-02-21T00:00+01:00", "2026-03-22T00:00+01:00")
        assert stored(stage, tmp_path / "out", club) == found
        assert report.chats[-1].asked is not None
        assert report.chats[-1].asked.since == "2026-02-21"


@pytest.mark.parametrize(
    "span",
    [
        parse_span(since="2099"),
        parse_span(since="5000"),
        parse_span(until="2001"),
        parse_span(until="1969"),
        parse_span(low=10**9),
        parse_span(until="2026-01", low=250),
    ],
)
async def test_an_empty_range_is_done_and_asks_for_nothing(tmp_path: Path, span: Span) -> None:
    async with open_stage(WORLDS["small"](1, 100), tmp_path) as stage:
        club = chat_called(stage.world, "Rowing Club").marked
        with counting(stage, most=6):  # it was a group before, which is asked too
            report = await stage.export(str(club), output=tmp_path / "out", span=span)
        assert (report.exit_code, report.chats[-1].asked, report.chats[-1].pages) == (0, None, 0)
        assert query(tmp_path / "out", "SELECT * FROM asked WHERE chat_id = ?", club) == []


async def test_what_lies_beyond_the_top_stays_open_for_later(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 100), tmp_path) as stage:
        club, output = chat_called(stage.world, "Rowing Club"), tmp_path / "out"
        top = club.top
        await export_part(stage, output, club.marked, low=top - 5, high=top + 5, until="2099")
        assert query(output, "SELECT low, high FROM covered") == [(top - 5, top)]
        later = [say(club, "later", stage.world.owner) for _ in range(8)]
        await export_part(stage, output, club.marked, low=top - 5, high=top + 5, until="2099")
        assert stored(stage, output, club.marked)[-5:] == later[:5]


async def test_an_interrupted_range_goes_on_and_a_full_run_completes_the_chat(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 4_000), tmp_path) as stage:
        chat, output, stop = chat_called(stage.world, BULK).marked, tmp_path / "out", asyncio.Event()
        ids = list(stage.world.ids(chat))
        span = parse_span(low=500, high=3_000)
        stage.answered.append(
            lambda method, _: stop.set() if stage.simulator.counts[method] > 8 and method == HISTORY else None
        )
        first = await stage.export(str(chat), output=output, span=span, stop=stop, max_requests_in_flight=2)
        assert (first.exit_code, first.chats[0].is_interrupted) == (130, True)
        assert 0 < first.chats[0].tally.stored < first.chats[0].tally.unknown
        stage.answered.pop()
        await export_part(stage, output, chat, low=500, high=3_000)
        assert stored(stage, output, chat) == [each for each in ids if 500 <= each <= 3_000]
        whole = await export_part(stage, output, chat)
        assert stored(stage, output, chat) == ids
        assert whole.asked is not None
        assert (whole.asked.low, whole.asked.high) == (1, ids[-1])
        assert (await stage.export(str(chat), output=tmp_path / "direct")).exit_code == 0
        assert read_tree(output) == read_tree(tmp_path / "direct")


async def test_a_range_is_verified_as_a_whole_and_never_shrinks_what_is_there(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 100), tmp_path) as stage:
        club, output = chat_called(stage.world, "Rowing Club").marked, tmp_path / "out"
        await export_part(stage, output, club, since="2026-02", until="2026-02")
        found = await verifying.run_verify(stage.settings, VerifyRequest(output), stage.events.append)
        assert (found.exit_code, found.is_complete) == (0, True)
        tree = read_tree(output)
        assert [path for path in tree if "2026-02" in path]
        assert not [path for path in tree if "2026-01" in path or "2026-03" in path]
        await export_part(stage, output, club)
        whole = read_tree(output)
        await export_part(stage, output, club, last=1)
        assert read_tree(output) == whole
        found = await verifying.run_verify(stage.settings, VerifyRequest(output), stage.events.append)
        assert found.exit_code == 0


async def test_a_topic_has_its_name_though_the_message_that_gave_it_was_not_asked_for(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        forum = chat_called(stage.world, "Allotment Forum").marked
        number = stage.world.add_message(
            forum, "The newest", sender=stage.world.owner, topic=topic_called(stage, forum, "Seeds & bulbs")
        )
        await export_part(stage, tmp_path / "out", forum, last=1)
        assert stored(stage, tmp_path / "out", forum) == [number]
        [note] = (tmp_path / "out").rglob("topics/*/*.md")
        assert note.stem.startswith("Allotment Forum Seeds & bulbs ")


def topic_called(stage: Stage, forum: int, title: str) -> int:
    found = stage.world.chat(forum)
    assert found is not None
    return next(number for number, each in found.topics.items() if each.title == title)


async def test_a_server_that_ignores_dates_is_found_out(tmp_path: Path) -> None:
    def ignore(_context: object, request: Any, answer: Answer) -> Any:
        request.offset_date = None
        return answer()

    async with open_stage(WORLDS["bench"](1, 20_000), tmp_path) as stage:
        chat = chat_called(stage.world, BULK).marked
        with serving_instead(functions.messages.GetHistoryRequest, ignore), counting(stage, most=40):
            await export_part(stage, tmp_path / "out", chat, since="2024-06-01", until="2024-06-02")
        found = between(stage, chat, "2024-06-01T00:00+02:00", "2024-06-03T00:00+02:00")
        assert stored(stage, tmp_path / "out", chat) == found


@pytest.mark.parametrize("seed", often(range(1, 5), 1))
@pytest.mark.parametrize("weather", ["pages", "storm"])
async def test_bad_weather_moves_no_border(tmp_path: Path, weather: str, seed: int) -> None:
    # Few requests are made, so the weather is three times as bad as elsewhere.
    faults = [replace(each, methods=(HISTORY,), chance=3 * each.chance) for each in PRESETS[weather]()]
    script = FaultScript(faults, seed=seed)
    async with open_stage(WORLDS["small"](seed, 2_500), tmp_path, faults=script) as stage:
        chat = chat_called(stage.world, BULK).marked
        ids = list(stage.world.ids(chat))
        clock = ManualClock()
        dates = parse_span(since="2024-06-01", until="2024-06-30")
        report = await stage.export(str(chat), output=tmp_path / "dates", span=dates, clock=clock)
        assert report.exit_code == 0
        found = between(stage, chat, "2024-06-01T00:00+02:00", "2024-07-01T00:00+02:00")
        asked = report.chats[-1].asked
        assert asked is not None
        assert [each for each in ids if asked.low <= each <= asked.high] == found
        assert set(found) <= set(
            stored(stage, tmp_path / "dates", chat)
        )  # a page may overlap what lies above
        last = await stage.export(str(chat), output=tmp_path / "last", span=parse_span(last=321), clock=clock)
        assert last.exit_code == 0
        assert stored(stage, tmp_path / "last", chat) == ids[-321:]
        assert script.struck


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--since", "2026-03-02", "--until", "2026-03-01"), "after --until 2026-03-01"),
        (("--since", "1d", "--until", "1w"), "which is after --until 1w"),
        (("--since", "soon"), "'soon' is no date"),
        (("--last", "0"), "--last takes a whole number from 1 to"),
        (("--from-id", "9", "--to-id", "3"), "--from-id 9 is after --to-id 3"),
    ],
)
async def test_a_range_without_sense_is_wrong_usage(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        before = stage.simulator.counts.copy()
        done = await stage.tobs("export", "me", "-o", "out", *arguments)
        assert done.code == 2
        assert words in done.err + done.out
        assert stage.simulator.counts == before


async def test_the_command_takes_every_limit(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 2_000), tmp_path) as stage:
        chat = chat_called(stage.world, BULK).marked
        done = await stage.tobs(
            "export", BENCH_CHAT, "-o", "out", "--since", "2023", "--until", "2030-01", "--last", "900",
            "--from-id", "10", "--to-id", "1800",
        )  # fmt: skip
        assert done.code == 0, done.err
        wanted = [each for each in list(stage.world.ids(chat))[-900:] if each <= 1_800]
        assert stored(stage, tmp_path / "out", chat) == wanted
        assert [each["percentage"] for each in done.events if each.get("stage") == "fetch"][-1] == 100.0
