"""`tobs export --dry-run`: what an export would take, compared with what it takes, in a handful of requests."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from telethon import functions
from telethon.tl import types

from e2e.changes import Answer, chat_called, listed_names, never_migrated, refusing, serving_instead
from e2e.stage import Stage, open_stage, query
from e2e.terminal import in_terminal
from tobs.app import forecasting
from tobs.cli.forecast import print_forecast, say_about
from tobs.core.events import Progressed
from tobs.core.filters import parse_filter
from tobs.core.forecast import Forecast
from tobs.core.request import ExportRequest, Selection, read_refresh
from tobs.core.span import parse_span
from tobs.simulator.dispatch import Context, RpcError
from tobs.simulator.world import BENCH_CHAT, WORLDS

COUNTERS = functions.messages.GetSearchCountersRequest
MOST_REQUESTS = 10


async def forecast(stage: Stage, output: Path, *chats: str, **changed: Any) -> Forecast:
    request = ExportRequest(chats, output, **changed)
    return await forecasting.run_forecast(stage.settings, request, stage.events.append, asyncio.Event())


def wanted_files(output: Path, chat: int) -> Counter[str]:
    """Return how many messages want a file of each kind, as an export found them."""
    sql = "SELECT media_kind, count(DISTINCT message_id) FROM wants WHERE chat_id = ? GROUP BY media_kind"
    return Counter(dict(query(output, sql, chat)))


def wanted_bytes(output: Path, chat: int, kind: str) -> int:
    sql = (
        "SELECT coalesce(sum(size_bytes), 0) FROM wants JOIN files ON kind = file_kind AND id = file_id"
        " WHERE chat_id = ? AND media_kind = ?"
    )
    return int(query(output, sql, chat, kind)[0][0])


def list_disk(folder: Path) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


async def test_a_large_chat_is_forecast_from_counts_and_samples(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 12_000), tmp_path) as stage:
        bulk = chat_called(stage.world, "Bench bulk")
        output = tmp_path / "out"
        found = await forecast(stage, output, BENCH_CHAT)
        assert not output.exists()
        [chat] = found.chats
        assert (found.exit_code, chat.messages, chat.stored, chat.to_fetch) == (0, 12_000, 0, 12_000)
        assert (chat.seconds, chat.seconds_takeout) == (120, 12)
        report = await stage.export(BENCH_CHAT, output=output)
        assert 0 <= report.requests["messages.getHistory"] - chat.requests < 5
        size = sum(each.stat().st_size for each in output.rglob("*") if each.is_file())
        assert size / 1.3 < chat.disk_bytes < size * 1.3
        files = wanted_files(output, bulk.marked)
        for kind in chat.kinds:
            if kind.is_counted:
                assert kind.files == files.pop(kind.kind)
                assert (
                    abs(kind.size_bytes - wanted_bytes(output, bulk.marked, kind.kind)) <= kind.margin_bytes
                )
                assert kind.sampled == min(100, kind.files)
        assert sum(each.margin_bytes > 0 for each in chat.kinds) > 3
        assert set(files) <= {"sticker"}
        assert chat.media_bytes == sum(each.size_bytes for each in chat.kinds)


@pytest.mark.parametrize("world", ["demo", "everything", "small", "tree"])
async def test_counts_are_those_of_the_world_in_at_most_ten_requests_a_chat(
    tmp_path: Path, world: str
) -> None:
    async with open_stage(never_migrated(WORLDS[world](1, 700)), tmp_path) as stage:
        names = listed_names(stage.world)
        await forecast(stage, tmp_path / "out", "me", *names)  # the list of chats is read, and remembered
        asked = stage.simulator.counts["messages.getDialogs"]
        by_chat: dict[int, Forecast] = {}
        for name in names:
            before = stage.simulator.total_answers
            opening = Counter(stage.simulator.counts)
            by_chat[int(name)] = await forecast(stage, tmp_path / "out", name)
            made = Counter(stage.simulator.counts) - opening
            assert sum(made.values()) - made["help.getConfig"] <= MOST_REQUESTS, made
            assert stage.simulator.total_answers > before
        assert stage.simulator.counts["messages.getDialogs"] == asked
        assert not (tmp_path / "out").exists()
        await stage.export(*names, output=tmp_path / "out")
        for number, found in by_chat.items():
            [chat] = found.chats
            assert chat.messages == stage.world.count(number)
            counted = {each.kind: each.files for each in chat.kinds if each.is_counted}
            files = wanted_files(tmp_path / "out", number)
            if chat.messages > 100:
                del files["sticker"]
            assert counted == files, chat.title
            for kind in chat.kinds:
                if not kind.margin_bytes and kind.is_counted:
                    assert kind.size_bytes == wanted_bytes(tmp_path / "out", number, kind.kind), chat.title


async def test_what_is_stored_is_not_fetched_again_and_nothing_is_touched(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path) as stage:
        output = tmp_path / "out"
        await stage.export(BENCH_CHAT, output=output, span=parse_span(last=1_000))
        await stage.run(ExportRequest((BENCH_CHAT,), output, filter=parse_filter((), ["photo"])))
        before = list_disk(output)
        found = await forecast(stage, output, BENCH_CHAT)
        assert list_disk(output) == before
        assert (found.chats[0].stored, found.chats[0].to_fetch) == (1_000, 2_000)
        assert found.chats[0].requests == 1 + 20 + 10
        nothing = await forecast(stage, output, BENCH_CHAT, refresh=read_refresh("0"))
        assert nothing.chats[0].requests == 1 + 20
        await stage.export(BENCH_CHAT, output=output)
        done = await forecast(stage, output, BENCH_CHAT)
        assert (done.chats[0].to_fetch, done.disk_bytes, done.seconds) == (0, 0, 10)


async def test_the_media_of_a_protected_chat_are_withheld(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 0), tmp_path) as stage:
        found = await forecast(stage, tmp_path / "out", "Protected")
        [chat] = found.chats
        assert (chat.is_withheld, chat.media_bytes, found.media_bytes) == (True, 0, 0)
        assert [(each.kind, each.files) for each in chat.kinds] == [("photo", 1)]


async def test_chats_that_are_not_there_end_as_the_export_would(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        some = await forecast(stage, tmp_path / "out", "me", "@nobody_at_all")
        assert some.exit_code == 3
        assert [(each.title, each.exit_code) for each in some.chats] == [
            ("Saved Messages", 0),
            ("@nobody_at_all", 4),
        ]
        none = await forecast(stage, tmp_path / "out", "@nobody_at_all")
        assert none.exit_code == 4
        selection = Selection(types=("bot",), excluded=("@poll_helper_bot", "@weather_demo_bot"))
        empty = await forecast(stage, tmp_path / "out", selection=selection)
        assert (empty.exit_code, empty.chats) == (4, [])
        assert not (tmp_path / "out").exists()


async def test_a_server_that_does_not_count_or_search_costs_a_note(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 600), tmp_path) as stage:
        for error in ("PEER_ID_INVALID", "CHAT_ADMIN_REQUIRED", "INPUT_FILTER_INVALID"):
            # What sounds like a wrong address is asked once more with a new one.
            with refusing(COUNTERS, RpcError(400, error), RpcError(400, error)):
                [chat] = (await forecast(stage, tmp_path / "out", BENCH_CHAT)).chats
            assert (chat.messages, chat.kinds, chat.error) == (600, [], "")
            assert chat.notes[0].startswith("Files are not counted:")

        def refuse(_context: Context, request: Any, answer: Answer) -> Any:
            if isinstance(request.filter, types.InputMessagesFilterPhotos):
                raise RpcError(400, "INPUT_FILTER_INVALID")
            return answer()

        with serving_instead(functions.messages.SearchRequest, refuse):
            [chat] = (await forecast(stage, tmp_path / "out", BENCH_CHAT)).chats
        [note] = chat.notes
        assert note.startswith("The size of photo files is not known:")
        [photos] = [each for each in chat.kinds if each.kind == "photo"]
        assert (photos.files > 0, photos.sampled, photos.size_bytes) == (True, 0, 0)


async def test_inexact_counts_are_told(tmp_path: Path) -> None:
    def blur(_context: Context, _request: Any, answer: Answer) -> Any:
        counters = answer()
        for each in counters:
            each.inexact = True
        return counters

    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        with serving_instead(COUNTERS, blur):
            [chat] = (await forecast(stage, tmp_path / "out", BENCH_CHAT)).chats
        assert chat.notes == ["Telegram says that its counts of files may be off."]


async def test_a_script_gets_one_document_or_one_event(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 300), tmp_path) as stage:
        output = str(tmp_path / "out")
        ended = await stage.tobs("export", "me", "--dry-run", "--json", "--last", "5", "-o", output)
        document = json.loads(ended.out)
        assert ended.code == 0
        assert [each["title"] for each in document["chats"]] == ["Saved Messages"]
        assert document["notes"][0].startswith("Dates, ids, --last")
        piped = await stage.tobs("export", "me", "--dry-run", "-o", output)
        assert [each["type"] for each in piped.events] == ["progress", "progress", "forecast"]
        event = piped.events[-1]["forecast"]
        assert {**event, "notes": [], "free_bytes": 0} == {**document, "notes": [], "free_bytes": 0}
        wrong = await stage.tobs("export", "me", "--json", "-o", output)
        assert (wrong.code, "--json goes with --dry-run" in wrong.err) == (2, True)
        (tmp_path / "file").touch()
        blocked = await stage.tobs("export", "me", "--dry-run", "--json", "-o", str(tmp_path / "file"))
        assert (blocked.code, blocked.out) == (2, "")
        assert not (tmp_path / "out").exists()


async def test_the_halves_of_a_migrated_chat_are_told_apart_and_each_moves_its_own_line(
    tmp_path: Path,
) -> None:
    async with open_stage(WORLDS["tree"](1, 0), tmp_path) as stage:
        found = await forecast(stage, tmp_path / "out", "@choir_demo", "@paper_demo")
        titles = ["Choir (before it became a supergroup)", "Choir", "Paper"]
        assert [each.title for each in found.chats] == titles
        moved = [each for each in stage.events if isinstance(each, Progressed)]
        assert [(each.entity_name, each.messages_processed, each.percentage) for each in moved] == [
            told
            for each in found.chats
            for told in ((each.title, 0, 0.0), (each.title, each.messages, 100.0))
        ]


async def test_comments_are_said_not_to_be_counted_also_where_the_folder_keeps_them(tmp_path: Path) -> None:
    async with open_stage(WORLDS["tree"](1, 0), tmp_path) as stage:
        output = tmp_path / "out"
        note = "The comments of channels are not counted: name their groups to have them forecast."
        assert note not in (await forecast(stage, output, "@paper_demo")).notes
        await stage.export("@paper_demo", output=output, comments=True)
        assert note in (await forecast(stage, output, "@paper_demo")).notes


async def test_a_terminal_gets_tables_and_sentences(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 1_200), tmp_path) as stage:
        arguments = ("export", BENCH_CHAT, "Protected", "@nobody_at_all", "--dry-run", "--only", "photo")
        async with in_terminal(stage, *arguments, "-o", "out") as terminal:
            code = await terminal.end()
        lines = [line.split() for line in terminal.shown.splitlines()]
        text = " ".join(terminal.shown.split())
        assert code == 3
        assert any(
            line[:2] == ["Bench", "bulk"] and line[2:6] == ["1,200", "0", "1,200", "13"] for line in lines
        )
        photos = next(line for line in lines if line[:3] == ["Bench", "bulk", "photo"])
        assert photos[-3:] == ["the", "newest", "100"]
        assert "±" in photos
        assert "Protected photo 1 withheld the chat is protected" in text
        assert "To fetch: 1,201 messages by 15 requests, about 13 s; under takeout about 3 s" in text
        assert "free for out." in text
        assert "--from, --only, topics and posts are not taken into account" in text
        assert "@nobody_at_all: Nobody on Telegram is called @nobody_at_all." in text
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "1 h"), (7_500, "2 h 5 min"), (3_600_000, "1,000 h")],
)
def test_times_are_said_in_their_largest_units(seconds: int, said: str) -> None:
    assert say_about(seconds) == said


@pytest.mark.parametrize(
    ("free", "said"),
    [(99, "That is more than is free."), (149, "With all media that would be more than is free."), (150, "")],
)
def test_too_little_room_is_said(free: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_forecast(Forecast(1, "0", "out", free, disk_bytes=100, media_bytes=50))
    shown = capsys.readouterr().out
    assert said in shown
    assert ("more than is free" in shown) == bool(said)
